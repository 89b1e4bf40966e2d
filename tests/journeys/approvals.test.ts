// Approvals of tasks through the public client: required by name, decided by name or from the inbox, kept over a restart.
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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

test("what is allowed once and for all for a task is not asked again, but for what leads elsewhere; other tasks ask", async () => {
  const { client, dataDir, until } = await startJourney();
  const cwd = join(dataDir, "work");
  await mkdir(join(cwd, "src"), { recursive: true });
  await symlink("/etc", join(cwd, "src", "out"));
  const args = [fileURLToPath(new URL("../fake-agents/acp-agent.mjs", import.meta.url))];
  const connector = { kind: "acp" as const, command: process.execPath, args, cwd, permissions: { otherwise: "ask" as const } };
  await client.createAgent({ body: { name: "coder", capabilities: ["coding"], connector } });
  const step = (id: string, path: string, needs: string[] = []) => ({ id, description: `may edit ${path}`, needs });
  const steps = [step("a", "src/a.ts"), step("b", "src/deep/b.ts", ["a"]), step("c", "src/out/passwd", ["b"])];
  const { id } = await client.submitTask({ body: { description: "Edit.", steps } });
  const next = async (taskId: string) => {
    await until(taskId, (task) => task.status === "waiting");
    return (await client.listApprovals({ query: { state: "open", taskId } })).items[0];
  };
  const first = await next(id);
  expect(first).toMatchObject({ stepId: "a", kind: "permission", offer: { kinds: ["edit"], paths: ["src/**"] } });
  const rule = { kinds: ["edit" as const], paths: ["src/**"] };
  await client.decideApproval({ params: { id: first?.id ?? "" }, body: { decision: "approve", remember: { scope: "task", rule } } });
  await until(id, (task) => task.steps.find((one) => one.id === "b")?.status === "completed");
  const third = await next(id);
  expect(third).toMatchObject({ stepId: "c", offer: { kinds: ["edit"], paths: ["/etc/**"] } });
  await client.decideApproval({ params: { id: third?.id ?? "" }, body: { decision: "reject" } });
  await until(id, (task) => task.completedAt !== null);
  expect((await client.listApprovals({ query: { taskId: id } })).total).toBe(2);
  const other = await client.submitTask({ body: { description: "Edit.", steps: [step("a", "src/a.ts")] } });
  expect(await next(other.id)).toMatchObject({ stepId: "a" });
  const [kept] = (await client.listApprovalRules({ query: { taskId: id } })).items;
  expect(kept).toMatchObject({ rule: { ...rule, answer: "allow" }, createdBy: expect.stringContaining("127.0.0.1") });
  await client.removeApprovalRule({ params: { id: kept?.id ?? "" } });
  expect((await client.listApprovalRules({})).total).toBe(0);
});
