// What a command writes, as it comes: progress is passed on, output is kept up to a limit, and of stderr only the end is kept.
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { stripVTControlCharacters } from "node:util";
import { progress, type Progress } from "@baton/contract";
import { parseAgentJson, toStorableText } from "../agent-text.ts";

const STDERR_TAIL = 4_096;
const MAX_MESSAGE = 4_000;
/** Of stdout in all, progress included: so many times what is kept. */
const MOST_READ = 10;
const PROGRESS_LINE = /^\s*\{\s*"progress"\s*:/;

export interface Collected {
  /** All of stdout without the lines that were progress. */
  stdout(): string;
  /** The last 4 KB. */
  stderr(): string;
}
export interface OutputListener {
  onProgress(said: Progress): void;
  /** More than `maxBytes` of output; nothing more is kept. */
  onOverflow(): void;
}

/**
 * In `json` mode a line `{"progress": {"fraction"?, "message"?}}` on stdout is progress; in both modes each line on stderr is a message; of what comes
 * in one piece, those in its last 4 KB: a program that floods must not keep this server busy with every line.
 */
export function collectOutput(run: { stdout: Readable; stderr: Readable }, mode: "json" | "text", maxBytes: number, listener: OutputListener): Collected {
  const kept: string[] = [];
  let bytes = 0;
  let read = 0;
  let tail = "";
  const keep = (text: string): void => {
    bytes += Buffer.byteLength(text);
    if (bytes <= maxBytes) kept.push(text);
    else listener.onOverflow();
  };
  const takeLine = (line: string): void => {
    read += line.length;
    if (read > MOST_READ * maxBytes) return listener.onOverflow();
    const said = PROGRESS_LINE.test(line) ? toProgress(line) : undefined;
    if (said === undefined) keep(line);
    else listener.onProgress(said);
  };
  const takeError = (line: string): void => {
    const message = toMessage(line);
    if (message !== "") listener.onProgress({ message });
  };
  if (mode === "json") eachLine(run.stdout, maxBytes + 1, takeLine);
  else eachChunk(run.stdout, keep);
  eachChunk(run.stderr, (text) => (tail = (tail + text).slice(-STDERR_TAIL)));
  eachLine(run.stderr, STDERR_TAIL, takeError, STDERR_TAIL);
  return { stdout: () => kept.join(""), stderr: () => tail };
}

function toProgress(line: string): Progress | undefined {
  const parsed = parseAgentJson(line);
  if (!parsed.ok || typeof parsed.value !== "object" || parsed.value === null || Array.isArray(parsed.value)) return undefined;
  if (Object.keys(parsed.value).length !== 1) return undefined;
  return progress.safeParse(parsed.value["progress"]).data;
}
const toMessage = (line: string): string => toStorableText(stripVTControlCharacters(line).trim().slice(0, MAX_MESSAGE));

function eachChunk(stream: Readable, take: (text: string) => void): void {
  const decoder = new StringDecoder("utf8");
  stream.on("data", (chunk: Buffer) => take(decoder.write(chunk)));
  // Not "end": a pipe that a stray process held open is closed without one, and what came through it still counts.
  stream.on("close", () => take(decoder.end()));
  stream.on("error", ignoreBrokenPipe);
}

/** Lines with their ends. A line longer than `maxLength` is handed out in pieces, so that none is held back without end. @param last of each piece that comes, only so much is looked at */
function eachLine(stream: Readable, maxLength: number, take: (line: string) => void, last = Number.POSITIVE_INFINITY): void {
  let pending = "";
  eachChunk(stream, (came) => {
    const text = came.length > last ? came.slice(-last) : came;
    if (text !== came) pending = "";
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      take(pending + text.slice(start, end + 1));
      pending = "";
      start = end + 1;
    }
    pending += text.slice(start);
    if (pending.length >= maxLength) {
      take(pending);
      pending = "";
    }
  });
  stream.on("close", () => {
    if (pending !== "") take(pending);
  });
}

/** The pipe of a process that was killed may break; that it ended is told elsewhere. */
const ignoreBrokenPipe = (): void => undefined;
