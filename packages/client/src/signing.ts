// Signing what an agent sends and verifying what it gets, by the Web Crypto of Node and of browsers. The server does the same at its door; who
// verifies here need not trust it for what was said, nor, with `trusted`, for who said it.
import { endorsedText, type Message, messageInput, type RouteInput, signedText, type SigningKey, toSigned } from "@baton/contract";
import type { MessageToSend } from "./message-to-send.ts";

export interface SigningKeyPair {
  /** To be registered: `POST /api/v1/agents/{id}/signing/keys`. It is the key's id, too. */
  publicKey: string;
  /** To be kept by the agent: PKCS #8 in base64url. */
  privateKey: string;
}
export interface Signer {
  readonly keyId: string;
  /** With an id, if it had none. */
  sign(message: MessageToSend): Promise<MessageToSend>;
  /** What another key of the agent is registered with. @param agentId its id, not its name. */
  endorse(agentId: string, publicKey: string): Promise<NonNullable<RouteInput<"addSigningKey", "body">["endorsement"]>>;
}
const ALGORITHM = "Ed25519";
const toText = (bytes: ArrayBuffer): string => toBase64Url(String.fromCharCode(...new Uint8Array(bytes)));
const toBase64Url = (binary: string): string => btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const toBytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));

export async function generateSigningKey(): Promise<SigningKeyPair> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  return { publicKey: toText(await crypto.subtle.exportKey("raw", publicKey)), privateKey: toText(await crypto.subtle.exportKey("pkcs8", privateKey)) };
}
/** @param privateKey as `generateSigningKey` made it. */
export async function openSigner(privateKey: string): Promise<Signer> {
  const key = await crypto.subtle.importKey("pkcs8", toBytes(privateKey), ALGORITHM, true, ["sign"]);
  const { x: keyId = "" } = await crypto.subtle.exportKey("jwk", key);
  const sign = async (text: string): Promise<string> => toText(await crypto.subtle.sign(ALGORITHM, key, new TextEncoder().encode(text)));
  return {
    keyId,
    sign: async (message) => {
      const id = message.id ?? crypto.randomUUID();
      const signedAt = new Date().toISOString();
      const value = await sign(signedText(toSigned(messageInput.parse(message), id), { keyId, signedAt }));
      return { ...message, id, signature: { keyId, signedAt, value } };
    },
    endorse: async (agentId, publicKey) => ({ keyId, value: await sign(endorsedText(agentId, publicKey)) }),
  };
}

export interface VerifyOptions {
  /** Id and names of who received it. A message that was signed for somebody else is refused. Absent: it is not looked at for whom it was. */
  names?: readonly string[] | undefined;
  /** The server's word of whose a key is, as `client.getSigningKey({ params: { id } })`; undefined: it is nobody's. */
  findKey(keyId: string): Promise<SigningKey | undefined>;
  /** By the id of the sender, its keys: of these senders no other key is believed, and the server is not asked. */
  trusted?: Readonly<Record<string, readonly string[]>> | undefined;
}
export type Verdict = { state: "verified"; keyId: string } | { state: "unsigned" } | { state: "refused"; reason: string };

/** @throws what `findKey` throws. */
export async function verifyMessage(message: Message, { names, findKey, trusted }: VerifyOptions): Promise<Verdict> {
  const { signature, senderId, createdAt } = message;
  if (signature === null) return { state: "unsigned" };
  const { keyId, signedAt, value, recipientId } = signature;
  const refused = (reason: string): Verdict => ({ state: "refused", reason });
  if (recipientId !== null && names !== undefined && !names.includes(recipientId)) return refused(`It was signed for ${recipientId}.`);
  const pinned = trusted?.[senderId];
  if (pinned !== undefined && !pinned.includes(keyId)) return refused(`${keyId} is no trusted key of ${senderId}.`);
  const found = pinned === undefined ? await findKey(keyId) : undefined;
  if (pinned === undefined && found?.agentId !== senderId) return refused(`${keyId} is no signing key of ${senderId}.`);
  const retiredAt = found?.retiredAt ?? null;
  if (retiredAt !== null && Date.parse(createdAt) >= Date.parse(retiredAt)) return refused(`It was sent after the key ${keyId} was retired.`);
  const key = await crypto.subtle.importKey("raw", toBytes(keyId), ALGORITHM, false, ["verify"]);
  const text = signedText({ ...message, recipientId }, { keyId, signedAt });
  const isBy = await crypto.subtle.verify(ALGORITHM, key, toBytes(value), new TextEncoder().encode(text));
  return isBy ? { state: "verified", keyId } : refused("Its signature is none of what it says: it was altered on the way.");
}
