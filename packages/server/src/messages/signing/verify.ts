// Ed25519 in Node: keys as they stand on the wire, made ready once.
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { Refusal } from "@baton/contract";

const MAX_KNOWN = 10_000;
const known = (): ((publicKey: string) => KeyObject) => {
  const keys = new Map<string, KeyObject>();
  return (publicKey) => {
    const found = keys.get(publicKey);
    if (found) return found;
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: publicKey }, format: "jwk" });
    if (keys.size >= MAX_KNOWN) keys.clear();
    keys.set(publicKey, key);
    return key;
  };
};

export interface Verifier {
  /** @throws Refusal `bad_input` for a key that is none. */
  verifies(publicKey: string, text: string, value: string): boolean;
}
export function openVerifier(): Verifier {
  const keyOf = known();
  return {
    verifies: (publicKey, text, value) => {
      let key: KeyObject;
      try {
        key = keyOf(publicKey);
      } catch (error) {
        throw new Refusal("bad_input", `${publicKey} is no Ed25519 public key: ${error instanceof Error ? error.message : String(error)}`);
      }
      return verify(null, Buffer.from(text), key, Buffer.from(value, "base64url"));
    },
  };
}
