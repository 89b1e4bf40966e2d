// `baton.yaml` of a repository, as it is in one commit: the one that a change is to land on, so that no change loosens the gates it has to pass.
import type { GitWorld } from "./git-world.ts";
import { type ProjectFile, projectFile } from "@baton/contract";
import { parseYamlFile } from "../std/yaml-file.ts";

export const PROJECT_FILE = "baton.yaml";
const MAX_BYTES = 256 * 1024;

/** @returns undefined when the commit has none. @throws Refusal `bad_input` for one that cannot be read, with where and why. */
export async function readProjectFile(world: GitWorld, repository: string, commit: string): Promise<ProjectFile | undefined> {
  const found = await world.git.run({ cwd: repository, args: ["cat-file", "-e", `${commit}:${PROJECT_FILE}`] });
  if (found.code !== 0) return undefined;
  const text = await world.git.text({ cwd: repository, args: ["cat-file", "blob", `${commit}:${PROJECT_FILE}`], maxBytes: MAX_BYTES });
  return parseProjectFile(text);
}
export const parseProjectFile = (text: string): ProjectFile => parseYamlFile(PROJECT_FILE, text, projectFile);
