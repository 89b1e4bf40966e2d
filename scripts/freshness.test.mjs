// What was built is believed only while it belongs to its sources.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isFresh, markFresh, markStale } from "./freshness.mjs";

const unit = { sources: ["source"], makes: ["output/made.js"], stamp: "output/.fresh" };
/** @type {string} */
let root;
const write = (/** @type {string} */ path, /** @type {string} */ text) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "baton-fresh-"));
  write("source/one.ts", "1");
  write("output/made.js", "1");
  markFresh(root, unit);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("a build", () => {
  it("is fresh after it was made, also when only the times of its sources change", () => {
    utimesSync(join(root, "source/one.ts"), new Date(0), new Date(0));
    expect(isFresh(root, unit)).toBe(true);
  });
  it("is stale when a source changed, came or went", () => {
    write("source/one.ts", "2");
    expect(isFresh(root, unit)).toBe(false);
    write("source/one.ts", "1");
    write("source/two.ts", "");
    expect(isFresh(root, unit)).toBe(false);
    rmSync(join(root, "source/two.ts"));
    expect(isFresh(root, unit)).toBe(true);
    rmSync(join(root, "source/one.ts"));
    expect(isFresh(root, unit)).toBe(false);
  });
  it("is stale when what it made is gone", () => {
    rmSync(join(root, "output/made.js"));
    expect(isFresh(root, unit)).toBe(false);
  });
  it("is stale while it is being made again", () => {
    markStale(root, unit);
    expect(isFresh(root, unit)).toBe(false);
  });
  it("does not depend on what other builds put among its sources", () => {
    write("source/dist/other.js", "");
    write("source/node_modules/other.js", "");
    expect(isFresh(root, unit)).toBe(true);
  });
  it("is stale when the packages it was made with are other ones", () => {
    write("package-lock.json", "{}");
    expect(isFresh(root, unit)).toBe(false);
  });
});
