// What every command works with: the server it talks to, and how to print for a person or for a program.
import { type Client, createClient } from "@baton/client";
import { Refusal, parse } from "@baton/contract";
import type { z } from "zod";
import { BadUsage } from "./exit.ts";
import { type Column, table } from "./print/table.ts";
import { type Paint, type Terminal, widthOf } from "./terminal.ts";

export interface Cli {
  client: Client;
  url: string;
  apiKey: string | undefined;
  json: boolean;
  terminal: Terminal;
  paint: Paint;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}
export interface GlobalOptions {
  url: string;
  apiKey?: string;
  json?: boolean;
}

export function openCli({ url, apiKey, json = false }: GlobalOptions, terminal: Terminal, signal: AbortSignal): Cli {
  if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url)) throw new BadUsage(`--url must be an address such as http://127.0.0.1:8000, not "${url}".`);
  return { client: createClient({ url, apiKey }), url, apiKey, json, terminal, paint: terminal.paint(terminal.out), signal };
}

/** One JSON document for programs, `words` for people. */
export function show(cli: Cli, document: unknown, words: () => string): void {
  cli.terminal.out.write(`${cli.json ? JSON.stringify(document, null, 2) : words()}\n`);
}

export function showTable<Row>(cli: Cli, columns: readonly Column<Row>[], rows: readonly Row[], none: string): string {
  return rows.length === 0 ? cli.paint.dim(none) : table(columns, rows, { width: widthOf(cli.terminal.out), paint: cli.paint });
}

/** What the caller typed, as it was typed, once the contract has nothing against it. @throws BadUsage */
export function checked<S extends z.ZodType>(schema: S, value: unknown): z.input<S> {
  try {
    parse(schema, value, "");
    return value as z.input<S>;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const issues = error.issues ?? [];
    throw new BadUsage(
      issues
        .map(({ path, message, allowed }) => `${path.replace(/^\./, "")}: ${message}${allowed === undefined ? "" : ` (allowed: ${allowed.join(", ")})`}`)
        .join("\n       "),
    );
  }
}

/** Options that were given, without the others. */
export const given = <T extends object>(options: T): Partial<T> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
