// What a task asks for that says it in words only: capabilities of the registry whose words stand together in its description, or are its type. By rule
// and by what is there: the same words and the same agents give the same.
import type { ParsedTaskInput } from "@baton/contract";
import { toStems } from "../routing/capability-words.ts";
import type { Candidates } from "./pattern.ts";

/** People say first what they want. */
const MOST_WORDS = 300;
const MOST_FOUND = 5;
/** Words of one capability with others between them: "review the login code". */
const WIDEST_PAIR = 3;
const LONGEST_NAME = 4;
/** One short word alone says too little. */
const LEAST_LETTERS = 4;

/** Undefined: it says what it requires, its plan is given or asked for, its pattern makes something else of requirements, or nothing was found. */
export function inferRequirements(input: ParsedTaskInput, candidates: Pick<Candidates, "named">): { requirements: string[]; reason: string } | undefined {
  const { requirements, steps, plan, planning, pattern = "single" } = input;
  if (requirements.length > 0 || steps || plan !== undefined || planning !== undefined) return undefined;
  if (pattern !== "single" && pattern !== "auto") return undefined;
  const byType = input.type === "general" ? [] : candidates.named(toStems(input.type)).slice(0, 1);
  const inWords = findIn(toStems(`${input.title ?? ""}\n${input.description}`, MOST_WORDS), candidates);
  const found = [...new Set([...byType, ...inWords])].slice(0, MOST_FOUND);
  if (found.length === 0) return undefined;
  const from = byType.length === 0 ? "its words" : found.length === 1 ? "its type" : "its type and words";
  return { requirements: found, reason: `It names no requirements; by ${from} it asks for ${found.join(", ")}.` };
}
/** In the order of the text. What is within a longer one that was found is not found again. */
function findIn(stems: readonly string[], { named }: Pick<Candidates, "named">): string[] {
  const found: { at: number; key: string }[] = [];
  const covered = new Set<number>();
  const look = (places: readonly number[]): void => {
    if (places.some((place) => place >= stems.length || covered.has(place))) return;
    const words = places.map((place) => stems[place] as string);
    if (words.length === 1 && (words[0] as string).length < LEAST_LETTERS) return;
    const [key] = named(words);
    if (key === undefined) return;
    for (const place of places) covered.add(place);
    found.push({ at: places[0] as number, key });
  };
  for (let size = LONGEST_NAME; size > 0; size--)
    for (let at = 0; at < stems.length; at++) {
      look(Array.from({ length: size }, (_, n) => at + n));
      if (size === 2) for (let gap = 2; gap <= WIDEST_PAIR; gap++) look([at, at + gap]);
    }
  return found.sort((a, b) => a.at - b.at).map(({ key }) => key);
}
