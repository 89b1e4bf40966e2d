import { randomBytes } from "node:crypto";
import type { Json } from "@baton/contract";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openSeal } from "../std/seal.ts";
import { readPayload, writePayload } from "./payload.ts";

const seal = openSeal(Buffer.alloc(32, 1));

test("whatever is said is read as it was written, sensitive or not, short or long", () => {
  const long = fc.tuple(fc.string(), fc.integer({ min: 1, max: 3000 })).map(([part, times]) => part.repeat(times));
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), long), fc.boolean(), (said, sensitive) => {
      const payload = JSON.parse(JSON.stringify(said)) as Json;
      const written = writePayload(seal, payload, sensitive);
      expect(written.bytes).toBe(Buffer.byteLength(JSON.stringify(payload)));
      expect(readPayload(seal, written)).toEqual(payload);
    }),
  );
});
test("what would not be shorter, or has no more than 1 KiB, is not packed", () => {
  expect(writePayload(seal, randomBytes(100_000).toString("base64"), false).encoding).toBe("json");
  expect(writePayload(seal, "x".repeat(1022), false)).toMatchObject({ encoding: "json", bytes: 1024 });
  expect(writePayload(seal, "x".repeat(1023), false)).toMatchObject({ encoding: "packed", bytes: 1025 });
});
test("one byte that was changed is noticed", () => {
  const { payload, encoding } = writePayload(seal, "secret", true);
  const bytes = Buffer.from(payload.slice("sealed:1:".length), "base64");
  for (const at of bytes.keys()) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => readPayload(seal, { payload: `sealed:1:${changed.toString("base64")}`, encoding })).toThrow();
  }
});
