// A word for a failure: the same for two that differ only in numbers, times and places, so that nobody is told the same thing twice.
import { createHash } from "node:crypto";
import { stripVTControlCharacters } from "node:util";

export function failureSignature(output: string): string {
  const plain = stripVTControlCharacters(output)
    .toLowerCase()
    // Paths with at least one separator, also at the beginning.
    .replace(/(?:[a-z]:)?(?:[\w.@~+-]*[/\\])+[\w.@~+-]*/g, "<path>")
    .replace(/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b|\b0x[0-9a-f]+\b|\b(?=[a-f]*\d)[0-9a-f]{7,}\b/g, "#")
    .replace(/\d+(?:[.,:-]\d+)*(?:t(?=#|\d))?/g, "#")
    .replace(/#(?:t#)?z?\s?(?:ns|µs|us|ms|s|secs?|seconds?|m|mins?|minutes?|h)?\b/g, "#")
    .replace(/\s+/g, " ")
    .trim();
  return createHash("sha256").update(plain).digest("base64url").slice(0, 22);
}
