// Landings merged one after the other onto their target as it is now: what is judged as one tree.
import type { ProjectFile } from "@baton/contract";
import type { GitWorld } from "../gates/gates.ts";
import type { Ground } from "./ground.ts";
import { type Fate, refusal } from "./landing-machine.ts";
import type { LandingRow } from "./landing-rows.ts";
import type { LandingsWorld } from "./landings-world.ts";
import { mergeOnto, type Method, treeOf } from "./merge.ts";

export interface Batch extends Ground {
  batch: readonly LandingRow[];
  signal: AbortSignal;
}
export interface Chain {
  members: { row: LandingRow; source: string; from: string; to: string }[];
  tip: string;
  tree: string;
  fates: Map<string, Fate>;
}
/** Each onto what came of those before it; who does not fit is left out. */
export async function chain(world: LandingsWorld, repository: string, { batch, base, file }: Batch): Promise<Chain> {
  const made: Chain = { members: [], tip: base, tree: await treeOf(world, repository, base), fates: new Map() };
  for (const row of batch) {
    const found = await sourceOf(world, repository, row);
    if (found === undefined) {
      made.fates.set(row.id, refusal("source", `There is no branch, tag or commit ${row.source}.`));
      continue;
    }
    const { commit: source, subject } = found;
    if (source !== row.source_commit) await keep(world, repository, row.id, source);
    const method = methodOf(row, file);
    const message = row.message ?? messageOf(row, subject, method);
    const merged = await mergeOnto(world, { repository, tip: made.tip, tipTree: made.tree, source, method, message, at: row.updated_at });
    if (merged.ok) {
      made.members.push({ row, source, from: made.tip, to: merged.commit });
      Object.assign(made, { tip: merged.commit, tree: merged.tree });
    } else if (merged.kind === "conflict" && made.members.length > 0) {
      // Perhaps only with those before it: it is told when its turn comes.
      made.fates.set(row.id, { to: "queued", reason: "It conflicts with one that is judged now." });
    } else made.fates.set(row.id, refusal(merged.kind, merged.detail, merged.kind === "conflict" ? { files: merged.files } : {}));
  }
  return made;
}
/** What is to land stays, whatever becomes of its branch. */
export const keep = (world: GitWorld, repository: string, landingId: string, commit: string): Promise<string> =>
  world.git.text({ cwd: repository, args: ["update-ref", `refs/baton/landings/${landingId}`, commit] });
interface Source {
  commit: string;
  subject: string;
}
/** What it names now, or else what it named when it was looked at last. */
async function sourceOf(world: GitWorld, repository: string, { source, source_commit, workspace_id }: LandingRow): Promise<Source | undefined> {
  // What is in a work tree need not be on its branch.
  for (const name of workspace_id === null ? [`refs/heads/${source}`, source, source_commit] : [source_commit]) {
    if (name === null) continue;
    const args = ["log", "-1", "--no-show-signature", "--format=%H%n%s", "--end-of-options", name, "--"];
    const { code, stdout } = await world.git.run({ cwd: repository, args });
    const [commit = "", subject = ""] = stdout.split("\n");
    if (code === 0 && commit !== "") return { commit, subject };
  }
  return undefined;
}
const messageOf = (row: LandingRow, subject: string, method: Method): string =>
  `${method === "squash" ? subject : `Merge ${row.source} into ${row.target}\n\n${subject}`}\n\nLanding: ${row.id}\n`;

export const methodOf = (row: LandingRow, file: ProjectFile | undefined): Method => (row.method as Method | null) ?? file?.landing.method ?? "merge";
