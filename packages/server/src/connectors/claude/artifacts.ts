// The files Claude Code wrote, as artifacts. What it did by commands is not among them: only its own tools say which file they change.
import { relative, resolve } from "node:path";
import type { Artifact } from "@baton/contract";
import { takeInFiles } from "../take-in-files.ts";

const MAX_ARTIFACTS = 100;
/** Of at most a megabyte each. */
const MAX_TAKEN_IN = 10;

/** @param goes whether the directory goes with the attempt: then the files' text is taken in. */
export async function toArtifacts(changed: readonly string[], cwd: string, goes: boolean): Promise<Artifact[]> {
  const names = [...new Set(changed.map((path) => nameOf(path, cwd)))].filter((name) => name.length <= 500).slice(0, MAX_ARTIFACTS);
  const artifacts = names.map((name): Artifact => ({ type: "file", name }));
  if (!goes) return artifacts;
  return [...((await takeInFiles(artifacts.slice(0, MAX_TAKEN_IN), cwd)) ?? []), ...artifacts.slice(MAX_TAKEN_IN)];
}

/** Relative inside the directory, absolute outside of it. */
function nameOf(path: string, cwd: string): string {
  const way = relative(cwd, resolve(cwd, path));
  return way === "" || way.startsWith("..") ? resolve(cwd, path) : way;
}
