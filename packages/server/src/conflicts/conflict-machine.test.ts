import { expect, test } from "vitest";
import { nextConflict, type Overlap, type Standing } from "./conflict-machine.ts";

const file = (path: string, severity: Overlap["severity"] = "lines"): Overlap => ({ path, severity });
const open = (...files: Overlap[]): Standing => ({ state: "open", files, accepted: undefined });

test("it opens when something overlaps, and not before", () => {
  expect(nextConflict(undefined, [])).toBeUndefined();
  expect(nextConflict(undefined, [file("a")])).toEqual({ state: "open", tell: "conflict.detected" });
  expect(nextConflict({ ...open(), state: "eased" }, [file("a")])).toEqual({ state: "open", tell: "conflict.detected" });
});
test("a file that comes in or gets worse is told, whatever gets better meanwhile; what only gets better eases it", () => {
  expect(nextConflict(open(file("a", "merge")), [file("b", "file")])).toEqual({ state: "open", tell: "conflict.worsened" });
  expect(nextConflict(open(file("a", "file")), [file("a", "merge")])).toEqual({ state: "open", tell: "conflict.worsened" });
  expect(nextConflict(open(file("a", "merge"), file("b")), [file("a", "lines")])).toEqual({ state: "open", tell: "conflict.eased" });
  expect(nextConflict(open(file("a")), [file("a")])).toEqual({ state: "open", tell: undefined });
  expect(nextConflict(open(file("a")), [])).toEqual({ state: "eased", tell: "conflict.eased" });
});
test("resolved it opens again only for what is worse than what was resolved", () => {
  const resolved: Standing = { state: "resolved", files: [], accepted: [file("a")] };
  for (const found of [[], [file("a")], [file("a", "file")]]) expect(nextConflict(resolved, found)).toEqual({ state: "resolved", tell: undefined });
  for (const found of [[file("a", "merge")], [file("b", "file")]]) expect(nextConflict(resolved, found)).toEqual({ state: "open", tell: "conflict.worsened" });
});
test("it is gone from every state when one of the two is, once", () => {
  for (const state of ["open", "eased", "resolved"] as const)
    expect(nextConflict({ ...open(), state }, undefined)).toEqual({ state: "gone", tell: "conflict.gone" });
  expect(nextConflict({ ...open(), state: "gone" }, undefined)).toBeUndefined();
  expect(nextConflict(undefined, undefined)).toBeUndefined();
});
