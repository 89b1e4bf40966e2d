// Screens of GitHub Copilot 1.0.102 as they were rendered, and what is read from them.
import { expect, test } from "vitest";
import { dialogOf, isIdle, mentions, yesOf } from "./copilot-dialog.ts";

const box = (...lines: string[]): string[] => [`╭${"─".repeat(98)}╮`, ...lines.map((line) => `│ ${line.padEnd(96)} │`), `╰${"─".repeat(98)}╯`];
const RULE = "─".repeat(96);
const HINT = "↑/↓ to navigate · enter to select · esc to cancel";
const trust = [
  "  ╭─╮╭─╮",
  "  ╰─╯╰─╯  Copilot v1.0.102 uses AI.",
  "",
  ...box(
    "Confirm folder trust",
    RULE,
    `╭${"─".repeat(94)}╮`,
    `│ ${"/home/ada/a-very-long-name-of-a-directory-that-does-not-fit-into-one-line-of-the-box-in-which-it".padEnd(92)} │`,
    `│ ${"-asks".padEnd(92)} │`,
    `╰${"─".repeat(94)}╯`,
    "",
    "Do you trust the files in this folder?",
    "",
    "❯ 1. Yes",
    "  2. Yes, and remember this folder for future sessions",
    "  3. No (Esc)",
    "",
    HINT,
  ),
];
const path = box(
  "Allow path access",
  RULE,
  "Do you want to allow this?",
  "",
  "  1. Yes",
  "❯ 2. Yes, and remember this path for this session",
  "  3. No (Esc)",
  "",
  HINT,
);
const idle = [" /tmp/repo [⎇ main]", RULE, "❯", RULE, " ← open sidebar · Interactive · Manual Approval · / commands · ? help          gpt-4.1"];

test("a box is read with its answers and the mark, its frame left out", () => {
  const dialog = dialogOf(trust);
  expect(dialog).toMatchObject({
    title: "Confirm folder trust",
    options: ["Yes", "Yes, and remember this folder for future sessions", "No (Esc)"],
    selected: 0,
  });
  expect(dialogOf(path)).toMatchObject({ title: "Allow path access", text: "Do you want to allow this?", selected: 1 });
});
test("what stands in a box is found over the ends of its lines", () => {
  const dialog = dialogOf(trust);
  const whole = "/home/ada/a-very-long-name-of-a-directory-that-does-not-fit-into-one-line-of-the-box-in-which-it-asks";
  expect(dialog && mentions(dialog, whole)).toBe(true);
  expect(dialog && mentions(dialog, "/home/ada/elsewhere")).toBe(false);
});
test("a yes is one for this once, and none where there is only one for good", () => {
  expect([trust, path].map((lines) => yesOf(dialogOf(lines) ?? { title: "", text: "", options: [], selected: 0 }))).toEqual([0, 0]);
  expect(yesOf({ title: "", text: "", options: ["Yes, always", "No"], selected: 0 })).toBe(-1);
});
test("a box without numbered answers, or without the mark, is no question", () => {
  expect(dialogOf(box("Tip", "1. Nothing"))).toBeUndefined();
  expect(dialogOf(box("Odd", "  1. Yes", "  2. No"))).toBeUndefined();
  expect(dialogOf([])).toBeUndefined();
});
test("it is idle at an empty prompt with its commands offered, and at no other time", () => {
  expect(isIdle(idle)).toBe(true);
  expect(isIdle(idle.with(2, "❯ half a sentence"))).toBe(false);
  expect(isIdle(idle.with(4, " ○ Working · 95 B esc esc interrupt                     gpt-4.1"))).toBe(false);
  expect(isIdle([...idle, ...path])).toBe(false);
  expect(isIdle([])).toBe(false);
});
