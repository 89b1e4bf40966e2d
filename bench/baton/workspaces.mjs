// What workspaces cost beside git itself: making one, keeping what is in it, and setting it back, in one large repository. Plain git is the commands that
// somebody would run by hand to come to the same, one after another in one shell.
import { execFileSync } from "node:child_process";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { importBuilt } from "./built.mjs";
import { fileName, makeRepository } from "./large-repository.mjs";
import { startBaton } from "./start.mjs";

/** A copy of the index is as old as the index: else git overlooks what was changed in the second in which it was written. */
const KEEP = `set -e; dir=$(git rev-parse --git-dir); cp -p "$dir/index" "$dir/plain.index"; export GIT_INDEX_FILE="$dir/plain.index"
git add --all; tree=$(git write-tree); commit=$(git commit-tree "$tree" -p HEAD -m Kept); git update-ref refs/plain/kept "$commit"; unset GIT_INDEX_FILE`;
const SET_BACK = `${KEEP}; git clean -fdq; git restore --source=refs/plain/point --worktree -- :/; git restore --source=HEAD --staged -- :/`;

/** @returns milliseconds, a list each. */
export async function workspaces({ place, files, samples }) {
  const repository = join(place.directory, "repository");
  makeRepository(repository, files);
  const baton = await startBaton(place, undefined, { conflicts: "off" });
  const world = baton.world;
  const { createWorkspace } = await importBuilt("workspaces/create-workspace.js");
  const { findRepository } = await importBuilt("workspaces/repository.js");
  const { keepRepository } = await importBuilt("workspaces/workspace-rows.js");
  const { createCheckpoint } = await importBuilt("workspaces/checkpoints.js");
  const { rollBack } = await importBuilt("workspaces/rollback.js");
  const create = async (taskId) => {
    const at = await findRepository(world.git, repository, "repository");
    const row = { id: world.newId(), common_dir: at.commonDir, path: at.path, created_at: world.clock.now() };
    const kept = await world.db.transaction((tx) => keepRepository(tx, row));
    return createWorkspace(world, kept, at, { kind: "task", taskId, agentId: null, name: taskId }, "bench");
  };
  const shell = (cwd, script) => execFileSync("sh", ["-c", script], { cwd, stdio: ["ignore", "ignore", "inherit"], env: ENVIRONMENT });
  const times = { create: [], createPlain: [], checkpoint: [], checkpointPlain: [], rollback: [], rollbackPlain: [] };
  const timed = async (name, work) => {
    const began = performance.now();
    const answer = await work();
    times[name].push(performance.now() - began);
    return answer;
  };
  const plain = join(place.directory, "plain");
  let ours;
  for (let sample = 0; sample < samples; sample++) {
    await timed("createPlain", () => shell(repository, `git worktree add -q -b plain-${sample} ${plain}-${sample} main`));
    ours = await timed("create", () => create(`task-${sample}`));
  }
  const checkpoint = (description) => createCheckpoint(world, { workspace: ours, kind: "hand", description, agent: AGENT });
  for (let sample = 0; sample < samples; sample++) {
    for (const path of [ours.path, `${plain}-0`]) change(path, sample);
    await timed("checkpointPlain", () => shell(`${plain}-0`, KEEP));
    await timed("checkpoint", () => checkpoint(`sample ${sample}`));
  }
  for (let sample = 0; sample < samples; sample++) {
    const point = await checkpoint("point");
    shell(`${plain}-0`, `${KEEP}; git update-ref refs/plain/point "$commit"`);
    for (const path of [ours.path, `${plain}-0`]) change(path, samples + sample);
    await timed("rollbackPlain", () => shell(`${plain}-0`, SET_BACK));
    await timed("rollback", () => rollBack(world, ours, point, AGENT, "bench"));
  }
  await baton.stop();
  return times;
}
const ENVIRONMENT = {
  ...process.env,
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@example.com",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@example.com",
};
const AGENT = {
  agentId: null,
  taskId: null,
  stepId: null,
  attemptId: null,
  conversation: null,
  environment: {},
  state: { workingDirectory: null, currentTask: null, queue: [], context: { recentCommands: [], conversationHistory: [] }, metrics: {} },
};
/** Ten files get a line, five are new. */
function change(path, number) {
  for (let at = 0; at < 10; at++) appendFileSync(join(path, fileName(number * 10 + at)), `change ${number}\n`);
  for (let at = 0; at < 5; at++) writeFileSync(join(path, `new-${number}-${at}.txt`), `new ${number}\n`);
}
