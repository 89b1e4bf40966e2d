import { planTemplate, Refusal } from "@baton/contract";
import { expect, test } from "vitest";
import { parseYamlFile } from "./yaml-file.ts";

const refusal = (text: string): Refusal => {
  try {
    parseYamlFile("plan.yaml", text, planTemplate);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("It was accepted.");
};
const head = "name: mine\ntitle: Mine\n";

test("a file that fits is read, with defaults and in either way to write names", () => {
  const plan = parseYamlFile("plan.yaml", `${head}steps:\n  - { id: a, timeout_ms: 100 }\n`, planTemplate);
  expect([plan.name, plan.inputs, plan.steps[0]?.timeoutMs]).toEqual(["mine", {}, 100]);
});

test.each([
  [`${head}steps:\n  - id: a\n    timeout_ms: soon\n`, /^plan\.yaml:5:5 {2}steps\[0\]\.timeoutMs: /],
  [`${head}steps:\n  - id: a\n    nonsense: 1\n`, /^plan\.yaml:5:5 {2}steps\[0\]\.nonsense: is not known here/],
  [`${head}steps:\n  - title: A\n`, /^plan\.yaml:4:5 {2}steps\[0\]\.id: /],
  [`${head}steps:\n  - id: a\n    needs:\n      - 7\n`, /^plan\.yaml:6:9 {2}steps\[0\]\.needs\[0\]: /],
  [`${head}inputs:\n  x: { type: number, oops: 1 }\nsteps: [{ id: a }]\n`, /^plan\.yaml:4:22 {2}inputs\.x\.oops: is not known here/],
  [`${head}steps: [one\n`, /^plan\.yaml:4:1 {2}is no YAML: /],
  ["", /^plan\.yaml:1:1 {2}name: /],
  [`a: &a [x]\nb: [${"*a, ".repeat(101)}]\n`, /^plan\.yaml:1:1 {2}is no YAML: /],
])("%j is refused with line and column", (text, told) => {
  const { code, message, issues } = refusal(text);
  expect([code, message]).toEqual(["bad_input", expect.stringMatching(told)]);
  expect(issues?.[0]?.path).toMatch(/^plan\.yaml:\d+:\d+$/);
});

test.each([
  ["brackets", "[".repeat(30_000) + "]".repeat(30_000)],
  ["maps", `${"{a: ".repeat(20_000)}1${"}".repeat(20_000)}`],
  ["brackets that are never closed", "[".repeat(60_000)],
  ["lists of lists", `${"- ".repeat(30_000)}x`],
  ["keys that are keys", `${"? ".repeat(30_000)}x`],
  ["maps by indentation", Array.from({ length: 400 }, (_, at) => `${" ".repeat(at)}a:`).join("\n")],
  ["keys", Array.from({ length: 15_000 }, (_, at) => `k${at}: 1`).join("\n")],
  ["anchors", `${"&a ".repeat(60_000)}x`],
  ["quotes", '"'.repeat(200_000)],
  ["characters", `a: ${"x".repeat(300_000)}`],
  ["commas", `[${",".repeat(200_000)}]`],
  ["documents", "---\n".repeat(30_000)],
])("a file of very many %s is refused, and not read to its end", (_, text) => {
  const { code, message, issues } = refusal(text);
  expect([code, message]).toEqual(["bad_input", expect.stringMatching(/nests deeper|more than|longer than/)]);
  expect(issues).toHaveLength(1);
});
