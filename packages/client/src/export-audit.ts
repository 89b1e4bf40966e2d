// The audit log, read as it is sent, a line an entry: never more of it in memory than what just came.
import type { AuditEntry } from "@baton/contract";
import { toQueryString } from "./calls.ts";
import { type ClientSettings, exchange } from "./transport.ts";
import { Unreachable, reasonOf } from "./unreachable.ts";

export interface ExportOptions {
  /** Entries with a greater `seq`. Default 0: all. */
  after?: number | undefined;
  signal?: AbortSignal | undefined;
}
/** @throws Refusal; Unreachable also where the answer breaks off: what came until then is not all. */
export async function* exportAudit(settings: ClientSettings, { after, signal }: ExportOptions = {}): AsyncGenerator<AuditEntry, void, undefined> {
  const path = `/api/v1/audit/export${toQueryString({ after })}`;
  const left = new AbortController();
  const both = signal === undefined ? left.signal : AbortSignal.any([signal, left.signal]);
  try {
    const response = await exchange(settings, { method: "GET", path, headers: { accept: "application/jsonl" }, signal: both });
    for await (const line of readLines(response)) yield JSON.parse(line) as AuditEntry;
  } catch (error) {
    if (error instanceof TypeError) throw new Unreachable(settings.url + path, reasonOf(error), error);
    throw error;
  } finally {
    // Also when the caller stopped iterating: the connection must not outlive the loop.
    left.abort();
  }
}
async function* readLines(response: Response): AsyncGenerator<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const decoder = new TextDecoder();
  let begun = "";
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    const lines = (begun + decoder.decode(chunk.value, { stream: true })).split("\n");
    begun = lines.pop() ?? "";
    yield* lines;
  }
}
