// Group commit: what arrives while one batch is written goes into the next. No timers: an idle system writes at once, a busy
// one writes more at a time.

export interface Inbox<Item> {
  push(item: Item): void;
  /** Takes up to `max` items whose sizes add up to `maxSize` at the most; at least one if there is one. */
  take(max: number, maxSize: number): Item[];
  readonly length: number;
}
export function openInbox<Item>(sizeOf: (item: Item) => number): Inbox<Item> {
  let items: Item[] = [];
  let head = 0;
  return {
    push: (item) => void items.push(item),
    take: (max, maxSize) => {
      const taken: Item[] = [];
      let size = 0;
      while (head < items.length && taken.length < max) {
        const item = items[head] as Item;
        size += sizeOf(item);
        if (taken.length > 0 && size > maxSize) break;
        taken.push(item);
        head++;
      }
      if (head > 1024 && head * 2 > items.length) {
        items = items.slice(head);
        head = 0;
      }
      return taken;
    },
    get length() {
      return items.length - head;
    },
  };
}
