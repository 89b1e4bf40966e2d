// What looks like a credential in the lines that a change adds: by the shapes that providers give their keys, and by values that are assigned to a
// name such as "password" and are too random for words. What is found is never told whole. Pure.
import type { GateOf } from "@baton/contract";
import type { AddedLine, Change } from "./change.ts";
import { count, failed, type Finding, matcher, passed } from "./findings.ts";

const SHAPES: readonly (readonly [string, RegExp])[] = [
  ["a private key", /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----/],
  ["an AWS access key", /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ["a GitHub token", /\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{40,}\b/],
  ["a GitLab token", /\bglpat-[\w-]{20,}/],
  ["a Slack token", /\bxox[abeprs]-[A-Za-z0-9-]{20,}/],
  ["a Google API key", /\bAIza[\w-]{35}\b/],
  ["a Stripe key", /\b[rs]k_live_[A-Za-z0-9]{20,}/],
  ["an OpenAI key", /\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{32,}/],
  ["an Anthropic key", /\bsk-ant-[\w-]{32,}/],
  ["an npm token", /\bnpm_[A-Za-z0-9]{36}\b/],
  ["a JSON web token", /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}/],
  ["a password in an address", /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"'`]+:(?!\$|<|\*|\{|x{3,}|password@|secret@)[^\s/@"'`]{6,}@/i],
];
const ASSIGNED = /(?:passw(?:or)?d|secret|token|api[_-]?key|access[_-]?key|credential|private[_-]?key)\w*["']?\s*(?:[:=]|=>|:=)\s*["'`]([^"'`\s]{16,})["'`]/i;
/** Bits a character: words of a language have less than 3.5, random letters and digits more than 4. */
const MIN_ENTROPY = 3.6;

export function judgeSecrets({ ignore }: GateOf<"secrets">, { added }: Change): Finding {
  const isIgnored = matcher(ignore);
  const found = added.filter(({ path }) => !isIgnored(path)).flatMap((line) => secretsIn(line));
  if (found.length > 0) return failed(`It adds what looks like ${count(found.length, "credential")}.`, found);
  return passed(`No credentials in ${count(added.length, "new line")}.`);
}
function secretsIn({ path, line, text }: AddedLine): string[] {
  const tell = (what: string, value: string): string => `${path}:${line} looks like ${what}: ${masked(value)}`;
  const shaped = SHAPES.flatMap(([what, shape]) => {
    const match = shape.exec(text);
    return match === null ? [] : [tell(what, match[0])];
  });
  if (shaped.length > 0) return shaped.slice(0, 1);
  const value = ASSIGNED.exec(text)?.[1];
  return value !== undefined && entropyOf(value) >= MIN_ENTROPY && /\d/.test(value) && /[a-z]/i.test(value) ? [tell("a secret", value)] : [];
}
/** Enough to find it again, too little to use it. */
const masked = (value: string): string => (value.startsWith("-----") ? value.slice(0, 40) : `${value.slice(0, 4)}… (${value.length} characters)`);
export function entropyOf(value: string): number {
  const counts = new Map<string, number>();
  for (const letter of value) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  return [...counts.values()].reduce((sum, n) => sum - (n / value.length) * Math.log2(n / value.length), 0);
}
