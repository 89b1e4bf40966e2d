// What may not stand on a command line, where other users of the machine see it, is read from standard input.
import { text } from "node:stream/consumers";
import type { Cli } from "../cli.ts";

export async function readHidden(cli: Cli, what: string): Promise<string> {
  if (process.stdin.isTTY) cli.terminal.err.write(`${what} (ends with Ctrl-D): `);
  return (await text(process.stdin)).replace(/\r?\n$/, "");
}
