// A git repository on this machine, found by the path of its work tree, and what it stands at.
import { isAbsolute } from "node:path";
import { realpath } from "node:fs/promises";
import { Refusal } from "@baton/contract";
import type { Git } from "./git.ts";
import { listWorktrees } from "./worktree.ts";

export interface FoundRepository {
  commonDir: string;
  path: string;
}
export interface Standing {
  /** undefined: no branch is checked out. */
  branch: string | undefined;
  commit: string;
}

/** @throws Refusal `bad_input` at `path` when there is no repository, or one that has no commit yet. */
export async function findRepository(git: Git, given: string, path: string): Promise<FoundRepository & Standing> {
  const no = (message: string): Refusal => new Refusal("bad_input", `${path} ${message}.`, { issues: [{ path, message }] });
  if (!isAbsolute(given)) throw no(`must be the absolute path of a git repository on this server; it is ${JSON.stringify(given)}`);
  const cwd = await realpath(given).catch(() => undefined);
  if (cwd === undefined) throw no(`names ${JSON.stringify(given)}, which is not there`);
  const asked = ["rev-parse", "--path-format=absolute", "--git-common-dir", "--is-bare-repository"];
  const told = await git.run({ cwd, args: asked, environment: { GIT_CEILING_DIRECTORIES: "" } });
  if (told.code !== 0) throw no(`names ${JSON.stringify(given)}, which is no git repository: ${told.stderr.trim() || told.how}`);
  const [commonDir = "", bare] = told.stdout.trimEnd().split("\n");
  const root = bare === "true" ? commonDir : await rootOf(git, cwd, commonDir);
  return { commonDir, path: root, ...(await standingOf(git, commonDir, no)) };
}
/** Of the main work tree, wherever in the repository the path led. */
async function rootOf(git: Git, cwd: string, commonDir: string): Promise<string> {
  const [first = ""] = (await listWorktrees(git, commonDir)).split("\0");
  return first.startsWith("worktree ") ? first.slice("worktree ".length) : cwd;
}
async function standingOf(git: Git, commonDir: string, no: (message: string) => Refusal): Promise<Standing> {
  const head = await git.run({ cwd: commonDir, args: ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"] });
  if (head.code !== 0) throw no("names a repository without a commit; a workspace begins from one");
  const branch = await git.run({ cwd: commonDir, args: ["symbolic-ref", "--quiet", "--short", "HEAD"] });
  return { commit: head.stdout.trim(), branch: branch.code === 0 ? branch.stdout.trim() : undefined };
}
