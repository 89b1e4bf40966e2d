// What a terminal emulator says was typed -> what the API types into an agent's terminal. Pure.
import type { RouteInput } from "@baton/contract";

export type TerminalInput = RouteInput<"typeInTerminal", "body">;
type Key = NonNullable<TerminalInput["keys"]>[number];

/** Longest first, so that an arrow is not an Escape and two letters. */
const keys: readonly (readonly [string, Key])[] = [
  ["\u001b[A", "Up"],
  ["\u001b[B", "Down"],
  ["\u001b[C", "Right"],
  ["\u001b[D", "Left"],
  ["\u001bOA", "Up"],
  ["\u001bOB", "Down"],
  ["\u001bOC", "Right"],
  ["\u001bOD", "Left"],
  ["\u001b", "Escape"],
  ["\r", "Enter"],
  ["\n", "Enter"],
  ["\t", "Tab"],
  ["\u007f", "BSpace"],
  ["\u0003", "C-c"],
  ["\u0004", "C-d"],
];
const MOST_KEYS = 50;

/** Each is a text and the keys after it, in the order they were pressed. Control characters without a name are left out. */
export function toTerminalInputs(typed: string): TerminalInput[] {
  const inputs: { text: string; keys: Key[] }[] = [];
  for (let at = 0; at < typed.length; ) {
    const found = keys.find(([sequence]) => typed.startsWith(sequence, at));
    const last = inputs.at(-1);
    if (found !== undefined) {
      if (last === undefined || last.keys.length >= MOST_KEYS) inputs.push({ text: "", keys: [found[1]] });
      else last.keys.push(found[1]);
      at += found[0].length;
      continue;
    }
    const letter = String.fromCodePoint(typed.codePointAt(at) ?? 0);
    at += letter.length;
    if (/\p{Cc}/u.test(letter)) continue;
    if (last === undefined || last.keys.length > 0) inputs.push({ text: letter, keys: [] });
    else last.text += letter;
  }
  return inputs.map(({ text, keys: pressed }) => ({ ...(text === "" ? {} : { text }), ...(pressed.length === 0 ? {} : { keys: pressed }) }));
}
