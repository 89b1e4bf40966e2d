// `baton version`: of this command and the Node it runs on.
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { show } from "../cli.ts";
import type { Act } from "./command.ts";

interface Manifest {
  version: string;
  engines?: { node?: string };
}
export const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as Manifest;

export function addVersionCommand(program: Command, act: Act): void {
  program
    .command("version")
    .summary("of this command")
    .description("The version of this command and of Node.")
    .action(
      act(async (cli) => {
        show(cli, { version: manifest.version, node: process.versions.node }, () => `baton ${manifest.version}  (node ${process.versions.node})`);
        return undefined;
      }),
    );
}
