import { expect, test } from "vitest";
import { failureSignature } from "./failure-signature.ts";

const base = "FAIL src/a.test.ts > adds (12 ms)\nexpected 3 to be 4 at /tmp/x1/src/a.ts:10:5 2026-01-01T10:00:00.123Z";
test.each([
  ["other times", base.replace("12 ms", "1.5 s").replace("2026-01-01T10:00:00.123Z", "2027-11-25T01:02:03Z")],
  ["other places", base.replace("/tmp/x1/src/a.ts:10:5", "/tmp/y2/lib/b.ts:7:1")],
  ["other numbers", base.replace("expected 3 to be 4", "expected 30 to be 41")],
  ["colours", base.replace("FAIL", "\u001b[31mFAIL\u001b[39m")],
])("a failure is the same with %s", (_, other) => expect(failureSignature(other)).toBe(failureSignature(base)));
test("a failure with other words is another", () => expect(failureSignature(base.replace("expected", "unexpected"))).not.toBe(failureSignature(base)));
