// What is written of a terminal beside it, so that a server that is started after this one was killed can take it up: which program it
// runs, under which registration, and who watched over it. Removed when the terminal is ended in order.
import { createHash } from "node:crypto";
import { closeSync, constants, existsSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { ConnectorAgent } from "../connector.ts";

const terminalRecord = z.object({
  /** The process that leads its session. */
  group: z.number().int().positive(),
  /** Tells its registration from others; secrets stand in no record. */
  program: z.string(),
  /** The pipe that the server which watches over it holds open. */
  lifeline: z.string(),
  cwd: z.string(),
  /** Where its hooks tell what happens. */
  hooksFolder: z.string().nullable(),
  conversation: z.string().nullable(),
  hasStarted: z.boolean(),
  knowsPersona: z.boolean(),
  isPaused: z.boolean(),
  /** It was in a turn. */
  isAtWork: z.boolean(),
});
export type TerminalRecord = z.infer<typeof terminalRecord>;

const fileOf = (place: string): string => join(place, "terminal.json");
export function writeRecord(place: string, record: TerminalRecord): void {
  writeFileSync(`${fileOf(place)}.part`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${fileOf(place)}.part`, fileOf(place));
}
export const removeRecord = (place: string): void => rmSync(fileOf(place), { force: true });
/** Undefined when there is none, or none that can be understood. */
export function readRecord(place: string): TerminalRecord | undefined {
  if (!existsSync(fileOf(place))) return undefined;
  try {
    return terminalRecord.parse(JSON.parse(readFileSync(fileOf(place), "utf8")));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}
/** The sessions whose terminals were not ended in order. */
export const recordedSessions = (homes: string): string[] =>
  existsSync(homes) ? readdirSync(homes).filter((name) => name.startsWith("agent-") && existsSync(fileOf(join(homes, name)))) : [];

/** Of what a program is started by; time limits and how long it may rest are no part of it. */
export function programOf({ connector, environment, persona, resourceLimits: { memory, cpu } }: ConnectorAgent): string {
  const settings = Object.fromEntries(Object.entries(connector).filter(([name]) => name !== "idleMs"));
  return createHash("sha256")
    .update(JSON.stringify(inOrder({ settings, environment, persona, memory, cpu })))
    .digest("hex");
}
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => [name, inOrder(one)]);
}

const LOOKS = 3;
const LOOK_MS = 100;
/** Whether a server lives that holds this lifeline: else nobody reads what would be written to it. */
export async function isHeld(lifeline: string): Promise<boolean> {
  for (let look = 0; look < LOOKS; look++) {
    if (!hasReader(lifeline)) return false;
    // Somebody's window may be about to learn that the server is gone.
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return true;
}
function hasReader(pipe: string): boolean {
  try {
    closeSync(openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK));
    return true;
  } catch (error) {
    if (["ENXIO", "ENOENT"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}
