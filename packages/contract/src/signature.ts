// Signatures of messages: Ed25519 over a canonical text of what was said. A key is named by itself: its id is the public key. What is signed
// is what a receiver gets to see, so that it can verify it too; until when a message holds is not, as the server may shorten it.
import { z } from "zod";
import { canonicalJson } from "./canonical-json.ts";
import { id, instant, instantIn } from "./json.ts";

/** The 32 bytes of an Ed25519 public key in base64url. */
export const publicKey = z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/, "must be the 32 bytes of an Ed25519 public key in base64url");
const signatureValue = z.string().regex(/^[A-Za-z0-9_-]{85}[AQgw]$/, "must be the 64 bytes of an Ed25519 signature in base64url");
export const signatureInput = z.strictObject({ keyId: publicKey, signedAt: instantIn, value: signatureValue });
/** With whom the sender named, which may be a name where the message has the id. */
export const signature = z.object({ keyId: z.string(), signedAt: z.string(), value: z.string(), recipientId: z.string().nullable() });
export type Signature = z.infer<typeof signature>;

export const signingKey = z.object({
  /** The public key itself. */
  id: z.string(),
  agentId: z.string(),
  createdAt: instant,
  /** What was sent before then is still verified by it; nothing is taken that it signs afterwards. */
  retiredAt: instant.nullable(),
});
export type SigningKey = z.infer<typeof signingKey>;
export const signingKeyInput = z.strictObject({
  publicKey,
  /** By a key the agent has, of the new one. Needed of an agent that had a key before, so that who stole its credentials cannot sign as it. */
  endorsement: z.strictObject({ keyId: publicKey, value: signatureValue }).optional(),
});
export const signing = z.object({ agentId: z.string(), required: z.boolean(), keys: z.array(signingKey) });
/** Whether messages of this agent are refused that it did not sign. */
export const signingInput = z.strictObject({ required: z.boolean() });
export const signingKeyParams = z.strictObject({ id, keyId: id });

/** The text by which a key of an agent endorses its next one. */
export const endorsedText = (agentId: string, newKey: string): string => canonicalJson({ v: "baton.signing-key.1", agentId, publicKey: newKey });
