// Approvals of tasks through the public client: required by name, decided by name or from the inbox, kept over a restart.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@baton/client";
import { startBaton } from "@baton/server";
import { expect, onTestFinished, test } from "vitest";
import { startJourney } from "./world.fixture.ts";

test("a task waits for the approvals it requires and for a look at its plan; who decided is kept", async () => {
  const { client, dialIn } = await startJourney({ apiKeys: ["the-key-of-somebody"] });
  await dialIn({ name: "builder", capabilities: ["building"] }, async () => "built");
  const body = { description: "Build it.", requirements: ["building"], planReview: true, constraints: { requiredApprovals: ["security-review", "cost"] } };
  const { id, status, waitingFor } = await client.submitTask({ body });
  expect([status, waitingFor?.kind]).toEqual(["waiting", "approval"]);
  const { items } = await client.listApprovals({ query: { state: "open", taskId: id } });
  expect(items.map(({ kind, name }) => name ?? kind).sort()).toEqual(["cost", "plan", "security-review"]);
  const decided = await client.decideTaskApproval({ params: { id }, body: { name: "security-review", decision: "approve", comment: "looked at" } });
  expect(decided).toMatchObject({ state: "approved", comment: "looked at", decidedBy: expect.stringMatching(/^key:[0-9a-f]{12}$/) });
  await expect(client.decideTaskApproval({ params: { id }, body: { name: "taste", decision: "approve" } })).rejects.toMatchObject({ code: "not_found" });
  await client.decideApproval({ params: { id: items.find(({ kind }) => kind === "plan")?.id ?? "" }, body: { decision: "approve" } });
  expect((await client.getTask({ params: { id } })).reason).toBe("The approval cost must be given before it begins.");
  await client.decideTaskApproval({ params: { id }, body: { name: "cost", decision: "approve" } });
  expect(await client.waitForTask(id)).toMatchObject({ status: "completed", result: "built" });
  const denied = await client.submitTask({ body });
  await client.decideTaskApproval({ params: { id: denied.id }, body: { name: "cost", decision: "reject", comment: "too much" } });
  expect((await client.getTask({ params: { id: denied.id } })).failure).toMatchObject({
    kind: "gate",
    detail: expect.stringMatching(/^The approval cost was denied by key:[0-9a-f]{12}: too much$/),
  });
});

test("approvals wait over a restart of the server", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "baton-approvals-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const settings = { dataDir, port: 0, logLevel: "error", logFile: join(dataDir, "log"), pollMs: 100, drainMs: 0 } as const;
  const before = await startBaton(settings, {});
  const { id } = await createClient({ url: before.url }).submitTask({ body: { description: "Go.", constraints: { requiredApprovals: ["a"] } } });
  await before.stop();
  const after = await startBaton(settings, {});
  onTestFinished(() => after.stop());
  const client = createClient({ url: after.url });
  const [open] = (await client.listApprovals({ query: { state: "open" } })).items;
  expect(open).toMatchObject({ kind: "named", name: "a", taskId: id });
  await client.decideApproval({ params: { id: open?.id ?? "" }, body: { decision: "approve" } });
  expect((await client.getTask({ params: { id } })).waitingFor?.kind).not.toBe("approval");
});
