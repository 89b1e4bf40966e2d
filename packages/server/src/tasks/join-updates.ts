// Pieces of what an agent says, put together before they are stored: texts that follow each other become one, of a tool call and of
// what was used only the newest word is kept. Pure.
import type { Update } from "@baton/contract";

const MAX_TEXT = 64_000;
type Spoken = Extract<Update, { kind: "text" | "thought" | "terminal" }>;
const isSpoken = (update: Update): update is Spoken => update.kind === "text" || update.kind === "thought" || update.kind === "terminal";

/** Adds `next` to what has gathered; the order of what is told stays. */
export function joinUpdate(gathered: Update[], next: Update): void {
  const last = gathered.at(-1);
  if (last && isSpoken(next) && isSpoken(last) && last.kind === next.kind && last.text.length + next.text.length <= MAX_TEXT) {
    gathered[gathered.length - 1] = { ...last, text: last.text + next.text };
    return;
  }
  if (next.kind === "tool") {
    const at = gathered.findIndex((one) => one.kind === "tool" && one.callId === next.callId);
    if (at >= 0) {
      gathered[at] = { ...(gathered[at] as typeof next), ...definedOf(next) };
      return;
    }
  }
  if (next.kind === "usage" || next.kind === "plan") {
    const at = gathered.findIndex((one) => one.kind === next.kind);
    if (at >= 0) gathered.splice(at, 1);
  }
  gathered.push(next);
}
const definedOf = <T extends object>(value: T): T => Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
