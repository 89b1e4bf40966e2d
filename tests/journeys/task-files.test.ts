// The task files of examples/tasks and the plans of the library, each handed in by `baton run -f` and carried out to its end by agents of four kinds, the
// sample agents among them; and what the command says of files that are wrong.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Client, connectAgent, createClient } from "@baton/client";
import type { Json, Task } from "@baton/contract";
import { startBaton } from "@baton/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lines, makeRepository, openFolder } from "../../examples/agents/repository.fixture.ts";
import { baton, compile } from "../../packages/cli/src/baton-process.fixture.ts";
import { BadUsage } from "../../packages/cli/src/exit.ts";
import { withTaskInput } from "../../packages/cli/src/task-input.ts";
import { startFakeAgent } from "../../packages/server/src/connectors/fake-agent.testkit.ts";

interface Samples {
  startSamples(given: { url: string; ports: Record<string, number> }): Promise<{ stop(): Promise<void> }>;
}
const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const examples = pathOf("../../examples/tasks/");
const library = pathOf("../../packages/server/plans/");
const teamAgent = pathOf("../fake-agents/team-agent.mjs");
const folder = openFolder();
let client: Client;
let run: (...args: string[]) => ReturnType<typeof baton>;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  compile();
  const server = await startBaton({ port: 0, dataDir: join(folder.path, "data"), logLevel: "silent", pollMs: 100, sqliteSynchronous: "normal" }, {});
  client = createClient({ url: server.url });
  run = (...args) => baton(args, { BATON_URL: server.url });
  const { startSamples } = (await import(new URL("../../examples/samples.mjs", import.meta.url).href)) as Samples;
  const samples = await startSamples({ url: server.url, ports: { "history-analyst": 0, "code-scanner": 0, "dependency-reviewer": 0 } });
  const byCommand = (name: string, capabilities: string[], more = {}) =>
    client.createAgent({
      body: { name, capabilities, maxConcurrentTasks: 5, connector: { kind: "process", command: process.execPath, args: [teamAgent, "good"] }, ...more },
    });
  await byCommand("leader", ["planning", "coordination"], { role: "coordinator" });
  await byCommand("reader", ["work", "code_review", "security_review", "research", "analysis", "architecture", "summarising", "documentation"]);
  const service = await startFakeAgent("http-agent.mjs");
  const connector = { kind: "http" as const, endpoint: `http://127.0.0.1:${service.port}` };
  const capabilities = ["code_review", "security_review", "architecture", "summarising", "deployment", "monitoring", "debugging"];
  await client.createAgent({ body: { name: "service", connector, capabilities, maxConcurrentTasks: 5 } });
  const dialled = await connectAgent(
    { url: server.url, name: "dialled", capabilities: ["code_generation", "testing", "architecture", "summarising"], maxConcurrentTasks: 5 },
    ({ requirements, input, description }): Json => {
      if ((input as { type?: string } | null)?.type === "critique") return { agreement: 0.9 };
      if (requirements.includes("testing")) return { ok: true, notes: "all green" };
      return requirements.includes("code_generation") ? { patch: `for: ${description}` } : `dialled: ${description}`;
    },
  );
  closing.push(
    () => dialled.close({ graceMs: 0 }),
    () => service.close(),
    () => samples.stop(),
    () => server.stop(),
  );
}, 300_000);
afterAll(async () => {
  for (const close of closing) await close();
  folder.remove();
});

function repository(): string {
  const made = makeRepository();
  made.commit({ "src/a.ts": `${lines(20)}// FIXME: one\n`, "package.json": '{"dependencies":{"a":"*"}}' });
  return made.path;
}
/** Says yes, as people do by the command line, until nothing is asked any more. */
async function letBegin(id: string): Promise<void> {
  const { items } = await client.listApprovals({ query: { taskId: id, state: "open" } });
  for (const asked of items) {
    const how = asked.kind === "named" ? ["approve", id, "--name", asked.name ?? ""] : ["approve", asked.id, "-m", "go ahead"];
    expect(await run(...how)).toMatchObject({ exitCode: 0 });
  }
}
async function carryOut(...args: string[]): Promise<Task> {
  const handedIn = await run("run", "--json", ...args);
  expect([handedIn.exitCode, handedIn.err]).toEqual([0, ""]);
  const { id } = JSON.parse(handedIn.out) as Task;
  await expect
    .poll(
      async () => {
        const task = await client.getTask({ params: { id } });
        if (task.waitingFor?.kind === "approval") await letBegin(id);
        return task.completedAt === null ? "open" : "ended";
      },
      { timeout: 30_000 },
    )
    .toBe("ended");
  return client.getTask({ params: { id } });
}
const whoDid = (task: Task): (string | undefined)[] =>
  [...new Set(task.steps.flatMap((step) => step.attempts.map(({ assignment }) => assignment.agentName)))].sort();
const completed = (task: Task): void => expect([task.failure, task.status]).toEqual([null, "completed"]);

/** What came of each file, beyond its being carried out to the end. */
const seen: Record<string, (task: Task) => void> = {
  "approved.yaml": (task) => expect(task.steps.map(({ id, status }) => [id, status])).toEqual(["prepare", "set-up"].map((id) => [id, "completed"])),
  "automatic.yaml": (task) => expect([task.pattern, Object.keys((task.result as { combined: object }).combined).length]).toEqual(["hierarchical", 1]),
  "collaborative.yaml": (task) => expect([whoDid(task).length, (task.result as { agreed: boolean }).agreed]).toEqual([4, true]),
  "escalation.yaml": (task) => expect(task.result).toHaveProperty("patch"),
  "hierarchical.yaml": (task) => expect([whoDid(task).length, whoDid(task)]).toEqual([2, expect.arrayContaining(["leader"])]),
  "pipeline.yaml": (task) => expect(whoDid(task)).toEqual(["history-analyst", "report-writer"]),
  "plan-from-library.yaml": (task) => expect(task.steps.map(({ id }) => id)).toEqual(["understand", "correctness", "security", "tests", "verdict"]),
  "planned.yaml": (task) => expect(task.steps.map(({ id }) => id)).toEqual(["plan", "first", "second"]),
  "race.yaml": (task) => expect(task.result).toHaveProperty("patch"),
  "repository-review.yaml": (task) => expect(whoDid(task).length).toBe(5),
  "single.yaml": (task) => expect(whoDid(task)).toEqual(["repository-inspector"]),
  "swarm.yaml": (task) => expect(task.result).toMatchObject({ total: 5 }),
};

test.each(readdirSync(examples))(
  "the example %s is carried out",
  async (file) => {
    const task = await carryOut("-f", examples + file, "--repository", repository());
    completed(task);
    seen[file]?.(task);
    expect(Object.keys(seen)).toContain(file);
  },
  60_000,
);

const inputs: Record<string, Record<string, Json>> = {
  "bug-fix": { bug: "The export is empty." },
  "code-review": { change: "the branch login" },
  deployment: { version: "v2", environment: "production" },
  documentation: { subject: "the interface" },
  feature: { feature: "A button.", documentation: false },
  research: { question: "Why is the sky blue?" },
};
test.each(readdirSync(library))("the plan %s of the library is carried out", async (file) => {
  const plan = file.replace(".yaml", "");
  const path = join(folder.path, file);
  writeFileSync(path, JSON.stringify({ description: "Go.", plan, inputs: inputs[plan] }));
  const task = await carryOut("-f", path);
  completed(task);
  expect(task.steps.every(({ status }) => status === "completed")).toBe(true);
});

/** What the command says of a file, by the same way as the process takes. */
const refusalOf = (file: string): Promise<string> =>
  withTaskInput(undefined, { file }, (body) => client.submitTask({ body })).then(
    ({ id }) => `accepted as ${id}`,
    (error: unknown) => (error instanceof BadUsage ? error.message : String(error)),
  );
const wrong: [string, RegExp][] = [
  ["description: Go.\nsteps:\n  - id: a\n    needs: [b]\n", /:4:13 {2}steps\[0\]\.needs\[0\]/],
  ["description: Go.\nsteps:\n  - id: a\n    needs: [b]\n  - id: b\n    needs: [a]\n", /:2:1 {2}steps: these steps need each other in a circle/],
  ["description: Go.\npattern: race\ncoordination:\n  rounds: 2\n", /:4:3 {2}coordination\.rounds/],
  ["description: Go.\nplan: code-review\ninputs:\n  change: x\n  security: maybe\n", /:5:3 {2}inputs\.security/],
  ["description: Go.\nplan: nothing\n", /:2:1 {2}plan: there is no plan nothing \(allowed: bug-fix, /],
  ["description: Go.\npattern: swarm\npayload: []\nplanning: agent\n", /:2:1 {2}pattern: does not go with planning/],
  ['description: Go.\nsteps:\n  - id: a\n    input: { x: "$.steps[" }\n', /:4:\d+ {2}steps\[0\]\.input/],
  ["description: Go.\nsteps:\n  - id: a\n    outputSchema: { type: nonsense }\n", /:4:5 {2}steps\[0\]\.outputSchema/],
  ["description: Go.\ndependsOn: [nothing]\n", /:2:13 {2}dependsOn\[0\]/],
  ["description: Go.\nconstraints:\n  deadline: soon\n", /:3:3 {2}constraints\.deadline/],
  ["description: Go.\nconstraints:\n  max_agents: 0\n", /:3:3 {2}constraints\.maxAgents/],
  ["description: Go.\nsteps:\n  - id: a\n  - id: a\n", /:4:5 {2}steps\[1\]\.id/],
];
test.each(wrong)("what the server finds wrong in %j is told with line and column", async (text, told) => {
  const path = join(folder.path, "wrong.yaml");
  writeFileSync(path, text);
  expect(await refusalOf(path)).toMatch(told);
});

test.each(readdirSync(examples))("a key of %s that nobody knows is told with its place", async (file) => {
  const path = join(folder.path, file);
  const text = readFileSync(examples + file, "utf8").trimEnd();
  writeFileSync(path, `${text}\nnonsense: 1\n`);
  expect(await refusalOf(path)).toContain(`${path}:${text.split("\n").length + 1}:1  nonsense: is not known here`);
});

test("every file that this tells of is there", () => {
  expect(Object.keys(seen).filter((file) => !existsSync(examples + file))).toEqual([]);
  expect(Object.keys(inputs).filter((plan) => !existsSync(`${library}${plan}.yaml`))).toEqual([]);
});
