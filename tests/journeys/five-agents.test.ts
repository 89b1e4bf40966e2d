// Five agents at once on one real repository of several thousand files: two collide, one breaks the tests, one hangs. What is good lands, the target is green
// all the while, and of the others it is said why. Real processes, real work trees, real merges; one of the five is Claude Code where it is installed.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Event } from "@baton/contract";
import { expect, onTestFinished, test } from "vitest";
import { isChosen } from "../real-agents/pinned.ts";
import { realAgents } from "../real-agents/real-agent.ts";
import { openBackstage, openStage, processesOf } from "../real-agents/stage.fixture.ts";
import { type Journey, startJourney } from "./world.fixture.ts";

const real = realAgents.find(({ title }) => title === "Claude Code");
const takesPart = real !== undefined && isChosen(real.name);
const coder = { kind: "process" as const, command: process.execPath, args: [fileURLToPath(new URL("../fake-agents/coder-agent.mjs", import.meta.url))] };
const MANY = 3000;
/** Far more than it takes: nothing here depends on how quick the machine is. */
const PATIENCE_MS = 280_000;
/** Each line is one more than the one before, and nothing else stands there. */
const SUITE = `
import { readFileSync } from "node:fs";
const sums = readFileSync("src/sums.txt", "utf8").trim().split("\\n");
sums.forEach((line, at) => {
  if (line !== String(at + 1)) throw new Error("expected " + (at + 1) + " in src/sums.txt, received " + line);
});
`;
const GATES = `
gates:
  - { name: paths, kind: paths, forbidden: ["tests/**", baton.yaml] }
  - { name: tests, kind: command, command: ${process.execPath}, args: [tests/suite.mjs], timeoutMs: 60000 }
`;

function makeRepository() {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "baton-five-")));
  onTestFinished(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  const write = (name: string, text: string): void => writeFileSync(join(path, name), text);
  for (const folder of ["src", "docs", "tests"]) mkdirSync(join(path, folder));
  for (let folder = 0; folder < MANY / 100; folder++) {
    mkdirSync(join(path, `src/part-${folder}`));
    for (let at = 0; at < 100; at++) write(`src/part-${folder}/file-${at}.txt`, `${folder} ${at}\n`);
  }
  for (const [name, text] of Object.entries({
    "src/sums.txt": "1\n2\n3\n",
    "src/greeting.txt": "Hello.\n",
    "docs/README.md": "Docs.\n",
    "tests/suite.mjs": SUITE,
    "baton.yaml": GATES,
  }))
    write(name, text);
  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", path, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", ...args], { encoding: "utf8" }).trim();
  git("init", "-q", "-b", "main");
  git("add", ".");
  git("commit", "-qm", "Begin");
  return { path, git, read: (name: string) => git("show", `main:${name}`) };
}

/** The journey's server, and who writes the notes in it: Claude Code with a scripted model, or one of the scripted agents. */
async function begin(): Promise<{ journey: Journey; notes: string }> {
  if (!takesPart) {
    const journey = await startJourney();
    await journey.client.createAgent({ body: { name: "writer", connector: coder } });
    return { journey, notes: "write docs/notes.md What the sums are for." };
  }
  const backstage = await openBackstage(real);
  onTestFinished(() => backstage.close());
  const stage = await openStage(real, backstage);
  await stage.register({ rules: [], otherwise: "allow", askTimeoutMs: 60_000 });
  return { journey: stage, notes: "[[shell echo What the sums are for. > docs/notes.md]] [[say It is written.]]" };
}

test(`five agents at once, ${takesPart ? "Claude Code among them" : "all scripted; BATON_TEST_AGENTS=1 has Claude Code among them"}: three changes land, and of the others it is said why`, {
  timeout: PATIENCE_MS,
}, async () => {
  const repository = makeRepository();
  const { journey, notes } = await begin();
  const { client } = journey;
  const event = async (isIt: (one: Event) => boolean): Promise<Event> => {
    for await (const one of client.followEvents({ after: 0, signal: AbortSignal.timeout(PATIENCE_MS) })) if (isIt(one)) return one;
    throw new Error("No such event came.");
  };
  const goes = join(journey.dataDir, "goes");
  const environment = { CODER_RESOLVES: "src/greeting.txt Hello, both of you.|How are you?" };
  for (const name of ["polite", "curious", "breaker", "sleeper"]) await client.createAgent({ body: { name, connector: coder, environment } });
  const writer = takesPart ? real.name : "writer";
  const work: [agent: string, description: string, timeoutMs: number][] = [
    [writer, notes, PATIENCE_MS],
    ["polite", `write src/greeting.txt Hello, both of you.\nwait ${goes}`, PATIENCE_MS],
    ["curious", `write src/greeting.txt Hello. How are you?\nwait ${goes}`, PATIENCE_MS],
    ["breaker", `write src/sums.txt 1|2|4\nwait ${goes}`, PATIENCE_MS],
    ["sleeper", "write docs/half.md Half of\nhang", 15_000],
  ];
  for (const [agent, description, timeoutMs] of work) {
    const steps = [{ id: "work", agent, timeoutMs, retries: 0 }];
    await client.submitTask({ body: { id: agent, title: `Work of ${agent}`, description, repository: repository.path, workspace: "task", steps } });
  }

  // Two collide: it is seen while both still work, with whose they are.
  const { data } = await event(({ type }) => type === "conflict.detected");
  expect(data).toMatchObject({ severity: "merge", files: ["src/greeting.txt"] });
  expect(new Set((data["owners"] as { taskId: string }[]).map(({ taskId }) => taskId))).toEqual(new Set(["curious", "polite"]));
  writeFileSync(goes, "");
  for (const id of [writer, "polite", "curious", "breaker"]) expect(await client.waitForTask(id)).toMatchObject({ id, status: "completed" });

  // All that was done is handed in at once; it is judged together, and whoever is to blame is found.
  const landings = new Map<string, string>();
  for (const taskId of [writer, "polite", "curious", "breaker"]) landings.set(taskId, (await client.createLanding({ body: { taskId } })).id);
  const ended = async (taskId: string) => {
    const id = landings.get(taskId) as string;
    await event((event) => event.data["landingId"] === id && ["landing.landed", "landing.refused"].includes(event.type));
    return client.getLanding({ params: { id } });
  };
  for (const taskId of [writer, "polite"]) expect(await ended(taskId)).toMatchObject({ state: "landed", returns: [] });
  const curious = await ended("curious");
  expect(curious).toMatchObject({ state: "landed", returns: [{}] });
  const [told] = curious.returns;
  expect((await client.getTask({ params: { id: told?.taskId ?? "" } })).description).toMatch(/cannot be merged into main[^]*src\/greeting\.txt: CONFLICT/);
  const breaker = await ended("breaker");
  expect(breaker).toMatchObject({ state: "refused", returns: [{}], failure: { kind: "gate", gates: ["tests"] } });
  expect(breaker.reason).toContain("Its agent was told of this, and it is so still.");
  expect(breaker.failure?.detail).toContain("expected 3 in src/sums.txt, received 4");

  // The one that hangs is ended, and what it had is kept.
  const sleeper = await client.waitForTask("sleeper");
  expect(sleeper).toMatchObject({ status: "failed", failure: { kind: "timeout" } });
  expect(processesOf(sleeper.steps[0]?.attempts[0]?.id ?? "")).toEqual([]);
  const kept = (await client.listWorkspaces({ query: { state: "present", limit: 50 } })).items;
  const ofSleeper = kept.find(({ taskId }) => taskId === "sleeper");
  expect(ofSleeper).toMatchObject({ landed: null });
  expect(repository.git("show", `${ofSleeper?.snapshot?.commit}:docs/half.md`)).toBe("Half of");

  // The target has the three, is green, and stands at exactly what a verdict let through; the work tree that has it checked out is along.
  expect(repository.read("docs/notes.md")).toBe("What the sums are for.");
  expect(repository.read("src/greeting.txt")).toBe("Hello, both of you.\nHow are you?");
  expect(repository.read("src/sums.txt")).toBe("1\n2\n3");
  expect(repository.git("status", "--porcelain")).toBe("");
  execFileSync(process.execPath, ["tests/suite.mjs"], { cwd: repository.path });
  const verdict = await client.getVerdict({ params: { id: curious.verdictId ?? "" } });
  expect(verdict).toMatchObject({ passes: true, tree: repository.git("rev-parse", "main^{tree}") });
  await expect.poll(async () => (await client.listConflicts({ query: {} })).items.map(({ state }) => state), { timeout: 60_000 }).toEqual(["gone"]);
});
