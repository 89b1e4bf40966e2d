// How commands are added to the program: their options typed once, their exit code kept, Ctrl-C made a signal.
import { type Command, InvalidArgumentError } from "commander";
import { type Cli, type GlobalOptions, openCli } from "../cli.ts";
import { EXIT } from "../exit.ts";
import type { Terminal } from "../terminal.ts";

/** A command's work; what it answers is the exit code, 0 if nothing. */
export type Work<Options> = (cli: Cli, options: Options, ...args: string[]) => Promise<number | undefined>;
export type Act = <Options extends object>(work: Work<Options>) => (...given: unknown[]) => Promise<void>;

/** `ended` gets the exit code of the command that ran. */
export function openAct(terminal: Terminal, signal: AbortSignal, ended: (exitCode: number) => void): Act {
  return <Options extends object>(work: Work<Options>) =>
    async (...given: unknown[]) => {
      // Commander hands over the arguments, the options, and the command they belong to.
      const command = given.at(-1) as Command;
      const options = command.optsWithGlobals<Options & GlobalOptions>();
      // One that may be given several times comes as a list.
      const args = given.slice(0, -2).flat() as string[];
      ended((await work(openCli(options, terminal, signal), options, ...args)) ?? EXIT.done);
    };
}

/** `a,b` and repeated options -> ["a", "b"]. */
export const toList = (value: string, before: string[] = []): string[] =>
  [...before, ...value.split(",").map((part) => part.trim())].filter((part) => part !== "");

/** A repeated option whose values may hold commas. */
export const repeated = (value: string, before: string[] = []): string[] => [...before, value];

export const toWholeNumber = (value: string): number => {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(value);
};
