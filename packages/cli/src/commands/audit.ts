// `baton audit …`: every change and every denial; read, exported, and computed again, on the server or in what was exported.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline/promises";
import { AUDIT_CSV_HEAD, type AuditEntry, auditEntry, openAuditChain, toAuditCsv } from "@baton/contract";
import { type Command, Option } from "commander";
import { type Cli, given, show, showTable } from "../cli.ts";
import { BadUsage } from "../exit.ts";
import type { Column } from "../print/table.ts";
import { type Act, toWholeNumber } from "./command.ts";

const FORMATS = ["jsonl", "csv"] as const;
interface ListOptions {
  who?: string;
  after?: number;
}
interface ExportOptions {
  format: (typeof FORMATS)[number];
  after?: number;
}
interface VerifyOptions {
  file?: string;
}

export function addAuditCommands(program: Command, act: Act): void {
  const audit = program.command("audit").summary("list, export, verify").description("Every change and every denial.");
  audit
    .command("list")
    .description("the newest entries last")
    .option("--who <name>", "of one caller")
    .option("--after <number>", "from there on", toWholeNumber)
    .action(act<ListOptions>(listAudit));
  audit
    .command("export")
    .summary("write all of it to standard output")
    .description("Writes all of it to standard output, an entry a line, and verifies its chain meanwhile; exit code 1 if that is broken.")
    .addOption(new Option("--format <format>", "jsonl can be verified later; csv is for spreadsheets").choices(FORMATS).default("jsonl"))
    .option("--after <number>", "from there on", toWholeNumber)
    .action(act<ExportOptions>(exportAudit));
  audit
    .command("verify")
    .description("read all of it and compute its chain again")
    .option("--file <path>", "of what was exported as jsonl, without asking a server")
    .action(act<VerifyOptions>(verifyAudit));
}

async function listAudit(cli: Cli, { who, after }: ListOptions): Promise<undefined> {
  const page = await cli.client.listAudit({ query: { limit: 1000, ...given({ who, after }) }, signal: cli.signal });
  const columns: Column<AuditEntry>[] = [
    { title: "#", of: ({ seq }) => String(seq) },
    { title: "WHEN", of: ({ at }) => at },
    { title: "WHO", of: (entry) => entry.who, flexible: true },
    { title: "ROLE", of: ({ role }) => role },
    { title: "DID", of: ({ action, status }) => (status < 400 ? action : `${action}: refused (${status})`) },
    { title: "PATH", of: ({ path }) => path, flexible: true },
    { title: "CHANGED", of: changeWords, flexible: true },
  ];
  show(cli, page, () => showTable(cli, columns, page.items, "Nothing is recorded."));
}
/** `role: "user" -> "viewer"` */
const changeWords = ({ changes }: AuditEntry): string =>
  Object.entries(changes ?? {})
    .map(([field, { before, after }]) => `${field}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`)
    .join("; ");

async function exportAudit(cli: Cli, { format, after = 0 }: ExportOptions): Promise<number | undefined> {
  const write = (line: string) => cli.terminal.out.write(`${line}\n`);
  const lineOf = format === "csv" ? toAuditCsv : JSON.stringify;
  if (format === "csv") write(AUDIT_CSV_HEAD);
  const chain = openAuditChain(after === 0 ? "root" : "anywhere", sha256);
  for await (const entry of cli.client.exportAudit({ after, signal: cli.signal })) {
    write(lineOf(entry));
    chain.add(entry);
  }
  cli.terminal.err.write(`${chain.words()}\n`);
  return chain.isWhole ? undefined : 1;
}
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

async function verifyAudit(cli: Cli, { file }: VerifyOptions): Promise<number | undefined> {
  const chain = openAuditChain(file === undefined ? "root" : "anywhere", sha256);
  for await (const entry of file === undefined ? cli.client.exportAudit({ signal: cli.signal }) : entriesIn(file)) {
    chain.add(entry);
    if (!chain.isWhole) break;
  }
  show(cli, chain.document(), () => (chain.isWhole ? chain.words() : cli.paint.red(chain.words())));
  return chain.isWhole ? undefined : 1;
}
async function* entriesIn(file: string): AsyncGenerator<AuditEntry> {
  const input = createReadStream(file);
  let number = 0;
  try {
    for await (const line of createInterface({ input })) {
      number++;
      if (line !== "") yield auditEntry.parse(JSON.parse(line));
    }
  } catch (error) {
    throw new BadUsage(number === 0 ? `${file} cannot be read: ${(error as Error).message}` : `Line ${number} of ${file} is no entry of an audit log.`);
  }
}
