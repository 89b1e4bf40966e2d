// A branch of a remote: where it is, and getting what is there.
import type { GitWorld } from "../gates/gates.ts";
import { toGitRefusal } from "../workspaces/git.ts";

const NETWORK_MS = 300_000;
/** @returns undefined when there is no such branch. @throws Refusal `conflict` when the remote does not answer. */
export async function remoteHead(world: GitWorld, repository: string, remote: string, branch: string): Promise<string | undefined> {
  const told = await world.git
    .text({ cwd: repository, args: ["ls-remote", "--exit-code", "--quiet", remote, `refs/heads/${branch}`], timeoutMs: NETWORK_MS })
    .catch((error: unknown) => {
      // Code 2: nothing matches.
      if (error instanceof Error && error.message.includes("ended with code 2")) return "";
      throw error;
    });
  return /^([0-9a-f]{40,64})\t/.exec(told)?.[1];
}
/** What is there, brought here under a name of our own. */
export async function fetchHead(world: GitWorld, repository: string, remote: string, branch: string): Promise<string | undefined> {
  if ((await remoteHead(world, repository, remote, branch)) === undefined) return undefined;
  const ours = `refs/baton/remotes/${remote}/${branch}`;
  const args = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", remote, `+refs/heads/${branch}:${ours}`];
  await world.git.text({ cwd: repository, args, timeoutMs: NETWORK_MS });
  return world.git.line({ cwd: repository, args: ["rev-parse", "--verify", `${ours}^{commit}`] });
}
/** @param from where the branch must be; empty: it must not be there. @returns why not, in git's words. */
export async function push(
  world: GitWorld,
  repository: string,
  given: { remote: string; branch: string; from: string; to: string },
): Promise<string | undefined> {
  const ref = `refs/heads/${given.branch}`;
  const args = ["push", "--quiet", "--no-follow-tags", `--force-with-lease=${ref}:${given.from}`, given.remote, `${given.to}:${ref}`];
  const answer = await world.git.run({ cwd: repository, args, timeoutMs: NETWORK_MS });
  return answer.code === 0 ? undefined : toGitRefusal(["push", given.remote], answer).message;
}
