// One run of the crash test: servers that are killed at random while tasks are handed in, carried out, cancelled and followed;
// then quiet; then the books are read. What a run came to is returned, faults and all.
import { readdirSync, readFileSync } from "node:fs";
import { type Client, createClient } from "@baton/client";
import type { Reader } from "../../packages/server/src/store/db.ts";
import { type Crew, openCrew } from "./agents.ts";
import { checkBooks, checkLog, checkResults, checkTasks, type Fault, historyOf, longestSilences, type Outage } from "./checks.ts";
import type { ServerProcess } from "./cluster.ts";
import type { Dice } from "./dice.ts";
import { type Follower, follow } from "./follower.ts";
import { openFront } from "./front.ts";
import { type HandedIn, handIn, wait } from "./workload.ts";

/** What a run may kill. */
type Killable = Pick<ServerProcess, "name" | "isUp" | "start" | "kill">;
/** Something that goes on while servers are killed, and is to have come out right in the end. */
export interface Traffic {
  /** No more is begun. Resolves when what was begun has come to its end. */
  end(ms: number): Promise<{ faults: Fault[]; figures: Record<string, number> }>;
}
export interface CrashRun {
  dice: Dice;
  servers: ServerProcess[];
  /** Reads the store while nobody serves it. */
  withStore<Answer>(work: (store: Reader) => Promise<Answer>): Promise<Answer>;
  /** Breaks some of the servers' connections to their store. */
  disturb?: () => Promise<void>;
  /** What else is killed and comes back, one at a time: the services that the servers use. */
  services?: readonly Killable[];
  /** Messages that go to and fro meanwhile. */
  traffic?: (client: Client, dice: Dice) => Promise<Traffic>;
  tasks: number;
  kills: number;
  /** Between two kills, at random up to. */
  killGapMs: number;
  /** How long a server stays down, at random up to. */
  downMs: number;
  /** What nothing may wait longer than on an idle machine: lease + poll + a little. */
  patienceMs: number;
}
export interface CrashReport {
  faults: string[];
  figures: Record<string, number>;
}

export async function runCrash(run: CrashRun): Promise<CrashReport> {
  const { dice, servers } = run;
  await Promise.all(servers.map((server) => server.start()));
  const front = await openFront(servers, dice.of("front"));
  const client = createClient({ url: front.url, timeoutMs: 5000 });
  // Stops nothing, and has to have counted every attempt in the end.
  await client.createBudget({ body: { name: "books", scope: "everything", period: "total", usd: 1_000_000, attempts: 1_000_000_000 } });
  const crew = await openCrew(client, front.url, dice);
  const followers = [follow(client, "A follower from the first event", 0)];
  const started = Date.now();
  const traffic = await run.traffic?.(client, dice.of("traffic"));
  const submitting = submitAll(client, run);
  const { kills, outages } = await killAtRandom(run, submitting);
  const { handedIn, afterwards } = await submitting;
  await Promise.all(afterwards);
  followers.push(follow(client, "A follower that came late and began at the first event", 0));
  const patienceMs = patienceOf(run);
  const quiet = await untilQuiet(client, patienceMs + LONGEST_PAUSE_MS);
  const carried = await traffic?.end(patienceMs);
  const faults: Fault[] = quiet.waited ? [] : [{ what: `Not quiet within ${patienceMs + LONGEST_PAUSE_MS} ms after the last kill: ${quiet.detail}` }];
  faults.push(...(carried?.faults ?? []), ...servers.flatMap(({ ownEnds }) => ownEnds.map((what) => ({ what }))));
  const up = servers.filter((server) => server.isUp);
  faults.push(...(await checkApi(client, up, handedIn, dice)));
  await crew.close();
  const end = await endAll(client, up, followers);
  faults.push(...end.faults);
  await front.close();
  faults.push(...checkOrphans(crew.mark));
  const report = await run.withStore((store) => judge(store, { run, crew, handedIn, followers, outages, faults }));
  const figures = {
    tasks: handedIn.length,
    kills,
    seconds: Math.round((Date.now() - started) / 1000),
    events: end.last,
    ...carried?.figures,
    ...report.figures,
  };
  return { faults: report.faults, figures };
}

/** Spread over the time in which servers are killed. */
async function submitAll(client: Client, run: CrashRun): Promise<{ handedIn: HandedIn[]; afterwards: Promise<void>[] }> {
  const spreadMs = (run.kills * run.killGapMs) / 2;
  const handedIn: HandedIn[] = [];
  const afterwards: Promise<void>[] = [];
  const submitters = 16;
  const each = Math.ceil(run.tasks / submitters);
  const submitter = async (name: number): Promise<void> => {
    const dice = run.dice.of(`submitter ${name}`);
    for (let at = 0; at < each; at++) {
      const { task, after } = await handIn(client, `task-${name}-${at}`, dice);
      handedIn.push(task);
      // Awaited when all is handed in; until then nobody looks at how it ended.
      after.catch(() => undefined);
      afterwards.push(after);
      await wait(dice.next() * 2 * (spreadMs / each));
    }
  };
  await Promise.all(Array.from({ length: submitters }, (_, name) => submitter(name)));
  return { handedIn, afterwards };
}

/** Kills until there were enough kills and everything is handed in. Servers come back after a time; at most all but one are down, if there are several. */
async function killAtRandom(run: CrashRun, submitting: Promise<unknown>): Promise<{ kills: number; outages: Outage[] }> {
  const dice = run.dice.of("killer");
  let submitted = false;
  void submitting.then(() => (submitted = true));
  const returning = new Set<Promise<void>>();
  const outages: Outage[] = [];
  let downSince: number | undefined;
  const services = run.services ?? [];
  const isDown = () => run.servers.every((server) => !server.isUp) || services.some((service) => !service.isUp);
  let kills = 0;
  while (kills < run.kills || !submitted) {
    await wait(dice.next() * run.killGapMs);
    if (dice.chance(0.4)) await run.disturb?.();
    const up = run.servers.filter((server) => server.isUp);
    // A server that starts without its store says so and ends: services die while no server is starting.
    const killsService = services.length > 0 && returning.size === 0 && dice.chance(0.6);
    if (!killsService && (up.length === 0 || (run.servers.length > 1 && up.length === 1))) {
      // Those that ended by themselves do not come back.
      if (returning.size === 0) break;
      await Promise.race(returning);
      continue;
    }
    const victim = dice.pick<Killable>(killsService ? services : up);
    await victim.kill();
    kills++;
    if (isDown()) downSince ??= Date.now();
    const back = wait(dice.next() * run.downMs)
      .then(() => (killsService ? undefined : untilUp(services)))
      .then(() => victim.start())
      .then(() => {
        if (downSince === undefined || isDown()) return;
        outages.push({ from: downSince, to: Date.now() });
        downSince = undefined;
      })
      .finally(() => returning.delete(back));
    returning.add(back);
  }
  await Promise.all(returning);
  return { kills, outages };
}

async function untilUp(services: readonly Killable[]): Promise<void> {
  while (services.some((service) => !service.isUp)) await wait(20);
}

/** A machine on which a server takes long to start takes as long for other things. */
const patienceOf = ({ patienceMs, servers }: CrashRun): number => patienceMs + 2 * Math.max(...servers.map((server) => server.longestStartMs));
/** Before the third try of a step whose agent was not reachable. */
const LONGEST_PAUSE_MS = 12_500;

export async function untilQuiet(client: Client, ms: number): Promise<{ waited: boolean; detail: string }> {
  const deadline = Date.now() + ms;
  for (;;) {
    const { tasks, attemptsRunning } = await client.getSystemStatus();
    const open = Object.entries(tasks).filter(([status, n]) => !["completed", "failed", "cancelled"].includes(status) && n !== 0);
    if (open.length === 0 && attemptsRunning === 0) return { waited: true, detail: "" };
    if (Date.now() > deadline) return { waited: false, detail: JSON.stringify({ open, attemptsRunning }) };
    await wait(100);
  }
}

/** Whichever server is asked, it tells the same, and tells it of every task that was acknowledged. */
async function checkApi(client: Client, servers: readonly ServerProcess[], handedIn: readonly HandedIn[], dice: Dice): Promise<Fault[]> {
  const faults: Fault[] = [];
  const told = await Promise.all(servers.map(({ url }) => createClient({ url }).getSystemStatus()));
  for (const one of told)
    if (JSON.stringify(one.tasks) !== JSON.stringify(told[0]?.tasks))
      faults.push({ what: `Servers tell different counts: ${JSON.stringify(told.map((status) => status.tasks))}` });
  for (const task of handedIn.filter(() => dice.chance(0.1))) {
    const { status, steps, result } = await client.getTask({ params: { id: task.id } });
    const expected = task.cancelled ? "cancelled" : "completed";
    if (status !== expected) faults.push({ what: `The API says that task ${task.key} is ${status}, not ${expected}.`, taskId: task.id });
    if (status === "completed" && (result === null || steps.some((step) => step.status !== "completed" || step.output === null))) {
      faults.push({ what: `The API lacks results of the completed task ${task.key}.`, taskId: task.id });
    }
  }
  return faults;
}

export async function endAll(client: Client, servers: readonly ServerProcess[], followers: readonly Follower[]): Promise<{ last: number; faults: Fault[] }> {
  const faults: Fault[] = [];
  const { lastEvent } = await client.getSystemStatus();
  for (const follower of followers) {
    try {
      await follower.until(lastEvent, 15_000);
    } catch (error) {
      faults.push({ what: String(error) });
    }
    await follower.close();
  }
  const codes = await Promise.all(servers.map((server) => server.stop()));
  codes.forEach((code, at) => {
    if (code !== 0) faults.push({ what: `${servers[at]?.name} ended with ${code} when asked to stop.` });
  });
  return { last: lastEvent, faults };
}

/** Nothing that an agent of kind process started outlives its server. */
export function checkOrphans(mark: string): Fault[] {
  const commandLines = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => ({ pid, line: readCommandLine(pid) }));
  return commandLines.filter(({ line }) => line.includes(mark)).map(({ pid, line }) => ({ what: `Process ${pid} is left over: ${line}` }));
}
function readCommandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    // It ended while we looked.
    return "";
  }
}

interface Seen {
  run: CrashRun;
  crew: Crew;
  handedIn: readonly HandedIn[];
  followers: readonly Follower[];
  outages: readonly Outage[];
  faults: Fault[];
}
async function judge(store: Reader, { run, crew, handedIn, followers, outages, faults }: Seen): Promise<CrashReport> {
  const found = [
    ...faults,
    ...(await checkTasks(store, handedIn)),
    ...(await checkResults(store, crew.executions)),
    ...(await checkBooks(store)),
    ...(await checkLog(store, followers)),
  ];
  const silences = longestSilences(followers[0]?.seen ?? [], outages);
  for (const { taskId, ms, after } of silences.filter((one) => one.ms > patienceOf(run))) {
    found.push({ what: `Nothing happened to a task for ${ms} ms after ${after.type} (event ${after.seq}).`, taskId });
  }
  const told = found.slice(0, 40).map(({ what, taskId }) => (taskId === undefined ? what : `${what} [${taskId}]`));
  const offenders = [...new Set(found.flatMap(({ taskId }) => taskId ?? []))].slice(0, 3);
  for (const taskId of offenders) told.push(`History of ${taskId}:\n${await historyOf(store, taskId)}`);
  const repeated = [...crew.executions.values()].filter((numbers) => numbers.length > 1).length;
  return { faults: told, figures: { faults: found.length, longestWaitMs: silences[0]?.ms ?? 0, patienceMs: patienceOf(run), stepsExecutedTwice: repeated } };
}
