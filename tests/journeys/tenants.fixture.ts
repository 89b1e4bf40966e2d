// Two projects on one server: red, in which something of every kind is planted, and blue, whose people must not find any of it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Client, createClient } from "@baton/client";
import { accessRoles, type AccessRole, type Noun, type Task } from "@baton/contract";
import { type Baton, type Config, startBaton } from "@baton/server";
import { keepFinding, toPair } from "../../packages/server/src/conflicts/keep-conflict.ts";
import { gitIn, writeFile } from "../../packages/server/src/workspaces/workspaces.testkit.ts";
import { command } from "./world.fixture.ts";

const OPERATOR = "the-key-of-the-operator";
/** Stands in every text that is planted. */
export const MARK = "planted-in-red";
const WITHIN_MS = 60_000;
const projectId = "red";
const IN_A_YEAR = new Date(Date.now() + 365 * 86_400_000).toISOString();

export interface Tenants {
  url: string;
  /** The operator's. */
  client: Client;
  keys: Record<"red" | "blue", Record<AccessRole, string>>;
  as(project: "red" | "blue", role: AccessRole): Client;
  /** An agent that all projects share, and that worked for red. */
  shared: string;
  /** Of what is planted, one of each kind. */
  planted: Record<Noun, string>;
  addCommand(name: string, more?: object): Promise<string>;
  until(id: string, isSo: (task: Task) => boolean): Promise<Task>;
  end(): Promise<void>;
}
export async function startTenants(given: Partial<Config> = {}): Promise<Tenants> {
  const dataDir = mkdtempSync(join(tmpdir(), "baton-tenants-"));
  const settings = {
    dataDir,
    port: 0,
    logLevel: "error",
    logFile: join(dataDir, "baton.log"),
    sqliteSynchronous: "normal",
    pollMs: 100,
    drainMs: 0,
    conflicts: "off",
  } as const;
  const baton = await startBaton({ ...settings, apiKeys: [OPERATOR], ...given }, {});
  const { url } = baton;
  const client = createClient({ url, apiKey: OPERATOR });
  const keys = { red: {}, blue: {} } as Tenants["keys"];
  for (const project of ["red", "blue"] as const) {
    await client.createProject({ body: { name: project, description: project === "red" ? MARK : "" } });
    for (const role of accessRoles) keys[project][role] = (await client.createApiKey({ body: { name: `${project} ${role}`, role, projects: [project] } })).key;
  }
  const addCommand: Tenants["addCommand"] = async (name, more = {}) =>
    (await client.createAgent({ body: { name, connector: command, capabilities: [name], maxConcurrentTasks: 5, ...more } })).id;
  async function until(id: string, isSo: (task: Task) => boolean): Promise<Task> {
    for await (const _ of client.followEvents({ taskId: id, after: 0, signal: AbortSignal.timeout(WITHIN_MS) })) {
      const task = await client.getTask({ params: { id } });
      if (isSo(task)) return task;
    }
    throw new Error(`Task ${id} did not become what was waited for: ${JSON.stringify(await client.getTask({ params: { id } }))}`);
  }
  const shared = await addCommand("everybodys", { capabilities: ["tree-work"] });
  return {
    url,
    client,
    shared,
    keys,
    as: (project, role) => createClient({ url, apiKey: keys[project][role] }),
    planted: await plant({ client, until, addCommand, dataDir, shared, world: baton.world }),
    addCommand,
    until,
    end: async () => {
      await baton.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

interface Ground extends Pick<Tenants, "client" | "until" | "addCommand"> {
  dataDir: string;
  shared: string;
  world: Baton["world"];
}
async function plant(ground: Ground): Promise<Record<Noun, string>> {
  const { client, until, addCommand } = ground;
  const agent = await addCommand(`${MARK}-worker`, { projectId, capabilities: ["red-work"], description: MARK });
  const done = await client.submitTask({ body: { title: `${MARK} done`, description: `echo ${MARK}`, requirements: ["red-work"], projectId } });
  const ended = await until(done.id, ({ status }) => status === "completed");
  const constraints = { requiredApprovals: [`${MARK}-word`] };
  const task = await client.submitTask({ body: { title: `${MARK} open`, description: `echo ${MARK}`, requirements: ["red-work"], projectId, constraints } });
  return {
    task: task.id,
    attempt: ended.steps[0]?.attempts[0]?.id ?? "none",
    agent,
    "managed agent": (await client.createAgent({ body: { name: `${MARK}-dials`, connector: { kind: "dialin" }, capabilities: ["dials"], projectId } })).id,
    approval: (await client.listApprovals({ query: { taskId: task.id } })).items[0]?.id ?? "none",
    "approval rule": await plantRule(ground),
    ...(await plantTrees(ground)),
    ...(await plantMessages(ground)),
    project: "red",
    secret: (await client.createSecret({ body: { name: `${MARK}-secret`, value: `${MARK}-value`, projectId } })).id,
    schedule: (await client.createSchedule({ body: { name: `${MARK}-schedule`, at: IN_A_YEAR, task: { description: MARK }, projectId } })).id,
    budget: (await client.createBudget({ body: { name: `${MARK}-budget`, scope: "project", projectId, attempts: 1_000_000 } })).id,
    session: (await client.createSession({ body: { title: MARK, projectId } })).id,
  };
}

/** What a person said once and for all of an agent of red. */
async function plantRule({ client, until, dataDir }: Ground): Promise<string> {
  const args = [fileURLToPath(new URL("../fake-agents/acp-agent.mjs", import.meta.url))];
  const connector = { kind: "acp" as const, command: process.execPath, args, cwd: dataDir, permissions: { otherwise: "ask" as const } };
  const coder = await client.createAgent({ body: { name: `${MARK}-coder`, capabilities: ["red-edits"], connector, projectId } });
  const task = await client.submitTask({ body: { description: `may edit ${MARK}/a.ts`, requirements: ["red-edits"], projectId } });
  await until(task.id, ({ status }) => status === "waiting");
  const [asked] = (await client.listApprovals({ query: { taskId: task.id } })).items;
  const rule = { kinds: ["edit" as const], paths: [`${MARK}/**`] };
  await client.decideApproval({ params: { id: asked?.id ?? "" }, body: { decision: "approve", remember: { scope: "agent", rule } } });
  await until(task.id, ({ completedAt }) => completedAt !== null);
  return (await client.listApprovalRules({ query: { agentId: coder.id } })).items[0]?.id ?? "none";
}

/** Two tasks of red changed the same file. */
async function plantTrees({
  client,
  until,
  dataDir,
  shared,
  world,
}: Ground): Promise<Record<"workspace" | "checkpoint" | "conflict" | "landing" | "verdict", string>> {
  const repository = join(dataDir, `${MARK}-repository`);
  writeFile(repository, "file", "planted\n");
  for (const words of [
    ["init", "-q", "-b", "main"],
    ["add", "-A"],
    ["commit", "-q", "-m", MARK],
  ])
    gitIn(repository, ...words);
  const work = async () => {
    const body = { title: MARK, description: `echo ${MARK}`, requirements: ["tree-work"], repository, workspace: "task" as const, projectId };
    const { id } = await client.submitTask({ body });
    await until(id, ({ completedAt }) => completedAt !== null);
    return client.getWorkspace({ params: { id } });
  };
  const [one, other] = [await work(), await work()];
  const pair = toPair(one.id, other.id);
  const files = [{ path: MARK, severity: "file" as const, lines: [], detail: null }];
  await keepFinding(world, { ...pair, repositoryId: one.repository.id, secondId: one.id, files, seenAt: Date.now() });
  writeFile(one.path, MARK, "changed\n");
  const gates = [{ name: "nothing-at-all", kind: "paths" as const, forbidden: ["**"] }];
  const { id: landing } = await client.createLanding({ body: { workspaceId: one.id, gates, maxFeedback: 0 } });
  for await (const _ of client.followEvents({ type: "landing.*", after: 0, signal: AbortSignal.timeout(WITHIN_MS) }))
    if ((await client.getLanding({ params: { id: landing } })).state === "refused") break;
  await client.updateProject({ params: { id: projectId }, body: { repositories: [repository] } });
  return {
    landing,
    verdict: (await client.listVerdicts({ query: { landingId: landing } })).items[0]?.id ?? "none",
    workspace: one.id,
    checkpoint: (await client.listCheckpoints({ params: { id: shared }, query: { workspaceId: one.id } })).items[0]?.id ?? "none",
    conflict: (await client.listConflicts({ query: { workspaceId: one.id } })).items[0]?.id ?? "none",
  };
}

async function plantMessages({ client }: Ground): Promise<Record<"message" | "dead letter" | "mailbox" | "subscription", string>> {
  const { id: mailbox } = await client.createMailbox({ body: { name: `${MARK}-desk`, description: MARK, projectId } });
  const asked = { recipientId: mailbox, payload: MARK, pattern: "request_response" as const, timeoutMs: 86_400_000 };
  const send = async () => (await client.sendMessage({ body: asked })).id;
  const failed = [{ id: await send(), reason: MARK, final: true }];
  await client.receiveMessages({ params: { id: mailbox } });
  await client.acknowledgeMessages({ params: { id: mailbox }, body: { failed } });
  return {
    mailbox,
    message: await send(),
    "dead letter": (await client.listDeadLetters({ query: { recipientId: mailbox } })).items[0]?.delivery.id ?? "none",
    subscription: (await client.createSubscription({ body: { subscriberId: mailbox, topic: "planted.topic" } })).id,
  };
}
