// Lines of a stream, each held to a length: one that is longer ends the reading.
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** `end` is called once, with what follows the last line end. */
export function eachLine(stream: Readable, maxLength: number, take: (line: string) => void, tooLong: () => void, end: (rest: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let pending = "";
  let overflowed = false;
  stream.on("data", (chunk: Buffer) => {
    if (overflowed) return;
    const text = decoder.write(chunk);
    let start = 0;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", start)) {
      take(pending + text.slice(start, at));
      pending = "";
      start = at + 1;
    }
    pending += text.slice(start);
    if (pending.length <= maxLength) return;
    overflowed = true;
    pending = "";
    tooLong();
  });
  // Not "end": a pipe that a stray process held open is closed without one, and what came through it still counts.
  stream.on("close", () => end(pending + decoder.end()));
  // The pipe of a process that was killed may break; that it ended is told elsewhere.
  stream.on("error", () => undefined);
}
