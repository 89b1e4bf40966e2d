// One stage that messages pass before they are written.
import type { ParsedMessageInput, Signature } from "@baton/contract";
import type { Registry } from "../agents/agents.ts";
import type { Clock } from "../std/clock.ts";
import type { Seal } from "../std/seal.ts";
import type { Draft } from "./draft.ts";
import type { Flood } from "../std/flood.ts";
import type { Verifier } from "./signing/verify.ts";
import type { Voice } from "./who-speaks.ts";

export interface StageWorld {
  clock: Clock;
  registry: Registry;
  seal: Seal;
  newId(): string;
  messaging: { flood: Flood; verifier: Verifier; retentionMs: number };
}
/** A message on its way. */
export interface Passing {
  readonly voice: Voice;
  input: ParsedMessageInput;
  senderId: string;
  signature: Signature | undefined;
  draft: Draft | undefined;
}
export interface Stage {
  name: string;
  /** A stage that waits for nothing returns nothing: messages keep their order without waiting for each other. @throws Refusal */
  pass(world: StageWorld, passing: Passing): Promise<void> | void;
}
