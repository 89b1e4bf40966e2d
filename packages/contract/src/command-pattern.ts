// Commands that a rule is about: one, whole, or those that begin with its words.
import { z } from "zod";
import { text } from "./json.ts";

/** A command as it was asked for, or whole words that it begins with. */
export const commandPattern = z.union([
  z.strictObject({ is: text(4000).min(1) }),
  z.strictObject({ startsWith: text(4000).regex(/\S/, "must contain a word") }),
]);
export type CommandPattern = z.infer<typeof commandPattern>;

/** Nothing, or what a shell reads as more words and as nothing else. */
const MORE_WORDS = /^(?: [A-Za-z0-9 _./:=@,+%-]*)?$/;
/** The last of the words is only the beginning of one. */
const GOES_ON = /^[A-Za-z0-9_./-]/;

/**
 * Where a rule allows, how a command begins counts only when mere words follow: `npm test; rm -rf ~` begins with `npm test` and is another command.
 * @param answer what the rule says; one that denies fits whatever follows.
 */
export function fitsCommands(commands: readonly CommandPattern[], command: string, answer: "allow" | "ask" | "deny"): boolean {
  return commands.some((pattern) => {
    if ("is" in pattern) return command === pattern.is;
    const words = pattern.startsWith.trimEnd();
    if (!command.startsWith(words)) return false;
    const rest = command.slice(words.length);
    return answer === "allow" ? MORE_WORDS.test(rest) : !GOES_ON.test(rest);
  });
}
/** `"npm test"`, `what begins with "npm run"`. */
export const describeCommand = (pattern: CommandPattern): string =>
  "is" in pattern ? JSON.stringify(pattern.is) : `what begins with ${JSON.stringify(pattern.startsWith.trim())}`;
