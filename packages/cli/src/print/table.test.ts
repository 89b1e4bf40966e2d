// Tables fit where they are shown.
import pc from "picocolors";
import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { type Column, table } from "./table.ts";

interface Row {
  id: string;
  title: string;
  reason: string;
}
const columns: Column<Row>[] = [
  { title: "ID", of: ({ id }) => id, colour: () => pc.createColors(true).green },
  { title: "TITLE", of: ({ title }) => title, flexible: true },
  { title: "REASON", of: ({ reason }) => reason, flexible: true },
];
const rows = [
  { id: "0193a5b2-7c00-7000-8000-000000000001", title: "数える Count the words of every chapter", reason: "It waits for an agent that can count." },
  { id: "short", title: "Read", reason: "" },
];
const look = (width: number) => ({ width, paint: pc.createColors(true) });
const widest = (text: string) => Math.max(...text.split("\n").map((line) => stringWidth(line)));

describe("a table", () => {
  it("shows everything where there is room", () => {
    const drawn = table(columns, rows, look(200));
    expect(drawn).toContain("数える Count the words of every chapter  It waits for an agent that can count.");
    expect(drawn.split("\n")).toHaveLength(3);
  });
  it.each([110, 100, 80, 70])("shortens what may be shortened to fit %i columns, wide characters and colours counted as shown", (width) => {
    const drawn = table(columns, rows, look(width));
    expect(widest(drawn)).toBeLessThanOrEqual(width);
    expect(drawn).toContain("0193a5b2-7c00-7000-8000-000000000001");
    expect(drawn).toContain("…");
  });
  it("becomes one block per row where it cannot fit", () => {
    const drawn = table(columns, rows, look(50));
    expect(widest(drawn)).toBeLessThanOrEqual(50);
    expect(drawn).toMatch(/ID.*\n.*TITLE.*\n.*REASON/);
  });
  it("keeps text from steering the terminal", () => {
    const hostile = { id: "x", title: "a\u001b]0;owned\u0007b\u009b2Jc\nd", reason: "" };
    expect(table(columns.slice(1), [hostile], { width: 100, paint: pc.createColors(false) })).toBe("TITLE  REASON\nabc d");
  });
});
