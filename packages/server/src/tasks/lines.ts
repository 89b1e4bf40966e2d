// The lines that may have ready steps, as far as this server knows: a hint, the poll finds what it misses. Of each it is kept
// when it was last heard of, because what one turn found empty another may have filled meanwhile.

/** The lines as one turn sees them. */
export interface Lines {
  /** It was empty when it was looked at; forgotten unless it was heard of since the turn began to look. */
  remove(key: string): void;
  keys(): string[];
}
export function openLines() {
  const heard = new Map<string, number>();
  let count = 0;
  return {
    get size() {
      return heard.size;
    },
    keys: () => [...heard.keys()],
    add: (keys: Iterable<string>) => {
      for (const key of keys) heard.set(key, ++count);
    },
    /** For one turn, which is about to look at them. */
    read: (): Lines => {
      const now = count;
      const remove = (key: string): void => {
        if ((heard.get(key) ?? 0) <= now) heard.delete(key);
      };
      return { keys: () => [...heard.keys()], remove };
    },
  };
}
