// `baton.yaml` of a repository, as it is in one commit: the one that a change is to land on, so that no change loosens the gates it has to pass.
import { type ProjectFile, projectFile } from "@baton/contract";
import { parseYamlFile } from "../std/yaml-file.ts";
import { type Git, toGitRefusal } from "./git.ts";

export const PROJECT_FILE = "baton.yaml";
const MAX_BYTES = 256 * 1024;

/** @returns undefined when the commit has none. @throws Refusal `bad_input` for one that cannot be read, with where and why. */
export async function readProjectFile(world: { git: Git }, repository: string, commit: string): Promise<ProjectFile | undefined> {
  const args = ["cat-file", "blob", `${commit}:${PROJECT_FILE}`];
  const found = await world.git.run({ cwd: repository, args, maxBytes: MAX_BYTES });
  if (found.code === 128 && found.stderr.includes(`path '${PROJECT_FILE}'`)) return undefined;
  if (found.code !== 0) throw toGitRefusal(args, found);
  return parseProjectFile(found.stdout);
}
export const parseProjectFile = (text: string): ProjectFile => parseYamlFile(PROJECT_FILE, text, projectFile);
