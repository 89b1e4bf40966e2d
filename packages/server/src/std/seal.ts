// Secrets at rest: AES-256-GCM under keys that never enter the store. What is sealed names its key, so that the key can be replaced.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

export interface Seal {
  /** @param bound what it belongs to, such as an id: it opens with the same alone. */
  seal(text: string, bound?: string): string;
  /** @throws Error when it was sealed under another key, for something else, or altered. */
  open(sealed: string, bound?: string): string;
}
export const SEALED = "sealed:";
/** Older: it names no key, and is bound to nothing. */
const NAMELESS = `${SEALED}1:`;
const NAMED = `${SEALED}2:`;

/** Names the key, tells nothing of it. */
export const keyIdOf = (key: Buffer): string => createHash("sha256").update("key id").update(key).digest("hex").slice(0, 8);
/** How everything begins that is sealed under this key. */
export const sealedUnder = (key: Buffer): string => `${NAMED}${keyIdOf(key)}:`;

/** @param keys asked for anew each time: the first seals, each opens. */
export function openSeal(...keys: [Buffer, ...Buffer[]]): Seal {
  return sealBy(() => keys);
}
export function sealBy(keys: () => readonly [Buffer, ...Buffer[]]): Seal {
  return {
    seal: (text, bound = "") => {
      const [key] = keys();
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      cipher.setAAD(Buffer.from(bound));
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return sealedUnder(key) + Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64");
    },
    open: (sealed, bound = "") => {
      if (sealed.startsWith(NAMELESS)) return openWithAny(keys(), sealed.slice(NAMELESS.length), "");
      if (!sealed.startsWith(NAMED)) throw new Error("This value is not sealed.");
      const key = keys().find((one) => sealed.startsWith(sealedUnder(one)));
      if (key === undefined) throw new Error(`This value is sealed under a key that this server has not got: ${sealed.slice(NAMED.length, NAMED.length + 8)}.`);
      return openWith(key, sealed.slice(sealedUnder(key).length), bound);
    },
  };
}
function openWithAny(keys: readonly Buffer[], body: string, bound: string): string {
  let problem: unknown;
  for (const key of keys) {
    try {
      return openWith(key, body, bound);
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
}
function openWith(key: Buffer, body: string, bound: string): string {
  const bytes = Buffer.from(body, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(bound));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
}
