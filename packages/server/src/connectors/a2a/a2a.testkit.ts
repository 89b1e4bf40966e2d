// A world for the connector's tests: real calls to 127.0.0.1, and little patience.
import type { A2aConnector } from "@baton/contract";
import { systemClock } from "../../std/clock.ts";
import { agentFor, type ConnectorUnderTest } from "../connector.testsuite.ts";
import type { ConnectorAgent } from "../connector.ts";
import { startFakeAgent } from "../fake-agent.testkit.ts";
import { openOutbound } from "../outbound.ts";
import { type A2aWorld, openA2aConnector } from "./a2a.ts";

export const openWorld = (more: Partial<A2aWorld> = {}): A2aWorld => ({
  clock: systemClock,
  outbound: openOutbound({ allow: "loopback" }),
  readEnv: (name) => (name === "LENT" ? "lent by the server" : undefined),
  readSecret: (_, name) => (name === "token" ? "s3cret" : undefined),
  publicUrl: undefined,
  patience: { first: 10, most: 50, behindPush: 10_000, misses: 3 },
  ...more,
});
export const a2aAgent = (url: string, settings: Partial<A2aConnector> = {}, changes: Partial<ConnectorAgent> = {}): ConnectorAgent =>
  agentFor({ kind: "a2a", url, protocol: "a2a", headers: {}, push: false, ...settings }, changes);

/** The fake agent below one of its paths, as the suite wants it. */
export async function underTest(path: string, settings: Partial<A2aConnector> = {}): Promise<ConnectorUnderTest> {
  const fake = await startFakeAgent("a2a-agent.mjs");
  const world = openWorld();
  const base = `http://127.0.0.1:${fake.port}`;
  return {
    connector: openA2aConnector(world),
    agent: a2aAgent(`${base}${path}`, settings),
    stillWorking: async () => ((await (await fetch(`${base}/open`)).json()) as { open: number }).open,
    close: async () => {
      await world.outbound.close();
      await fake.close();
    },
  };
}
