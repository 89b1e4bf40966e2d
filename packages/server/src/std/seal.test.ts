// Secrets at rest: only the same key opens them, and only as they were sealed.
import { createCipheriv, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { openKeyring } from "./keyring.ts";
import { openSeal, sealedUnder } from "./seal.ts";

const directory = mkdtempSync(join(tmpdir(), "baton-seal-"));
afterAll(() => rmSync(directory, { recursive: true }));
const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
const text = fc.string({ unit: "binary" }).filter((value) => value.isWellFormed());

test("what was sealed opens as it was, and twice sealed looks different", () => {
  fc.assert(
    fc.property(key, text, (key, secret) => {
      const seal = openSeal(key);
      expect(seal.open(seal.seal(secret))).toBe(secret);
      expect(seal.seal(secret)).not.toBe(seal.seal(secret));
      if (secret.length > 3) expect(seal.seal(secret)).not.toContain(secret);
    }),
  );
});

test("another key opens nothing", () => {
  fc.assert(
    fc.property(key, key, text, (mine, other, secret) => {
      fc.pre(!mine.equals(other));
      expect(() => openSeal(other).open(openSeal(mine).seal(secret))).toThrow();
    }),
  );
});

test("a single bit changed anywhere is noticed", () => {
  fc.assert(
    fc.property(key, text, fc.nat(), fc.nat(7), (key, secret, at, bit) => {
      const seal = openSeal(key);
      const bytes = Buffer.from(seal.seal(secret).slice(sealedUnder(key).length), "base64");
      const place = at % bytes.length;
      bytes[place] = (bytes[place] as number) ^ (1 << bit);
      expect(() => seal.open(sealedUnder(key) + bytes.toString("base64"))).toThrow();
    }),
  );
});

test("neither plain text nor half a seal opens, however short its tag, nor what belongs to something else", () => {
  const key = Buffer.alloc(32);
  const seal = openSeal(key);
  const head = sealedUnder(key);
  const sealed = seal.seal("secret");
  const bytes = Buffer.from(seal.seal("").slice(head.length), "base64");
  const shortTag = head + bytes.subarray(0, 16).toString("base64");
  for (const broken of ["secret", "", "sealed:1:", "sealed:1:AAAA", head, sealed.slice(0, -4), shortTag, sealed.replace("sealed:2:", "sealed:3:")]) {
    expect(() => seal.open(broken), broken).toThrow();
  }
  expect(() => seal.open(seal.seal("secret", "one"), "another")).toThrow();
  expect(seal.open(seal.seal("secret", "one"), "one")).toBe("secret");
});

test("what older versions sealed, without naming the key, still opens", () => {
  const key = Buffer.alloc(32, 5);
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const body = Buffer.concat([cipher.update("secret", "utf8"), cipher.final()]);
  const old = `sealed:1:${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64")}`;
  expect(openSeal(Buffer.alloc(32, 6), key).open(old)).toBe("secret");
  expect(() => openSeal(Buffer.alloc(32, 6)).open(old)).toThrow();
});

test("the key is the passphrase's, else one kept in a file only its owner may read", () => {
  const file = join(directory, "deep", "secret.key");
  const [made] = openKeyring({ file }).keys();
  expect(made.length).toBe(32);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(openKeyring({ file }).keys()).toEqual([made]);
  expect(openKeyring({ passphrase: "words", file }).keys()).not.toEqual([made]);
  expect(openKeyring({ passphrase: "words", file: join(directory, "none") }).keys()).toEqual(openKeyring({ passphrase: "words", file }).keys());
  expect(readFileSync(file, "utf8")).toBe(made.toString("hex"));
});

test("a key that is made anew seals from then on, and what was sealed before opens until the old one is let go of", () => {
  const file = join(directory, "renewed.key");
  const ring = openKeyring({ file });
  const before = ring.seal("secret");
  expect([ring.hasOlder(), ring.renew(), ring.hasOlder()]).toEqual([false, true, true]);
  expect([ring.open(before), ring.seal("x").startsWith(ring.sealedNow()), before.startsWith(ring.sealedNow())]).toEqual(["secret", true, false]);
  const again = openKeyring({ file });
  expect([again.keyId(), again.open(before), statSync(file).mode & 0o777]).toEqual([ring.keyId(), "secret", 0o600]);
  again.retire();
  expect(() => openKeyring({ file }).open(before)).toThrow("a key that this server has not got");
});

test("a passphrase is not made anew here, and those before it open what they sealed", () => {
  const file = join(directory, "none.key");
  const old = openKeyring({ passphrase: "old words", file }).seal("secret");
  const ring = openKeyring({ passphrase: "new words", previous: ["old words"], file });
  expect([ring.renew(), ring.hasOlder(), ring.open(old)]).toEqual([false, false, "secret"]);
  expect(() => openKeyring({ passphrase: "new words", file }).open(old)).toThrow();
});

test("a file that holds no key is refused", () => {
  const file = join(directory, "wrong.key");
  writeFileSync(file, "abc");
  expect(() => openKeyring({ file })).toThrow("does not hold keys");
});
