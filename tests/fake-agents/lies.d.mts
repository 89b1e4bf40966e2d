import type { Writable } from "node:stream";

interface Told {
  input: unknown;
  output: unknown;
  money: unknown;
}
export const lies: Record<string, Told[]>;
export function toldBy(form: string | undefined): Told[];
export function makeNoise(stream: Writable, piece: string, done: () => void): void;
