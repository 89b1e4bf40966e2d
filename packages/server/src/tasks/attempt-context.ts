// What a connector is given beside the work of an attempt: the signal to end, and the ways to tell and to ask. Keeps the attempt's brake
// and counts how long people are waited for.
import type { Brakes, Outcome, Progress, Update } from "@baton/contract";
import type { AttemptContext, HandedServer } from "../connectors/connector.ts";
import type { Clock } from "../std/clock.ts";
import type { Going } from "./going.ts";
import { type Brake, openBrake } from "./brake.ts";
import type { Questions } from "./questions.ts";
import { openToldFigures, type ToldFigures } from "./told-figures.ts";

export interface ContextWorld {
  clock: Clock;
  questions: Questions;
  onProgress(attempt: Going, progress: Progress): void;
  onUpdate(attempt: Going, update: Update): void;
}
export interface Given {
  going: Going;
  brakes: Brakes;
  toolServers: readonly HandedServer[];
  /** Its signal is made when somebody asks for it: not everybody does, and it is the largest thing an attempt has. */
  abort: AbortController;
  /** What else is to know of updates. */
  heed(update: Update): void;
  /** The attempt must end, in words why. */
  brake(detail: string): void;
}
export interface WatchedContext extends AttemptContext {
  /** Its outcome, with the figures that may be believed. */
  settle(outcome: Outcome): Outcome;
  /** Looks whether it has fallen silent; to be called now and then. */
  checkSilence(): void;
}

export function openContext(world: ContextWorld, { going, brakes, toolServers, abort, heed, brake }: Given): WatchedContext {
  let asked = 0;
  let asking: Set<number> | undefined;
  let held: Brake | undefined;
  let told: ToldFigures | undefined;
  // Most attempts tell of none.
  const figures = (): ToldFigures => (told ??= openToldFigures((text) => world.onUpdate(going, { kind: "note", text })));
  const askedMs = (): number => asked + (asking === undefined ? 0 : world.clock.now() - Math.min(...asking));
  const brakeFor = (detail: string | undefined): void => {
    if (detail !== undefined) brake(detail);
  };
  return {
    get signal() {
      return abort.signal;
    },
    toolServers,
    askedMs,
    onProgress: (progress) => world.onProgress(going, progress),
    onUpdate: (said) => {
      if (abort.signal.aborted) return;
      const update = said.kind === "usage" ? figures().heed(said) : said;
      // Most attempts tell nothing on the way: theirs has no brake to keep.
      held ??= openBrake(brakes, world.clock.now());
      world.onUpdate(going, update);
      heed(update);
      brakeFor(held.heed(update, world.clock.now()));
    },
    ask: async (question) => {
      const since = world.clock.now();
      // Questions asked side by side are one wait, which began with the first of them.
      asking ??= new Set();
      const began = asking.size === 0 ? since : Math.min(...asking);
      asking.add(since);
      try {
        return await world.questions.ask(going, question, abort.signal);
      } finally {
        asking.delete(since);
        if (asking.size === 0) {
          asked += world.clock.now() - began;
          asking = undefined;
        }
      }
    },
    settle: (outcome) => (outcome.usage === undefined && outcome.cost === undefined ? outcome : figures().settle(outcome)),
    remembered: () => world.questions.remembered(going),
    checkSilence: () => brakeFor(held?.checkSilence(world.clock.now(), askedMs())),
  };
}
