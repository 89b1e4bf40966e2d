// What an lcov file says of how much of the code was run by tests. Pure.
import type { GateOf } from "@baton/contract";
import type { AddedLine } from "./change.ts";
import { count, failed, type Finding, passed } from "./findings.ts";

interface Covered {
  lines: { hit: number; found: number };
  branches: { hit: number; found: number };
  /** By file: how often each line that can be executed was. */
  hits: Map<string, Map<number, number>>;
}
/** @param root of the work tree, in which the paths of the file lie when they are absolute. */
export function readLcov(text: string, root: string): Covered {
  const covered: Covered = { lines: { hit: 0, found: 0 }, branches: { hit: 0, found: 0 }, hits: new Map() };
  let file = new Map<number, number>();
  for (const line of text.split(/\r?\n/)) {
    const [, word, value = ""] = /^([A-Z]+):(.*)$/.exec(line) ?? [];
    if (word === "SF") {
      const path = value.startsWith(`${root}/`) ? value.slice(root.length + 1) : value.replace(/^\.\//, "");
      file = covered.hits.get(path) ?? new Map<number, number>();
      covered.hits.set(path, file);
    } else if (word === "DA") {
      const [number, hits] = value.split(",").map(Number);
      if (number !== undefined) file.set(number, (file.get(number) ?? 0) + (hits ?? 0));
    } else if (word === "BRF") covered.branches.found += Number(value);
    else if (word === "BRH") covered.branches.hit += Number(value);
  }
  for (const lines of covered.hits.values()) {
    covered.lines.found += lines.size;
    covered.lines.hit += [...lines.values()].filter((hits) => hits > 0).length;
  }
  return covered;
}

export function judgeCoverage(gate: GateOf<"coverage">, { lines, branches, hits }: Covered, added: readonly AddedLine[]): Finding {
  if (lines.found === 0) return { state: "misconfigured", reason: `${gate.file} tells of no lines at all.`, detail: "" };
  const fresh = added.flatMap(({ path, line }) => {
    const times = hits.get(path)?.get(line);
    return times === undefined ? [] : [{ path, line, times }];
  });
  const changed = { hit: fresh.filter(({ times }) => times > 0).length, found: fresh.length };
  const told: [string, { hit: number; found: number }, number | undefined][] = [
    ["lines", lines, gate.minLines],
    ["branches", branches, gate.minBranches],
    ["changed lines", changed, gate.minChangedLines],
  ];
  const asked = told.filter(([, , least]) => least !== undefined);
  const wrong = asked.filter(([, measured, least]) => measured.found > 0 && percent(measured) < (least ?? 0));
  const inWords = asked.map(([what, measured]) => `${measured.found === 0 ? "no" : `${percent(measured).toFixed(1)} % of`} ${what}`).join(", ");
  if (wrong.length === 0) return passed(`Covered: ${inWords}.`);
  const missing = wrong.some(([what]) => what === "changed lines")
    ? fresh.filter(({ times }) => times === 0).map(({ path, line }) => `${path}:${line} is not covered`)
    : [];
  return failed(`Too little is covered: ${inWords}.`, [
    ...wrong.map(
      ([what, measured, least]) => `${percent(measured).toFixed(1)} % of ${count(measured.found, what.replace(/s$/, ""))} covered; at least ${least} % must be`,
    ),
    ...missing,
  ]);
}
const percent = ({ hit, found }: { hit: number; found: number }): number => (100 * hit) / found;
