// What an agent that speaks Agent2Agent is asked before it gets any work: its card, its health, and whether it may be called at all.
import type { A2aConnector } from "@baton/contract";
import { Refusal } from "@baton/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startFakeAgent } from "../fake-agent.testkit.ts";
import { openA2aConnector } from "./a2a.ts";
import { a2aAgent, openWorld } from "./a2a.testkit.ts";

const world = openWorld();
const connector = openA2aConnector(world);
let base: string;
let closeFake: () => Promise<void>;
beforeAll(async () => {
  const fake = await startFakeAgent("a2a-agent.mjs");
  base = `http://127.0.0.1:${fake.port}`;
  closeFake = fake.close;
});
afterAll(async () => {
  await world.outbound.close();
  await closeFake();
});
const agentAt = (path: string, settings: Partial<A2aConnector> = {}) => a2aAgent(`${base}${path}`, settings);

describe("is asked what it can do", () => {
  test.each(["/new", "/old", "/new/.well-known/agent-card.json"])("at %s", async (at) => {
    const found = await connector.discover?.(agentAt(at));
    expect(found).toMatchObject({
      description: "Does as it is told.",
      capabilities: [
        { name: "code_review", technologies: ["typescript", "git"] },
        { name: "Review code", technologies: ["typescript", "git"] },
        { name: "translate", technologies: [] },
      ],
      detail: { name: "Fake", skills: [{ id: "code_review" }, { id: "translate" }] },
    });
  });
  test("and the registration is refused when it does not say", async () => {
    const refusal = { code: "unavailable", message: expect.stringContaining("HTTP 404") };
    await expect(connector.discover?.(agentAt("/nowhere"))).rejects.toMatchObject(refusal);
    await expect(connector.discover?.(agentAt("/new", { cardPath: "/elsewhere.json" }))).rejects.toMatchObject({ code: "unavailable" });
  });
  test("and its card may not send us where this server may not call", async () => {
    await expect(connector.discover?.(agentAt("/far"))).rejects.toMatchObject({ code: "unsafe_endpoint" });
  });
  test.each([
    ["an unsafe address", { url: "http://169.254.169.254/" }, "unsafe_endpoint"],
    ["a header of the connection", { headers: { Host: "else" } }, "bad_input"],
    ["a variable nobody has", { headers: { "x-key": "${NOBODY}" } }, "bad_input"],
    ["a path that is none", { cardPath: "card.json" }, "bad_input"],
    ["push without an address of ours", { push: true }, "bad_input"],
  ])("and is not registered with %s", async (_, settings, code) => {
    const refused = await connector.check(agentAt("/new", settings)).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Refusal);
    expect(refused).toMatchObject({ code });
  });
  test("and whether it is well", async () => {
    expect(await connector.observe?.(agentAt("/new"))).toMatchObject({ health: "healthy", detail: "Its card answers: Fake 1.2.3." });
    expect(await connector.observe?.(agentAt("/nowhere"))).toMatchObject({ health: "degraded" });
    expect(await connector.observe?.(a2aAgent("http://127.0.0.1:1/"))).toMatchObject({ health: "unknown" });
  });
});
