// Agents on the protocol's own server, as others build them: both versions, with a stream and without.
import { afterAll, afterEach, expect, test } from "vitest";
import { attemptContext, workFor } from "../connector.testsuite.ts";
import { openA2aConnector } from "./a2a.ts";
import { a2aAgent, openWorld } from "./a2a.testkit.ts";
import { startSdkAgent } from "./sdk-agent.testkit.ts";

const world = openWorld();
const connector = openA2aConnector(world);
afterAll(() => world.outbound.close());
let close: () => Promise<void>;
afterEach(() => close());

const WAYS = [
  ["1.0", true],
  ["1.0", false],
  ["0.3", true],
  ["0.3", false],
] as const;
test.each(WAYS)("an agent of %s, streaming %s, answers, asks and is cancelled", async (version, streaming) => {
  const agent = await startSdkAgent(version, streaming);
  close = agent.close;
  const registered = a2aAgent(agent.url);
  expect(await connector.discover?.(registered)).toMatchObject({ description: "Says it again." });

  const echoing = attemptContext();
  const echoed = await connector.carryOut(registered, workFor("say it all again"), echoing);
  expect(echoed).toMatchObject({ ok: true, output: "say it all again", artifacts: [{ name: "words" }], conversation: expect.any(String) });
  expect(echoing.updates.map((update) => (update.kind === "text" ? update.text : "")).join("")).toBe("say it all again");

  const asking = attemptContext(() => ({ decision: "approved", comment: "blurple" }));
  expect(await connector.carryOut(registered, workFor("ask"), asking)).toMatchObject({ ok: true, output: "blurple" });
  expect(asking.asked).toMatchObject([{ title: "Which colour?" }]);

  const cancelling = attemptContext();
  const outcome = connector.carryOut(registered, workFor("slow"), cancelling);
  await expect.poll(() => cancelling.said).toContainEqual({ message: "at it" });
  cancelling.abort("Enough.");
  expect(await outcome).toMatchObject({ ok: false, kind: "cancelled", detail: "Enough." });
  await expect.poll(() => agent.running()).toBe(0);
});
