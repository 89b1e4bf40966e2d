// Brings a change onto a commit without any work tree: what comes of it are objects of the repository that nothing points to yet. A conflict is data.
import type { GitWorld } from "../gates/gates.ts";
import type { ConflictFile } from "@baton/contract";
import { mergeTrees } from "../workspaces/workspaces.ts";

export type Method = "merge" | "rebase" | "squash";
export interface ToMerge {
  repository: string;
  tip: string;
  tipTree: string;
  source: string;
  method: Method;
  message: string;
  /** Of the commits that are made, so that doing it again makes the same. */
  at: number;
}
export type Merged =
  | { ok: true; commit: string; tree: string }
  | { ok: false; kind: "conflict"; detail: string; files: ConflictFile[] }
  /** There is nothing to land, or not in this way. */
  | { ok: false; kind: "source"; detail: string };

export async function mergeOnto(world: GitWorld, given: ToMerge): Promise<Merged> {
  const { repository, tip, source, method } = given;
  const merged = method === "rebase" ? await rebase(world, given) : await mergeOnce(world, given);
  if (!merged.ok || merged.tree !== given.tipTree) return merged;
  const hasAll = await isAncestor(world, repository, source, tip);
  return {
    ok: false,
    kind: "source",
    detail: `There is nothing to land: ${hasAll ? "the target has all of it already" : "with it the target would be as it is"}.`,
  };
}
export const treeOf = (world: GitWorld, repository: string, commit: string): Promise<string> =>
  world.git.line({ cwd: repository, args: ["rev-parse", "--verify", `${commit}^{tree}`] });
const isAncestor = async (world: GitWorld, repository: string, one: string, other: string): Promise<boolean> =>
  (await world.git.run({ cwd: repository, args: ["merge-base", "--is-ancestor", one, other] })).code === 0;

async function mergeOnce(world: GitWorld, given: ToMerge): Promise<Merged> {
  const { repository, tip, source, method, message } = given;
  const found = await mergeCommits(world, repository, tip, source);
  if (!found.ok) return found;
  const author = method === "squash" ? await authorOf(world, repository, source) : undefined;
  const commit = await commitTree(world, given, { tree: found.tree, parents: method === "squash" ? [tip] : [tip, source], message, author });
  return { ok: true, commit, tree: found.tree };
}
/** Commit by commit, each with its own author and words. */
async function rebase(world: GitWorld, given: ToMerge): Promise<Merged> {
  const { repository, tip, tipTree, source } = given;
  if (await isAncestor(world, repository, tip, source)) return { ok: true, commit: source, tree: await treeOf(world, repository, source) };
  const list = await world.git.text({ cwd: repository, args: ["rev-list", "--reverse", "--topo-order", "--parents", `${tip}..${source}`] });
  const commits = list
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(" "));
  if (commits.some((ids) => ids.length !== 2))
    return { ok: false, kind: "source", detail: "It has merges or beginnings of its own, which cannot be rebased. Land it with the method merge or squash." };
  let at = { commit: tip, tree: tipTree };
  for (const [commit = "", parent = ""] of commits) {
    const found = await pick(world, given, { onto: at, commit, parent });
    if (!found.ok) return found;
    at = found;
  }
  return { ok: true, ...at };
}
/** Two commits are made up that have the picked one's parent as their only base, so that what git merges is what the commit changed. */
async function pick(
  world: GitWorld,
  given: ToMerge,
  { onto, commit, parent }: { onto: { commit: string; tree: string }; commit: string; parent: string },
): Promise<Merged> {
  const { repository } = given;
  const madeUp = async (tree: string) => commitTree(world, given, { tree, parents: [parent], message: "base", author: undefined });
  const found = await mergeCommits(world, repository, await madeUp(onto.tree), await madeUp(await treeOf(world, repository, commit)));
  if (!found.ok) return found;
  if (found.tree === onto.tree) return { ok: true, ...onto };
  const message = await world.git.text({ cwd: repository, args: ["show", "-s", "--format=%B", commit] });
  const author = await authorOf(world, repository, commit);
  return { ok: true, commit: await commitTree(world, given, { tree: found.tree, parents: [onto.commit], message, author }), tree: found.tree };
}

async function mergeCommits({ git }: GitWorld, cwd: string, ours: string, theirs: string): Promise<{ ok: true; tree: string } | (Merged & { ok: false })> {
  const merged = await mergeTrees(git, { cwd }, ours, theirs);
  if (merged.ok) return merged;
  if (merged.kind === "unrelated") return { ok: false, kind: "source", detail: "It has no history in common with the target." };
  return { ...merged, detail: `It conflicts with the target in ${merged.files.map(({ path }) => path).join(", ")}.` };
}

interface Author {
  name: string;
  email: string;
  date: string;
}
async function authorOf(world: GitWorld, repository: string, commit: string): Promise<Author> {
  const [name = "", email = "", date = ""] = (
    await world.git.line({ cwd: repository, args: ["show", "-s", "--format=%an%n%ae%n%ad", "--date=raw", commit] })
  ).split("\n");
  return { name, email, date };
}
async function commitTree(
  world: GitWorld,
  { repository, at }: Pick<ToMerge, "repository" | "at">,
  { tree, parents, message, author }: { tree: string; parents: readonly string[]; message: string; author: Author | undefined },
): Promise<string> {
  const date = `${Math.floor(at / 1000)} +0000`;
  const baton = { name: "Baton", email: "baton@localhost", date };
  const by = author ?? baton;
  return world.git.line({
    cwd: repository,
    args: ["commit-tree", tree, ...parents.flatMap((parent) => ["-p", parent])],
    stdin: message.endsWith("\n") ? message : `${message}\n`,
    environment: {
      GIT_AUTHOR_NAME: by.name || baton.name,
      GIT_AUTHOR_EMAIL: by.email,
      GIT_AUTHOR_DATE: by.date,
      GIT_COMMITTER_NAME: baton.name,
      GIT_COMMITTER_EMAIL: baton.email,
      GIT_COMMITTER_DATE: date,
    },
  });
}
