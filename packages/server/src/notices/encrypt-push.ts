// What a push service carries, encrypted for the one browser that reads it (RFC 8291), and signed by this installation (RFC 8292).
// The package `web-push` does both, and sends by a way of its own that no guard of outgoing calls sees, under the MPL; these are its few lines that are needed.
import { createCipheriv, createECDH, createPrivateKey, hkdfSync, randomBytes } from "node:crypto";
import { SignJWT } from "jose";

const CURVE = "prime256v1";
/** One record holds it all; a push service takes no more than 4096 bytes. */
const RECORD = 4096;
export interface BrowserKeys {
  /** Its public key and the secret that only it and this server know, in base64url. */
  p256dh: string;
  auth: string;
}
interface Made {
  salt: Buffer;
  privateKey: Buffer;
}
const fromBase64 = (text: string): Buffer => Buffer.from(text, "base64url");
const derive = (key: Buffer, salt: Buffer, info: Buffer | string, length: number): Buffer => Buffer.from(hkdfSync("sha256", key, salt, info, length));

/** @param made for tests: by chance else, anew for each. @throws Error when the browser's key is no point of the curve. */
export function encryptPush(text: string, { p256dh, auth }: BrowserKeys, made?: Made): Buffer {
  const [salt, ecdh] = [made?.salt ?? randomBytes(16), createECDH(CURVE)];
  if (made) ecdh.setPrivateKey(made.privateKey);
  else ecdh.generateKeys();
  const [theirs, ours] = [fromBase64(p256dh), ecdh.getPublicKey()];
  const shared = derive(ecdh.computeSecret(theirs), fromBase64(auth), Buffer.concat([Buffer.from("WebPush: info\0"), theirs, ours]), 32);
  const key = derive(shared, salt, "Content-Encoding: aes128gcm\0", 16);
  const cipher = createCipheriv("aes-128-gcm", key, derive(shared, salt, "Content-Encoding: nonce\0", 12));
  // The mark of the last record, and no padding.
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.update(Buffer.of(2)), cipher.final(), cipher.getAuthTag()]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(RECORD);
  head.writeUInt8(ours.length, 4);
  return Buffer.concat([salt, head, ours, body]);
}

export interface VapidKey {
  /** Uncompressed, in base64url. */
  publicKey: string;
  /** A JWK. */
  privateKey: string;
}
export function makeVapidKey(): VapidKey {
  const ecdh = createECDH(CURVE);
  const point = ecdh.generateKeys();
  // Leading zeros are left out of a private key by OpenSSL, and belong into a JWK.
  const d = Buffer.concat([Buffer.alloc(32), ecdh.getPrivateKey()]).subarray(-32);
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString("base64url"));
  return { publicKey: point.toString("base64url"), privateKey: JSON.stringify({ kty: "EC", crv: "P-256", x, y, d: d.toString("base64url") }) };
}
const VALID_S = 12 * 3600;
/** The header that proves to the push service of this endpoint who sends. @param contact whom it may write to */
export async function signPush({ publicKey, privateKey }: VapidKey, endpoint: string, now: number, contact: string | undefined): Promise<string> {
  const key = createPrivateKey({ key: JSON.parse(privateKey) as Record<string, string>, format: "jwk" });
  const token = new SignJWT(contact === undefined ? {} : { sub: contact })
    .setProtectedHeader({ typ: "JWT", alg: "ES256" })
    .setAudience(new URL(endpoint).origin)
    .setExpirationTime(Math.floor(now / 1000) + VALID_S);
  return `vapid t=${await token.sign(key)}, k=${publicKey}`;
}
