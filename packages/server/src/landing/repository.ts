// Which repository a path names, the same for everybody: the one that the main work tree belongs to, with a mark of its own.
import type { GitWorld } from "../gates/gates.ts";
import { readFile, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "@baton/contract";

export interface Repository {
  path: string;
  gitDirectory: string;
  mark: string;
}
type MarkWorld = GitWorld & { newId(): string };
const MARK = "baton-repository";

const refuse = (path: string, why: string): Refusal =>
  new Refusal("bad_input", `body.repository: ${JSON.stringify(path)} ${why}`, { issues: [{ path: "body.repository", message: why }] });

/** @param path the root of a work tree, or a bare repository, on this server. @throws Refusal `bad_input`. */
export async function findRepository(world: MarkWorld, path: string): Promise<Repository> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined) throw refuse(path, "is not there on this server.");
  const told = await world.git.run({ cwd: real, args: ["rev-parse", "--path-format=absolute", "--git-common-dir"] });
  if (told.code !== 0) throw refuse(path, `is not the root of a git repository: ${told.stderr.trim() || told.how}`);
  const gitDirectory = await realpath(told.stdout.trim());
  const listed = await world.git.run({ cwd: real, args: ["worktree", "list", "--porcelain", "-z"] });
  const main = /^worktree ([^\0]+)/.exec(listed.stdout)?.[1];
  if (main === undefined) throw refuse(path, `cannot be looked at: ${listed.stderr.trim() || listed.how}`);
  return { path: await realpath(main), gitDirectory, mark: await markOf(world, gitDirectory) };
}
/** Made at the first look; of two who make it at once, one does. */
async function markOf(world: Pick<MarkWorld, "newId">, gitDirectory: string): Promise<string> {
  const file = join(gitDirectory, MARK);
  await writeFile(file, `${world.newId()}\n`, { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw refuse(gitDirectory, `cannot be written to: ${error.message}`);
  });
  return (await readFile(file, "utf8")).trim();
}
/** Whether the repository of a queue is on this machine. */
export const isHere = (queue: { git_directory: string; mark: string }): Promise<boolean> =>
  readFile(join(queue.git_directory, MARK), "utf8").then(
    (found) => found.trim() === queue.mark,
    () => false,
  );
