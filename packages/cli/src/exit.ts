// What the exit code of every command means, and how an error is told to a person or a program.
import { Refusal, toProblem } from "@baton/contract";
import { Unreachable } from "@baton/client";
import { CommanderError } from "commander";
import { plain } from "./print/text.ts";
import type { Terminal } from "./terminal.ts";

/** `bug` is a fault of Baton's own; `interrupted` is what shells use for Ctrl-C. */
export const EXIT = { done: 0, failed: 1, badUsage: 2, refused: 3, unreachable: 4, bug: 70, interrupted: 130 } as const;

/** The command was called in a way it cannot serve. The message says what would have been right. */
export class BadUsage extends Error {}
/** A person pressed Ctrl-C; `hint` says how to go on. */
export class Interrupted extends Error {}

/** Tells the error where it is looked for (a JSON document on stdout, or words on stderr) and answers with the exit code. */
export function tellError(error: unknown, terminal: Terminal, json: boolean): number {
  if (error instanceof CommanderError) return tellCommander(error, terminal, json);
  const exitCode = exitCodeOf(error);
  if (json) terminal.out.write(`${JSON.stringify(toDocument(error))}\n`);
  else terminal.err.write(`${inWords(error, terminal)}\n`);
  return exitCode;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof BadUsage) return EXIT.badUsage;
  if (error instanceof Refusal) return EXIT.refused;
  if (error instanceof Unreachable) return EXIT.unreachable;
  return error instanceof Interrupted ? EXIT.interrupted : EXIT.bug;
}

/** Commander has told a person already; help and version are not errors. */
function tellCommander(error: CommanderError, terminal: Terminal, json: boolean): number {
  if (error.exitCode === 0) return EXIT.done;
  if (json) terminal.out.write(`${JSON.stringify({ code: "bad_usage", detail: error.message })}\n`);
  return EXIT.badUsage;
}

function toDocument(error: unknown): unknown {
  if (error instanceof Refusal) return toProblem(error);
  const detail = error instanceof Error ? error.message : String(error);
  const code = error instanceof BadUsage ? "bad_usage" : error instanceof Unreachable ? "unreachable" : error instanceof Interrupted ? "interrupted" : "bug";
  return { code, detail };
}

function inWords(error: unknown, { err, paint }: Terminal): string {
  if (error instanceof Interrupted) return paint(err).dim(error.message);
  if (error instanceof BadUsage) return `${paint(err).red("error:")} ${error.message}`;
  if (error instanceof Refusal) return [`${paint(err).red("refused:")} ${plain(error.message)}`, ...hintLines(error)].join("\n");
  if (error instanceof Unreachable)
    return `${paint(err).red("unreachable:")} ${error.message}\nIs the server running? Start it with \`baton up\`, or say where it is with --url.`;
  return `${paint(err).red("This is a bug in Baton:")} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

function hintLines(error: Refusal): string[] {
  if (error.code === "unauthorized") return ["Say the key in BATON_API_KEY, or with --api-key."];
  return issueLines(error);
}

/** One that says no more than the message is not repeated. */
function issueLines({ message: whole, issues = [] }: Refusal): string[] {
  return issues
    .filter(({ path, message }) => whole !== `${path}: ${message}.`)
    .map(({ path, message, allowed }) => plain(`  ${path}: ${message}${allowed === undefined ? "" : ` (allowed: ${allowed.join(", ")})`}`));
}
