// What every message passes before it is written, one stage after another, by name and in order: who it is from, how much they send, whether
// its signature is one, what this installation wants of it, and how it is kept. Who may send what to whom is decided last, as it is written.
import type { ParsedMessageInput } from "@baton/contract";
import { EVERYWHERE, type Scope } from "../store/scope.ts";
import type { MessagesWorld } from "./messages-world.ts";
import { type Draft, toDraft } from "./draft.ts";
import type { Passing, Stage, StageWorld } from "./stage.ts";
import { readSignature } from "./signing/check-signature.ts";
import { senderOf } from "./voice.ts";
import type { Voice } from "./who-speaks.ts";

/** @param own stages of this installation, before the message is kept. */
export const openStages = (own: readonly Stage[]): readonly Stage[] => [
  { name: "sender", pass: (world, passing) => void (passing.senderId = senderOf(world, passing.voice, passing.input.senderId)) },
  { name: "flood", pass: ({ messaging }, { senderId }) => messaging.flood.take(senderId) },
  { name: "signature", pass: (world, passing) => void (passing.signature = readSignature(groundOf(world), passing.input)) },
  ...own,
  { name: "keep", pass: (world, passing) => void (passing.draft = toDraft({ ...groundOf(world), seal: world.seal, newId: world.newId }, passing)) },
];
const groundOf = ({ messaging: { verifier, retentionMs }, clock, registry }: StageWorld) => ({
  verifier,
  retentionMs,
  now: clock.now(),
  addressOf: (name: string): string => registry.find(name)?.row.id ?? name,
  // An agent of a project never reaches beyond it, whoever speaks for it.
  reachOf: (senderId: string, { scope = EVERYWHERE }: Pick<Voice, "scope">): Scope => {
    const project = registry.find(senderId)?.row.project_id;
    return project ? { projects: [project] } : scope;
  },
});

/** @throws Refusal of the first stage that does not let it pass. */
export async function passStages(world: MessagesWorld, input: ParsedMessageInput, voice: Voice): Promise<Draft> {
  const passing: Passing = { voice, input, senderId: "", signature: undefined, draft: undefined };
  for (const stage of world.messaging.stages) {
    const passes = stage.pass(world, passing);
    if (passes) await passes;
  }
  if (passing.draft === undefined) throw new Error("No stage made the message ready to be kept.");
  return passing.draft;
}
