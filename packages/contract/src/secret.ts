// Secrets by name: written, replaced, removed, never read back. Registrations name them as `${secret:name}`.
import { z } from "zod";
import { id, instant, pageQuery, text } from "./json.ts";

/** What may stand in `${secret:…}`. */
export const secretName = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, "must be letters, digits, _ . - and begin with none of the last two");
/** Shorter ones could not be told from other words in what agents say, where they are masked. */
export const secretValue = text(65_536).min(8);

export const secretInput = z.strictObject({
  name: secretName,
  value: secretValue,
  /** Whose agents may name it. Left out by who is in all projects: those that all projects share. */
  projectId: id.optional(),
});
export type SecretInput = z.output<typeof secretInput>;
export const secretValueInput = z.strictObject({ value: secretValue });
/** Its value is in no answer. */
export const secret = z.object({
  id: z.string(),
  name: z.string(),
  /** Null: agents that all projects share may name it, and no others. */
  projectId: z.string().nullable(),
  /** How often a value was given. */
  version: z.number().int(),
  createdBy: z.string(),
  createdAt: instant,
  /** When the value that counts was given. */
  updatedAt: instant,
});
export type Secret = z.infer<typeof secret>;
export const secretQuery = pageQuery.extend({ name: secretName.optional() });
/** What came of putting everything that is sealed under the installation's newest key. */
export const keyRotation = z.object({
  /** Names the key, tells nothing of it. */
  keyId: z.string(),
  /** Whether a key was made just now; false where it comes from `BATON_SECRET_KEY`, which is changed by whoever sets it. */
  made: z.boolean(),
  /** How many values were sealed anew. */
  resealed: z.number().int(),
});
export type KeyRotation = z.infer<typeof keyRotation>;
