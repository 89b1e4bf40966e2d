// Grouping and counting of lists. (Map.groupBy needs a newer Node than this runs on.)

/** @template T @param {Iterable<T>} items @param {(item: T) => string} keyOf @returns {Map<string, T[]>} */
export function groupBy(items, keyOf) {
  /** @type {Map<string, T[]>} */
  const groups = new Map();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

/** How often each name occurs, most often first. @param {Iterable<string>} names */
export const tally = (names) => [...groupBy(names, (name) => name)].map(([name, all]) => ({ name, count: all.length })).sort((a, b) => b.count - a.count);

/** "1 file", "3 files". @param {number} count @param {string} one @param {string} [many] */
export const plural = (count, one, many = `${one}s`) => `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
