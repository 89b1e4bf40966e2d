// Random histories of landings on real repositories, with servers that die between any two commands of git and any two transactions, people who move the
// branch and change files meanwhile, agents that edit, stage, commit and amend in work trees, which are entered, kept, set back, landed and removed, and more than
// one server at a time. Whatever happens, the branch moved only to trees that gates had let through, and nothing that an agent wrote is out of reach.
// BATON_TEST_SEED=<seed> does the history of that seed again, which is told when one fails.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Refusal, type Verdict } from "@baton/contract";
import { assert, asyncProperty, constant, constantFrom, integer, oneof, record, array } from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { getVerdict, listVerdicts } from "../gates/gates.ts";
import { openPrograms } from "../programs/programs.ts";
import { newId } from "../std/clock.ts";
import { EVERYWHERE } from "../store/scope.ts";
import { sql } from "../store/sql.ts";
import type { OpenStore } from "../tasks/tasks.testkit.ts";
import { openGit } from "../workspaces/git.ts";
import { cancelLanding, listLandings, type LandingsWorld, type LandingWorker, openLandingWorker, retryLanding } from "./landing.ts";
import { act, doWork, editTree, edits, expectAgreement, expectKept, whatIsKept } from "./work-history.testkit.ts";
import { batonYaml, createRepository, type LandingServer, openLandingServer, shell, type TestRepository } from "./landing.testkit.ts";

const never = new Promise<never>(() => undefined);
interface Life {
  /** Its lease. */
  id: string;
  world: LandingsWorld;
  /** As `kill -9` does it: nothing of it goes on. */
  die(): Promise<void>;
  died: Promise<void>;
}
/** A server of its own over the same store, that dies after so many steps. */
async function beBorn(server: LandingServer, steps: number): Promise<Life> {
  const id = newId();
  let left = steps;
  let isDead = false;
  const programs = openPrograms(server.clock);
  const setLease = (until: number) =>
    server.db.transaction(
      async (tx) =>
        void (await tx.run(sql`insert into servers (id, name, started_at, lease_until) values (${id}, 'test', 0, ${until})
      on conflict (id) do update set lease_until = excluded.lease_until`)),
    );
  await setLease(server.clock.now() + 600_000);
  let tellDeath: () => void = () => undefined;
  const died = new Promise<void>((resolve) => (tellDeath = resolve));
  const die = async (): Promise<void> => {
    if (isDead) return;
    isDead = true;
    await programs.close();
    await setLease(0);
    tellDeath();
  };
  const step = async (): Promise<void> => {
    if (isDead) return never;
    if (--left >= 0) return undefined;
    await die();
    return never;
  };
  const mortal =
    <Args extends unknown[], Answer>(work: (...args: Args) => Promise<Answer>) =>
    async (...args: Args): Promise<Answer> => {
      await step();
      const answer = await work(...args);
      await step();
      return answer;
    };
  const git = openGit({ programs, newId });
  const world: LandingsWorld = {
    ...server,
    programs,
    git: { run: mortal(git.run), text: mortal(git.text), line: mortal(git.line) },
    db: {
      ...server.db,
      transaction: mortal(server.db.transaction),
      all: (statement) => (isDead ? never : server.db.all(statement)),
    },
    dispatcher: { ...server.dispatcher, lease: () => (isDead ? undefined : id) },
    settings: { ...server.settings, pollMs: 50 },
  };
  return { id, world, die, died };
}
async function live(server: LandingServer, steps: number): Promise<Life & { worker: Promise<LandingWorker> }> {
  const life = await beBorn(server, steps);
  return { ...life, worker: openLandingWorker(life.world) };
}
/** What a refusal ends comes to its end. */
const unlessRefused = (error: unknown): void => {
  if (!(error instanceof Refusal)) throw error;
};

const action = oneof(
  {
    weight: 5,
    arbitrary: record({
      kind: constant("land" as const),
      file: integer({ min: 0, max: 5 }),
      quality: constantFrom("good", "good", "good", "bad"),
      method: constantFrom("merge", "rebase", "squash"),
    }),
  },
  { weight: 4, arbitrary: record({ kind: constant("life" as const), steps: integer({ min: 1, max: 120 }) }) },
  { weight: 1, arbitrary: record({ kind: constant("two lives" as const), steps: integer({ min: 1, max: 120 }), others: integer({ min: 1, max: 120 }) }) },
  { weight: 1, arbitrary: record({ kind: constant("outside" as const) }) },
  { weight: 1, arbitrary: record({ kind: constantFrom("dirty" as const, "clean" as const) }) },
  { weight: 1, arbitrary: record({ kind: constantFrom("cancel" as const, "retry" as const) }) },
  { weight: 5, arbitrary: edits },
  { weight: 6, arbitrary: act },
);
const seeded = process.env["BATON_TEST_SEED"] === undefined ? {} : { seed: Number(process.env["BATON_TEST_SEED"]) };
/** A life ends by its steps, or when there is nothing left to do: this much time tells of something that hangs. */
const LIFE_MS = 120_000;

export function testCrashes(store: string, freshStore: () => Promise<OpenStore>, histories: number): void {
  const ends: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  describe(`landing on ${store}, while servers die and people interfere`, () => {
    test("moves the branch only to trees with a stored verdict that lets them through, loses nothing, and comes to an end", { timeout: 900_000 }, async () => {
      await assert(
        asyncProperty(array(action, { minLength: 6, maxLength: 18 }), async (actions) => {
          const server = await openLandingServer(await freshStore(), { isIdle: true });
          const repository = createRepository({ "a.txt": "a\n", "baton.yaml": batonYaml(shell("tests", "! grep -rq bad --include=*.txt .")) });
          const scratch = mkdtempSync(join(tmpdir(), "baton-crash-"));
          ends.push(
            () => server.stopAll(),
            repository.remove,
            () => rmSync(scratch, { recursive: true, force: true }),
          );
          let made = 0;
          const lives = async (...steps: number[]): Promise<void> => {
            const all = await Promise.all(steps.map((count) => live(server, count)));
            await Promise.race([...all.map(({ died }) => died), quiet(server, LIFE_MS)]);
            for (const one of all) await one.die();
          };
          let kept = await whatIsKept(server, repository);
          for (const one of actions) {
            if (one.kind === "edit") {
              await editTree(server, one.agent, one.edits);
              // What agents undo themselves is theirs to undo.
              kept = await whatIsKept(server, repository);
            } else if (one.kind === "act") {
              const life = await beBorn(server, one.steps);
              await Promise.race([life.died, doWork(life.world, repository, one, life.id).catch(unlessRefused)]);
              await life.die();
            } else if (one.kind === "land") {
              const name = `work-${++made}`;
              repository.branch(name, { [`file-${one.file}.txt`]: `${one.quality} ${made}\n` });
              await server.land({ repository: repository.path, source: name, method: one.method });
            } else if (one.kind === "life") await lives(one.steps);
            else if (one.kind === "two lives") await lives(one.steps, one.others);
            else if (one.kind === "outside") moveFromOutside(repository, ++made);
            else if (one.kind === "dirty") repository.write("a.txt", `mine ${++made}\n`);
            else if (one.kind === "clean") repository.git("checkout", "-q", "a.txt");
            else await interfere(server, one.kind);
            await checkMoves(server, repository);
            const now = await whatIsKept(server, repository);
            expectKept(kept, now);
            kept = now;
          }
          repository.git("checkout", "-q", "a.txt");
          const last = await live(server, 100_000);
          await quiet(server, 240_000);
          await (await last.worker).stop();
          await last.die();
          await checkMoves(server, repository);
          await checkEnd(server, repository);
          await expectAgreement(server, repository);
          expectKept(kept, await whatIsKept(server, repository));
        }),
        { numRuns: histories, endOnFailure: true, ...seeded },
      );
    });
  });
}
/** Resolves when nothing is on its way any more, or after that time. */
async function quiet(server: LandingServer, ms: number): Promise<void> {
  const signal = AbortSignal.timeout(ms);
  if ((await listLandings(server, EVERYWHERE, { state: "open", limit: 1, offset: 0 })).total === 0) return;
  for await (const _ of server.events.follow({ after: 0, filter: { type: "landing.*" }, signal }))
    if ((await listLandings(server, EVERYWHERE, { state: "open", limit: 1, offset: 0 })).total === 0) return;
}
/** Somebody commits to the branch where it is checked out, as far as what they find there lets them. */
function moveFromOutside(repository: TestRepository, n: number): void {
  const commit = repository.branch("outside", { [`outside-${n}.txt`]: "outside\n" });
  if (repository.git("status", "--porcelain") === "") repository.git("merge", "-q", "--ff-only", commit);
}
async function interfere(server: LandingServer, kind: "cancel" | "retry"): Promise<void> {
  const { items } = await listLandings(server, EVERYWHERE, { state: kind === "cancel" ? "queued,judging" : "refused,cancelled", limit: 1, offset: 0 });
  for (const { id } of items) await (kind === "cancel" ? cancelLanding(server, id, "somebody") : retryLanding(server, id));
}
async function passing(server: LandingServer): Promise<Verdict[]> {
  const { items } = await listVerdicts(server, { scope: EVERYWHERE, limit: 500, offset: 0 });
  return Promise.all(items.filter(({ passes }) => passes).map(({ id }) => getVerdict(server, id)));
}
/** What git itself kept of every move of the branch. */
async function checkMoves(server: LandingServer, repository: TestRepository): Promise<void> {
  const moves = repository
    .git("log", "-g", "--format=%H %T %gs", "refs/heads/main")
    .split("\n")
    .map((line) => /^(\S+) (\S+) (.*)$/.exec(line)?.slice(1) as [string, string, string]);
  const verdicts = await passing(server);
  for (const [at, [, tree, reason]] of moves.entries()) {
    if (reason !== "baton: landed") continue;
    const base = moves[at + 1]?.[0];
    expect(verdicts.some((verdict) => verdict.tree === tree && verdict.base === base)).toBe(true);
  }
}
async function checkEnd(server: LandingServer, repository: TestRepository): Promise<void> {
  const { items } = await listLandings(server, EVERYWHERE, { limit: 500, offset: 0 });
  expect(items.filter(({ state }) => !["landed", "refused", "cancelled"].includes(state))).toEqual([]);
  expect(repository.git("status", "--porcelain")).toBe("");
  for (const { id, state, source: given, commit, failure, workspaceId } of items) {
    // What lands from a workspace is a commit of its own.
    const source = workspaceId === null ? given : `refs/baton/landings/${id}`;
    const content = repository.git("diff-tree", "--no-commit-id", "-p", source, "--unified=0");
    if (state === "landed") expect([content.includes("+bad"), repository.git("merge-base", "--is-ancestor", commit ?? "", "main")]).toEqual([false, ""]);
    if (state === "refused") expect(failure?.kind).toMatch(/^(?:conflict|gate|target|source)$/);
    // What was to land is kept, whatever became of it.
    if (state !== "cancelled") expect(repository.git("rev-parse", `refs/baton/landings/${id}`)).toBe(repository.git("rev-parse", source));
  }
  expect(
    repository
      .git("ls-tree", "-r", "--name-only", "main")
      .split("\n")
      .filter((path) => path.startsWith("file-") && repository.read("main", path).includes("bad")),
  ).toEqual([]);
}
