// Chance from a seed: the same seed throws the same dice. Every actor of a run has dice of its own, so that what one of them
// does does not shift what the others throw.

export interface Dice {
  /** 0 ≤ x < 1 */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  pick<Item>(items: readonly Item[]): Item;
  chance(share: number): boolean;
  /** Dice of an actor, which depend only on the seed and its name. */
  of(actor: string): Dice;
}

export function openDice(seed: number): Dice {
  let state = seed >>> 0;
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    pick: <Item>(items: readonly Item[]) => items[Math.floor(next() * items.length)] as Item,
    chance: (share) => next() < share,
    of: (actor) => openDice(hash(`${seed} ${actor}`)),
  };
}

/** FNV-1a */
function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (const character of text) sum = Math.imul(sum ^ (character.codePointAt(0) as number), 0x01000193);
  return sum >>> 0;
}

/** BATON_CHAOS_SEED repeats a run. */
export const seedOfRun = (): number => {
  const given = process.env["BATON_CHAOS_SEED"];
  return given === undefined ? Date.now() % 2 ** 31 : Number(given);
};
