// An agent that tells what it does and asks a person, through the public client.
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { connectAgent } from "@baton/client";
import { Refusal } from "@baton/contract";
import { expect, onTestFinished, test } from "vitest";
import { startJourney } from "./world.fixture.ts";

const asks = { name: "deployer", capabilities: ["deploying"] };

test("what an agent says on the way can be read, and a person decides what it asks", async () => {
  const { client, dialIn, until } = await startJourney();
  await dialIn(asks, async (_, { ask, update }) => {
    update({ kind: "text", text: "I am about to " });
    update({ kind: "text", text: "deploy." });
    const { decision, comment } = await ask({ kind: "permission", title: "May I deploy to production?", detail: { target: "production" } });
    update({ kind: "note", text: `They said ${decision}.` });
    return { decision, comment };
  });
  const { id } = await client.submitTask({ body: { description: "Deploy it.", requirements: ["deploying"] } });
  const waiting = await until(id, (task) => task.status === "waiting");
  expect(waiting.waitingFor).toEqual({ kind: "approval", detail: "deployer asks: May I deploy to production?" });
  const { items } = await client.listApprovals({ query: { state: "open", taskId: id } });
  expect(items).toMatchObject([{ title: "May I deploy to production?", detail: { target: "production" }, stepId: "main" }]);
  const approval = items[0]?.id ?? "";
  const decided = await client.decideApproval({ params: { id: approval }, body: { decision: "approve", comment: "go ahead" } });
  expect(decided).toMatchObject({ state: "approved", comment: "go ahead", decidedBy: expect.stringContaining("127.0.0.1") });
  const task = await client.waitForTask(id);
  expect(task).toMatchObject({ status: "completed", result: { decision: "approved", comment: "go ahead" } });
  const updates = await client.listAttemptUpdates({ params: { id: task.steps[0]?.attempts[0]?.id ?? "" } });
  expect(updates.items.map(({ update }) => update)).toEqual([
    { kind: "text", text: "I am about to deploy." },
    { kind: "note", text: "They said approved." },
  ]);
  await expect(client.decideApproval({ params: { id: approval }, body: { decision: "reject" } })).rejects.toMatchObject({ code: "conflict" });
  await expect(client.getApproval({ params: { id: "nobody-asked" } })).rejects.toBeInstanceOf(Refusal);
});

test("a question outlives the connection of the agent that asked it", async () => {
  const { baton, client, until } = await startJourney();
  const wire = await openWire(Number(new URL(baton.url).port));
  const agent = await connectAgent({ url: wire.url, ...asks }, async (_, { ask }) => (await ask({ kind: "input", title: "Which region?" })).comment);
  onTestFinished(() => agent.close({ graceMs: 0 }));
  const { id } = await client.submitTask({ body: { description: "Deploy it.", requirements: ["deploying"] } });
  await until(id, (task) => task.status === "waiting");
  const connections = () => baton.world.events.list({ limit: 10, type: "agent.connected" });
  wire.cut();
  await expect.poll(async () => (await connections()).items.length).toBe(2);
  const { items, total } = await client.listApprovals({ query: { state: "open" } });
  expect(total).toBe(1);
  await client.decideApproval({ params: { id: items[0]?.id ?? "" }, body: { decision: "approve", comment: "eu-west" } });
  expect(await client.waitForTask(id)).toMatchObject({ status: "completed", result: "eu-west" });
});

/** A wire to a port of this machine that can be cut. */
async function openWire(port: number): Promise<{ url: string; cut(): void }> {
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    const behind = connect(port, "127.0.0.1");
    for (const one of [socket, behind]) {
      sockets.add(one);
      // An error is followed by close, which ends both.
      one.on("error", () => undefined);
      one.on("close", () => {
        sockets.delete(one);
        socket.destroy();
        behind.destroy();
      });
    }
    socket.pipe(behind).pipe(socket);
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    cut();
    listener.close();
  });
  return { url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`, cut };
}
