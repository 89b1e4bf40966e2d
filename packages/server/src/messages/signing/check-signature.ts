// A signature at the door: first what needs no store, that it is one of what was said, then, as the message is written, whose key it is.
import { type ParsedMessageInput, Refusal, type Signature, signedText, toSigned } from "@baton/contract";
import type { Policies } from "../policies.ts";
import type { SigningKeyRow } from "./signing-rows.ts";
import type { Verifier } from "./verify.ts";

/** How far clocks may be apart. */
const SKEW_MS = 5 * 60_000;
const wrong = (path: string, message: string): Refusal => new Refusal("bad_input", `body.${path}: ${message}`, { issues: [{ path: `body.${path}`, message }] });

/**
 * Signed longer ago than messages are kept it could be a repetition of one that is not known any more.
 * @param input as it was said. @throws Refusal `bad_input`, `forbidden` when it is none of what was said.
 */
export function readSignature(
  { verifier, now, retentionMs, addressOf }: { verifier: Verifier; now: number; retentionMs: number; addressOf(name: string): string },
  input: ParsedMessageInput,
): Signature | undefined {
  const { signature, id, replyTo } = input;
  if (signature === undefined) return undefined;
  if (id === undefined) throw wrong("id", "a signed message needs an id, which is signed too");
  if (replyTo !== undefined && addressOf(replyTo) !== replyTo) throw wrong("replyTo", `a signed message names an agent by id: ${addressOf(replyTo)}`);
  const { keyId, signedAt, value } = signature;
  const at = Date.parse(signedAt);
  if (at > now + SKEW_MS) throw wrong("signature.signedAt", "this time is yet to come");
  if (at <= now - retentionMs + SKEW_MS) throw wrong("signature.signedAt", "this is longer ago than messages are kept; sign it anew");
  if (!verifier.verifies(keyId, signedText(toSigned(input, id), { keyId, signedAt }), value))
    throw new Refusal("forbidden", "The signature is none of this message by this key: it was altered, or signed otherwise.");
  return { keyId, signedAt, value, recipientId: input.recipientId ?? null };
}

export interface SignedDraft {
  senderId: string;
  signature: Signature | undefined;
  /** This server heard it from the agent itself. */
  vouched: boolean;
}
/** @param agentId of the sender; undefined when it is no agent. @param key with the id that the signature names. */
export function checkSigner(
  { mustSign }: Policies,
  allMustSign: boolean,
  { senderId, signature, vouched }: SignedDraft,
  { agentId, key }: { agentId: string | undefined; key: SigningKeyRow | undefined },
): Refusal | undefined {
  if (signature === undefined) {
    const must = agentId !== undefined && !vouched && (allMustSign || mustSign.has(agentId));
    return must ? new Refusal("forbidden", `Messages of ${senderId} must be signed by one of its keys, and this one is not signed.`) : undefined;
  }
  if (key === undefined || key.agent_id !== senderId) return new Refusal("forbidden", `${signature.keyId} is no signing key of ${senderId}.`);
  if (key.retired_at !== null) return new Refusal("forbidden", `The signing key ${signature.keyId} of ${senderId} is retired. Sign with one that is not.`);
  return undefined;
}
