// Where a tree is judged: a repository of its own with the objects of the one that is judged and none of its branches, so that what runs there (the
// change's own code among it) finds git and can move nothing.
import type { GitWorld } from "./git-world.ts";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface JudgingPlace {
  directory: string;
  /** Why what lies there is not the tree that is to be judged; undefined: it is. */
  whyOther(): Promise<string | undefined>;
  remove(): Promise<void>;
}
const CHECKOUT_MS = 600_000;

/** @throws Refusal `conflict` with git's words when it cannot be made. */
export async function openJudgingPlace(world: GitWorld, given: { repository: string; commit: string; directory: string }): Promise<JudgingPlace> {
  const { repository, commit, directory } = given;
  // A server that was killed may have left one.
  await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const here = (...args: string[]) => world.git.text({ cwd: directory, args, timeoutMs: CHECKOUT_MS });
  const common = await world.git.line({ cwd: repository, args: ["rev-parse", "--path-format=absolute", "--git-common-dir"] });
  await here("init", "-q", "--template=");
  await mkdir(join(directory, ".git", "objects", "info"), { recursive: true });
  await writeFile(join(directory, ".git", "objects", "info", "alternates"), `${join(common, "objects")}\n`);
  // Large files are found where the repository keeps them.
  if (existsSync(join(common, "lfs"))) await here("config", "lfs.storage", join(common, "lfs"));
  await here("checkout", "-q", "--detach", commit);
  return {
    directory,
    whyOther: async () => {
      const status = await world.git.run({
        cwd: directory,
        args: ["status", "--porcelain=v2", "--branch", "--untracked-files=no", "--ignore-submodules=all"],
        timeoutMs: CHECKOUT_MS,
      });
      if (status.code !== 0) return `git could not tell whether it left the tree as it was: ${status.how}.`;
      const lines = status.stdout.split("\n");
      if (!lines.includes(`# branch.oid ${commit}`)) return `It left another commit checked out than the one to be judged (${commit}).`;
      const changed = lines.flatMap((line) => (line === "" || line.startsWith("# ") ? [] : [pathOf(line)])).join("\n");
      return changed === "" ? undefined : `It changed files of the tree while it judged it:\n${changed.slice(0, 2000)}`;
    },
    remove: () => rm(directory, { recursive: true, force: true, maxRetries: 3 }),
  };
}
/** Of a line of `git status --porcelain=v2`: what follows the fields of its kind. */
const pathOf = (line: string): string =>
  line
    .split(" ")
    .slice({ "1": 8, "2": 9, u: 10 }[line[0] ?? ""] ?? 1)
    .join(" ");
