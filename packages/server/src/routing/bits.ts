// A set of small whole numbers as bits.
export const hasBit = (set: Uint32Array, slot: number): boolean => (((set[slot >>> 5] as number) >>> (slot & 31)) & 1) === 1;
export function setBit(set: Uint32Array, slot: number, on: boolean): void {
  const word = slot >>> 5;
  set[word] = on ? (set[word] as number) | (1 << (slot & 31)) : (set[word] as number) & ~(1 << (slot & 31));
}
/** The same numbers with room for more. */
export function widen<A extends Uint32Array | Int32Array | Float64Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
