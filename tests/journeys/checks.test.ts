// Checks are commands that the server runs: who may name one, by every way in; and a task with one, from its steps to its end.
import { createClient } from "@baton/client";
import { accessRoles, type AccessRole, type TaskInput } from "@baton/contract";
import { beforeAll, describe, expect, test } from "vitest";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Baton, startBaton } from "../../packages/server/src/app/app.ts";
import { startJourney } from "./world.fixture.ts";

const ADMIN_KEY = "the-key-of-the-operator";
const check = { command: "true" };
const steps = [{ id: "plain" }, { id: "checked", needs: ["plain"], check }];
const checked: TaskInput = { description: "Go.", requirements: ["nobody has it"], steps };
const schedule = { name: "nightly", cron: "0 0 1 1 *", task: { description: "Go." } };

describe("a command for the server to run", () => {
  let baton: Baton;
  const keys = {} as Record<AccessRole, string>;
  const as = (role: AccessRole) => createClient({ url: baton.url, apiKey: keys[role] });
  const admin = () => createClient({ url: baton.url, apiKey: ADMIN_KEY });
  beforeAll(async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "baton-checks-"));
    baton = await startBaton({ dataDir, port: 0, logLevel: "error", apiKeys: [ADMIN_KEY], sqliteSynchronous: "normal" }, {});
    for (const role of accessRoles) keys[role] = (await admin().createApiKey({ body: { name: role, role } })).key;
    return async () => {
      await baton.stop();
      rmSync(dataDir, { recursive: true, force: true });
    };
  });
  let named = 0;
  const ways: [string, (role: AccessRole) => Promise<unknown>][] = [
    ["a task", (role) => as(role).submitTask({ body: checked })],
    ["a preview", (role) => as(role).previewTask({ body: checked })],
    ["a new schedule", (role) => as(role).createSchedule({ body: { ...schedule, name: `new-${++named}`, task: checked } })],
    [
      "a schedule that is there",
      async (role) => {
        const { id } = await admin().createSchedule({ body: { ...schedule, name: `there-${++named}` } });
        await as(role).updateSchedule({ params: { id }, body: { task: checked } });
      },
    ],
    [
      "other steps for a plan",
      async (role) => {
        const { id } = await admin().submitTask({ body: { ...checked, steps: [{ id: "only" }], planReview: true } });
        await as(role).decidePlan({ params: { id }, body: { steps } });
      },
    ],
  ];
  test.each(ways)("is named in %s by who may register agents, and by nobody else", async (_, name) => {
    for (const role of ["admin", "agent-manager"] as const) await expect(name(role)).resolves.not.toThrow();
    await expect(name("user")).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringMatching(
        /steps\[1\]\.check names a command for this server to run \("true"\), which takes the right host; roles that have it: admin/,
      ),
    });
    for (const role of ["viewer", "agent"] as const) await expect(name(role)).rejects.toMatchObject({ code: "forbidden" });
  });
  test("that is refused leaves nothing behind", async () => {
    const before = (await admin().listTasks({})).total;
    await expect(as("user").submitTask({ body: checked })).rejects.toMatchObject({ code: "forbidden" });
    expect((await admin().listTasks({})).total).toBe(before);
  });
  test("that a schedule has is run for whoever runs the schedule", async () => {
    const { id } = await admin().createSchedule({ body: { ...schedule, name: "stored", task: checked } });
    expect(await as("user").runSchedule({ params: { id } })).toMatchObject({ steps: [{ id: "plain" }, { id: "checked" }] });
  });
  test("is not what users need who name none", async () => {
    const { id } = await as("user").submitTask({ body: { ...checked, steps: [{ id: "plain" }], planReview: true } });
    await as("user").decidePlan({ params: { id }, body: { steps: [{ id: "other" }] } });
  });
});

test("on a server that demands no credentials whoever reaches it may name one", async () => {
  const { client, dialIn } = await startJourney();
  await dialIn({ name: "worker", capabilities: ["work"] }, async () => "worked");
  const task = await client.waitForTask((await client.submitTask({ body: { description: "Go.", steps: [{ id: "a", check }] } })).id);
  expect(task).toMatchObject({ status: "completed", result: "worked" });
});
