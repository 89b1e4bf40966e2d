// What was judged goes where its mode says: onto the target, or to people as a pull request.
import type { LandingMode } from "@baton/contract";
import { getVerdict, runCommand, tail } from "../gates/gates.ts";
import type { RunRow } from "./landing-rows.ts";
import type { LandingsWorld } from "./landings-world.ts";
import { type Moved, moveTarget } from "./move-target.ts";
import { push, remoteHead } from "./remote.ts";

type Proposal = Extract<LandingMode, { kind: "pull_request" }>;
export type HandedOver = Moved | { kind: "proposed"; link: string };

export async function handOver(world: LandingsWorld, repository: string, run: RunRow & { isResumed: boolean }): Promise<HandedOver> {
  const mode = JSON.parse(run.mode) as LandingMode;
  return mode.kind === "pull_request" ? propose(world, repository, run, mode) : moveTarget(world, repository, run, mode);
}
/** May be done again: the branch has the landing's name, by which its command finds what it proposed before. */
async function propose(world: LandingsWorld, repository: string, run: RunRow, mode: Proposal): Promise<HandedOver> {
  const verdict = await getVerdict(world, run.verdict_id);
  if (!verdict.passes || verdict.tree !== run.tree) throw new Error(`Verdict ${verdict.id} (${verdict.state}) does not let tree ${run.tree} through.`);
  const [landingId = ""] = JSON.parse(run.landing_ids) as string[];
  const branch = `baton/${landingId}`;
  const before = (await remoteHead(world, repository, mode.remote, branch)) ?? "";
  const failed = before === run.tip ? undefined : await push(world, repository, { remote: mode.remote, branch, from: before, to: run.tip });
  if (failed !== undefined) return { kind: "refused", why: failed };
  const title = await world.git.line({ cwd: repository, args: ["show", "-s", "--format=%s", run.tip] });
  const ran = await runCommand(world, {
    command: mode.command,
    args: mode.args,
    timeoutMs: mode.timeoutMs,
    environment: {
      ...mode.environment,
      ...passed(world, mode.passEnvironment),
      BATON_BRANCH: branch,
      BATON_TARGET: run.target,
      BATON_TITLE: title,
      BATON_LANDING_ID: landingId,
      BATON_REPOSITORY: repository,
    },
    stdin: "",
    mark: `landing-${run.id}`,
    directory: () => repository,
    signal: new AbortController().signal,
  });
  if (!ran.ok) return { kind: "refused", why: `The command that proposes it ${ran.how}.\n${tail(ran.said, 4000)}` };
  return { kind: "proposed", link: tail(ran.said, 4000).split("\n").at(-1)?.slice(0, 2000) ?? "" };
}
const passed = (world: LandingsWorld, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = world.readEnv(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
