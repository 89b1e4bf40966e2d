// Lines of a screen, told by patterns that nothing can make slow.
import { describe, expect, test } from "vitest";
import { toLinePattern } from "./line-pattern.ts";

describe("a line pattern", () => {
  test.each([
    ["$", "$   ", {}],
    ["[exit {status}]", "[exit 12]", { status: 12 }],
    ["*exit {status}", "an exit, then exit 7", { status: 7 }],
    ["a*b*c", "a--b--b--c", {}],
    ["*", "", {}],
    ["(.*)", "(.x)", {}],
  ])("%s fits %j", (pattern, line, found) => expect(toLinePattern(pattern)(line)).toMatchObject(found));
  test.each([
    ["$", "a $"],
    ["[exit {status}]", "[exit ]"],
    ["[exit {status}]", "[exit 1] more"],
    ["a*b", "ab c"],
    ["(a+)+$", "aaaa"],
  ])("%s does not fit %j", (pattern, line) => expect(toLinePattern(pattern)(line)).toBeUndefined());
  test("is quick whatever it is matched with", () => {
    const startedAt = performance.now();
    expect(toLinePattern("*a".repeat(100))("a".repeat(99_999).concat("b"))).toBeUndefined();
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});
