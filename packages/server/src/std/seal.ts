// Secrets at rest: AES-256-GCM under one key that never enters the store.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

export interface Seal {
  seal(text: string): string;
  /** @throws Error when it was sealed under another key or altered. */
  open(sealed: string): string;
}
const PREFIX = "sealed:1:";

export function openSeal(key: Buffer): Seal {
  return {
    seal: (text) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return PREFIX + Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64");
    },
    open: (sealed) => {
      if (!sealed.startsWith(PREFIX)) throw new Error("This value is not sealed.");
      const bytes = Buffer.from(sealed.slice(PREFIX.length), "base64");
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12), { authTagLength: 16 });
      decipher.setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
    },
  };
}
/** The key from a passphrase when one is given (servers that share a store share it), else from a file made on first use (mode 0600). */
export function readSealKey(passphrase: string | undefined, file: string): Buffer {
  if (passphrase !== undefined) return createHash("sha256").update(passphrase).digest();
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, randomBytes(32).toString("hex"), { mode: 0o600, flag: "wx" });
  }
  const key = Buffer.from(readFileSync(file, "utf8").trim(), "hex");
  if (key.length !== 32) throw new Error(`${file} does not hold a key of 32 bytes in hexadecimal.`);
  return key;
}
