// A push service on this machine (RFC 8030) with the browsers that it reaches: it takes what is signed by whom they subscribed to, and they read it.
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Notice } from "@baton/contract";

export interface PushBrowser {
  /** What it subscribes with. */
  input: { endpoint: string; keys: { p256dh: string; auth: string } };
  /** What it was told, in order. */
  told: Notice[];
  /** What the service answers of it from now on. */
  answer: number;
  /** How often it was asked for. */
  asked: number;
}
export interface PushService {
  browser(): PushBrowser;
  close(): Promise<void>;
}
const bytes = (text: string): Buffer => Buffer.from(text, "base64url");

/** @param publicKey asked for when something comes: whom browsers subscribed to. */
export async function openPushService(publicKey: () => Promise<string>): Promise<PushService> {
  const browsers = new Map<string, PushBrowser & { read(body: Buffer): string }>();
  const server = createServer((request, response) => {
    take(request.url ?? "", request.headers, request).then(
      (status) => response.writeHead(status).end(),
      (error: unknown) => response.writeHead(400).end(String(error)),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function take(path: string, headers: NodeJS.Dict<string | string[]>, body: AsyncIterable<Buffer>): Promise<number> {
    const browser = browsers.get(path);
    if (browser === undefined) return 404;
    const sent: Buffer[] = [];
    for await (const chunk of body) sent.push(chunk);
    browser.asked++;
    if (browser.answer !== 201) return browser.answer;
    await checkSigned(String(headers["authorization"]));
    if (Buffer.concat(sent).length > 4096) return 413;
    if (headers["content-encoding"] !== "aes128gcm" || !(Number(headers["ttl"]) > 0)) return 400;
    browser.told.push(JSON.parse(browser.read(Buffer.concat(sent))) as Notice);
    return 201;
  }
  /** A JWT by ES256, of whom browsers subscribed to, for this service, that has not run out. */
  async function checkSigned(authorization: string): Promise<void> {
    const [, said = "", claims = "", signature = "", key = ""] = /^vapid t=([\w-]+\.([\w-]+))\.([\w-]+), k=([\w-]+)$/.exec(authorization) ?? [];
    const asked = await publicKey();
    if (key !== asked) throw new Error(`signed by ${key}, not by ${asked}`);
    const coordinate = (from: number): string =>
      bytes(key)
        .subarray(from, from + 32)
        .toString("base64url");
    const jwk = createPublicKey({ key: { kty: "EC", crv: "P-256", x: coordinate(1), y: coordinate(33) }, format: "jwk" });
    if (!verify("sha256", Buffer.from(said), { key: jwk, dsaEncoding: "ieee-p1363" }, bytes(signature))) throw new Error("the signature is not that key's");
    const { aud, exp } = JSON.parse(bytes(claims).toString("utf8")) as { aud: string; exp: number };
    if (aud !== origin || exp * 1000 < Date.now() || exp * 1000 > Date.now() + 86_400_000) throw new Error(`meant for ${aud} until ${exp}`);
  }
  return {
    browser: () => {
      const ecdh = createECDH("prime256v1");
      const [own, auth, path] = [ecdh.generateKeys(), randomBytes(16), `/push/${browsers.size}`];
      const input = { endpoint: origin + path, keys: { p256dh: own.toString("base64url"), auth: auth.toString("base64url") } };
      const read = (body: Buffer): string => {
        const [salt, theirs, sealed] = [body.subarray(0, 16), body.subarray(21, 21 + (body[20] as number)), body.subarray(21 + (body[20] as number))];
        const derive = (key: Buffer, from: Buffer, info: Buffer, length: number): Buffer => Buffer.from(hkdfSync("sha256", key, from, info, length));
        const shared = derive(ecdh.computeSecret(theirs), auth, Buffer.concat([Buffer.from("WebPush: info\0"), own, theirs]), 32);
        const nonce = derive(shared, salt, Buffer.from("Content-Encoding: nonce\0"), 12);
        const open = createDecipheriv("aes-128-gcm", derive(shared, salt, Buffer.from("Content-Encoding: aes128gcm\0"), 16), nonce);
        open.setAuthTag(sealed.subarray(-16));
        const plain = Buffer.concat([open.update(sealed.subarray(0, -16)), open.final()]);
        return plain.subarray(0, plain.lastIndexOf(2)).toString("utf8");
      };
      const made = { input, told: [], answer: 201, asked: 0, read };
      browsers.set(path, made);
      return made;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
