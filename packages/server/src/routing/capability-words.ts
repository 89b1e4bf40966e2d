// Capabilities by the words they are made of, so that a text is looked up by its words and the cost does not grow with how many capabilities there are.
import { toCapabilityKey } from "./capability.ts";

const SAYS_NOTHING = new Set(
  "a all an and any are as at be by can do for from get give i if in into is it its make me my new no not of on or our out please so some that the their them then there these this those to up us use we what with you your".split(
    " ",
  ),
);
const ENDING = /(?:isations?|ations?|ators?|ating|ates?|ated|ions?|ments?|ings?|ers?|ors?|ed|es|is|e|s)$/;
const LEAST_STEM = 3;

/** What words of one family have in common: `scan` of scanning, `analy` of analysis, analyse and analyzes. */
function stemOf(word: string): string {
  let stem = word
    .replace(/ies$/, "y")
    .replace(/iz(?=e|ing|ation)/, "is")
    .replace(/yz/, "ys");
  for (;;) {
    const shorter = stem.replace(ENDING, "");
    if (shorter === stem || shorter.length < LEAST_STEM) return stem;
    // The consonant that `scanning` and `debugger` double.
    stem = shorter.replace(/([bcdfgmnprt])\1$/, "$1");
  }
}
/** Stems of the words of a text that say something, at most `limit`, in their order. */
export const toStems = (text: string, limit = Number.POSITIVE_INFINITY): string[] => {
  const words =
    text
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{N}+#]+/gu) ?? [];
  return words
    .filter((word) => !SAYS_NOTHING.has(word))
    .slice(0, limit)
    .map(stemOf);
};
const toWordKey = (stems: readonly string[]): string => [...new Set(stems)].sort().join(" ");

export class CapabilityWords {
  readonly #byWords = new Map<string, Set<string>>();
  add(name: string): void {
    const words = toWordKey(toStems(name.replaceAll("_", " ")));
    if (words === "") return;
    this.#byWords.set(words, (this.#byWords.get(words) ?? new Set<string>()).add(toCapabilityKey(name)));
  }
  remove(key: string): void {
    const words = toWordKey(toStems(key.replaceAll("_", " ")));
    const keys = this.#byWords.get(words);
    keys?.delete(key);
    if (keys?.size === 0) this.#byWords.delete(words);
  }
  /** Keys of the capabilities that are made of just these stems, in any order. */
  find(stems: readonly string[]): string[] {
    return [...(this.#byWords.get(toWordKey(stems)) ?? [])].sort();
  }
}
