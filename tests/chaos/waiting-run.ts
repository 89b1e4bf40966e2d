// One run of the crash test of what waits: servers are killed while people are asked, at the very moment they decide, while checks run and while
// plans grow; then quiet; then the books are read.
import { type Client, createClient } from "@baton/client";
import type { Event } from "@baton/contract";
import type { Reader } from "../../packages/server/src/store/db.ts";
import { sql } from "../../packages/server/src/store/sql.ts";
import { checkBooks, checkLog, type Fault, historyOf } from "./checks.ts";
import { checkAnswers, checkApprovals, checkBeginnings, checkChecked, checkGrowth } from "./check-waiting.ts";
import { checkOrphans, type CrashReport, type CrashRun, endAll, untilQuiet } from "./crash-run.ts";
import { type Deciders, openDeciders } from "./deciders.ts";
import type { Dice } from "./dice.ts";
import { follow } from "./follower.ts";
import { openFront } from "./front.ts";
import { makeWaitingTask, openWaitingCrew, shapes, type WaitingCrew } from "./waiting-work.ts";
import { insist, wait } from "./workload.ts";

const moments = ["checking", "deciding", "waiting", "deciding", "anytime"] as const;
type Moment = (typeof moments)[number];
interface HandedIn {
  ids: string[];
  cancelled: Set<string>;
}
interface Scene {
  client: Client;
  crew: WaitingCrew;
  deciders: Deciders;
  handedIn: HandedIn;
  /** What was under way whenever servers were killed, summed up. */
  interrupted: Record<"waiting" | "deciding" | "checking" | "growing", number>;
}

export async function runWaiting(run: CrashRun & { directory: string }): Promise<CrashReport> {
  const { dice, servers } = run;
  await Promise.all(servers.map((server) => server.start()));
  const front = await openFront(servers, dice.of("front"));
  const client = createClient({ url: front.url, timeoutMs: 5000 });
  const crew = await openWaitingCrew(client, front.url, dice, run.directory);
  const follower = follow(client, "A follower", 0);
  const deciders = openDeciders(client, dice.of("deciders"), 3);
  const interrupted = { waiting: 0, deciding: 0, checking: 0, growing: 0 };
  const scene: Scene = { client, crew, deciders, handedIn: { ids: [], cancelled: new Set() }, interrupted };
  const started = Date.now();
  const submitting = submitAll(scene, run);
  await killWhile(scene, run);
  await submitting;
  const quiet = await untilQuiet(client, 240_000);
  const faults: Fault[] = quiet.waited ? [] : [{ what: `Not quiet within four minutes after the last kill: ${quiet.detail}` }];
  await deciders.close();
  await crew.close();
  faults.push(...servers.flatMap(({ ownEnds }) => ownEnds.map((what) => ({ what }))));
  const end = await endAll(client, servers, [follower]);
  faults.push(...end.faults, ...checkOrphans(crew.mark));
  await front.close();
  for (const [what, n] of Object.entries(interrupted))
    if (n === 0) faults.push({ what: `No server was killed while something was ${what}: the run shows nothing.` });
  const told = await run.withStore((store) => judge(store, scene, follower.seen, faults));
  const figures = { faults: told.length, tasks: scene.handedIn.ids.length, decisions: deciders.acknowledged.length, asked: crew.asked.length, ...interrupted };
  return { faults: told, figures: { ...figures, events: end.last, seconds: Math.round((Date.now() - started) / 1000) } };
}

async function submitAll({ client, crew, handedIn }: Scene, run: CrashRun & { directory: string }): Promise<void> {
  const dice = run.dice.of("submitter");
  const after: Promise<void>[] = [];
  for (let at = 0; at < run.tasks; at++) {
    const key = `waiting-${at}`;
    const body = makeWaitingTask(key, shapes[at % shapes.length] as (typeof shapes)[number], dice, run.directory, crew.mark);
    const { id } = await insist(() => client.submitTask({ body, idempotencyKey: key }), dice);
    handedIn.ids.push(id);
    if (dice.chance(0.1)) after.push(cancelLater(client, handedIn, id, dice));
    await wait(dice.next() * 2 * ((run.kills * run.killGapMs) / run.tasks));
  }
  await Promise.all(after);
}
async function cancelLater(client: Client, { cancelled }: HandedIn, id: string, dice: Dice): Promise<void> {
  await wait(dice.between(0, 600));
  const { status } = await insist(() => client.cancelTask({ params: { id } }), dice).catch(() => insist(() => client.getTask({ params: { id } }), dice));
  if (status === "cancelled") cancelled.add(id);
}

/** All servers at once, so that whatever is under way is under way in one that dies. */
async function killWhile(scene: Scene, run: CrashRun): Promise<void> {
  const dice = run.dice.of("killer");
  // Decisions are short: some kills more, if none was met by the usual number.
  const isMissed = (kill: number): boolean => scene.interrupted.deciding === 0 && kill < 4 * run.kills;
  for (let kill = 0; kill < run.kills || isMissed(kill); kill++) {
    await wait(dice.next() * run.killGapMs);
    await come(kill < run.kills ? (moments[kill % moments.length] as Moment) : "deciding", scene, dice);
    const deciding = scene.deciders.inFlight;
    await Promise.all(run.servers.map((server) => server.kill()));
    await run.withStore((store) => note(store, scene, deciding));
    if (run.disturb) await run.disturb();
    await Promise.all(run.servers.map((server) => wait(dice.next() * run.downMs).then(() => server.start())));
  }
}
/** Waits for the moment, and not for ever: the run says in the end what it hit. */
async function come(moment: Moment, { client, crew, deciders }: Scene, dice: Dice): Promise<void> {
  const until = Date.now() + 5000;
  const isSo = async (): Promise<boolean> => {
    if (moment === "waiting") return (await insist(() => client.listApprovals({ query: { state: "open", limit: 1 } }), dice)).total > 2;
    return moment !== "checking" || crew.checks().some(({ ended }) => ended === undefined);
  };
  if (moment === "deciding") {
    await Promise.race([deciders.nextSent(), wait(5000)]);
    // As often at once as a little later.
    const laterMs = dice.between(-6, 6);
    return laterMs > 0 ? wait(laterMs) : undefined;
  }
  while (Date.now() < until && !(await isSo())) await wait(20);
}
/** What stood still when the servers were killed. */
async function note(store: Reader, { crew, interrupted }: Scene, deciding: number): Promise<void> {
  const count = async (rows: Promise<{ n: number }[]>): Promise<number> => Number((await rows)[0]?.n ?? 0);
  interrupted.waiting += await count(store.all(sql`select count(*) as n from approvals where state = 'open'`));
  interrupted.growing += await count(
    store.all(sql`select count(*) as n from tasks where pattern in ('hierarchical', 'swarm') and status not in ('completed', 'failed', 'cancelled')`),
  );
  interrupted.deciding += deciding;
  interrupted.checking += crew.checks().filter(({ ended }) => ended === undefined).length > 0 ? 1 : 0;
}

async function judge(store: Reader, { crew, deciders, handedIn }: Scene, events: readonly Event[], faults: Fault[]): Promise<string[]> {
  const stored = new Set((await store.all<{ id: string }>(sql`select id from tasks`)).map(({ id }) => id));
  const lost = handedIn.ids.filter((id) => !stored.has(id));
  const found = [
    ...faults,
    ...lost.map((id) => ({ what: "It was acknowledged and is not stored.", taskId: id })),
    ...(stored.size === new Set(handedIn.ids).size ? [] : [{ what: `${handedIn.ids.length} tasks were acknowledged, ${stored.size} are stored.` }]),
    ...(await checkApprovals(store, deciders.acknowledged, events)),
    ...(await checkBeginnings(store, handedIn.cancelled, events)),
    ...(await checkAnswers(store, crew.asked)),
    ...(await checkChecked(store, crew.checks())),
    ...checkGrowth(events),
    ...(await checkBooks(store)),
    ...(await checkLog(store, [{ name: "A follower", seen: events }])),
  ];
  const told = found.slice(0, 30).map(({ what, taskId }: Fault) => (taskId === undefined ? what : `${what} [${taskId}]`));
  const offenders = [...new Set(found.flatMap(({ taskId }: Fault) => taskId ?? []))].slice(0, 2);
  for (const taskId of offenders) told.push(`History of ${taskId}:\n${await historyOf(store, taskId)}`);
  return told;
}
