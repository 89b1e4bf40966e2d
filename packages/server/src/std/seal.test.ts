// Secrets at rest: only the same key opens them, and only as they were sealed.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { openSeal, readSealKey } from "./seal.ts";

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
      const bytes = Buffer.from(seal.seal(secret).slice("sealed:1:".length), "base64");
      const place = at % bytes.length;
      bytes[place] = (bytes[place] as number) ^ (1 << bit);
      expect(() => seal.open(`sealed:1:${bytes.toString("base64")}`)).toThrow();
    }),
  );
});

test("neither plain text nor half a seal opens, however short its tag", () => {
  const seal = openSeal(Buffer.alloc(32));
  const sealed = seal.seal("secret");
  const bytes = Buffer.from(seal.seal("").slice("sealed:1:".length), "base64");
  const shortTag = `sealed:1:${bytes.subarray(0, 16).toString("base64")}`;
  for (const broken of ["secret", "", "sealed:1:", "sealed:1:AAAA", sealed.slice(0, -4), shortTag, sealed.replace("sealed:1:", "sealed:2:")]) {
    expect(() => seal.open(broken), broken).toThrow();
  }
});

test("the key is the passphrase's, else one kept in a file only its owner may read", () => {
  const file = join(directory, "deep", "secret.key");
  const made = readSealKey(undefined, file);
  expect(made.length).toBe(32);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readSealKey(undefined, file)).toEqual(made);
  expect(readSealKey("words", file)).not.toEqual(made);
  expect(readSealKey("words", join(directory, "none"))).toEqual(readSealKey("words", file));
  expect(readFileSync(file, "utf8")).toBe(made.toString("hex"));
});

test("a file that holds no key is refused", () => {
  const file = join(directory, "wrong.key");
  writeFileSync(file, "abc");
  expect(() => readSealKey(undefined, file)).toThrow("does not hold a key");
});
