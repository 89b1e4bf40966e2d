// Equal texts, and what equal JSON says, held once: ten thousand agents that say the same of themselves cost little more than one.
const MAX_TEXTS = 4096;
const MAX_CHARS = 4096;

export interface Shared {
  /** The text, as it was first given. */
  text(given: string): string;
  /** What the JSON says. Many hold it: nobody may change it. */
  json(given: string): unknown;
}

/** Forgets all it knows when it knows 4,096 texts: what is in use stays, and is no longer shared with what comes. Texts above 4,096 characters are not shared. */
export function openShared(): Shared {
  const known = new Map<string, { text: string; value?: unknown }>();
  const find = (given: string): { text: string; value?: unknown } => {
    const before = known.get(given);
    if (before) return before;
    const entry = { text: given };
    if (given.length > MAX_CHARS) return entry;
    if (known.size >= MAX_TEXTS) known.clear();
    known.set(given, entry);
    return entry;
  };
  return {
    text: (given) => find(given).text,
    json: (given) => {
      const entry = find(given);
      entry.value ??= JSON.parse(entry.text);
      return entry.value;
    },
  };
}
