// Whatever is known of an agent, what it is comes with a reason, and says the same as routing does.
import { agentStatus, healths } from "@baton/contract";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { AgentIndex } from "../routing/agent-index.ts";
import type { AgentRow } from "./agent-rows.ts";
import { deriveStatus, type Known, whyUnavailable } from "./agent-status.ts";

const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
const maybe = (value: fc.Arbitrary<number>): fc.Arbitrary<number | null> => fc.option(value);
const known: fc.Arbitrary<Known> = fc
  .record({
    enabled: fc.constantFrom(0, 1),
    admission: fc.constantFrom("open" as const, "paused" as const, "draining" as const),
    health: fc.constantFrom(...healths),
    max: fc.integer({ min: 1, max: 40 }),
    active: fc.nat(40),
    parked: maybe(time),
    now: time,
    kind: fc.constantFrom("http", "process", "dialin"),
    attached: fc.boolean(),
    created: time,
    observed: maybe(time),
    heartbeat: maybe(time),
    connected: maybe(time),
  })
  .map((given) => ({
    kind: given.kind,
    load: { active: given.active, parked_until: given.parked, parked_for: "quota", parked_reason: "its quota is used up" },
    now: given.now,
    // What does not dial in has no connection to lose.
    attached: given.kind === "dialin" ? given.attached : true,
    row: {
      enabled: given.enabled,
      admission: given.admission,
      health: given.health,
      health_detail: "It said so.",
      max_concurrent_tasks: given.max,
      created_at: given.created,
      updated_at: given.created,
      observed_at: given.observed,
      last_heartbeat_at: given.heartbeat,
      connected_at: given.connected,
    } as AgentRow,
  }));

test("every status is the contract's, with a reason in words and its facts newest first", () => {
  fc.assert(
    fc.property(known, (one) => {
      const status = agentStatus.parse(deriveStatus(one));
      expect(status.reason).toMatch(/\S.*\.$/);
      expect(status.facts.length).toBeGreaterThan(0);
      expect(status.facts.map((fact) => fact.at)).toEqual(
        status.facts
          .map((fact) => fact.at)
          .sort()
          .reverse(),
      );
    }),
  );
});

test("an agent is idle exactly when routing would choose it", () => {
  fc.assert(
    fc.property(known, (one) => {
      const index = new AgentIndex();
      const unavailable = whyUnavailable(one);
      index.put({
        id: "a",
        name: "a",
        capabilities: [],
        maxConcurrentTasks: one.row.max_concurrent_tasks,
        unavailable,
        parkedFor: null,
        completed: 0,
        failed: 0,
        averageDurationMs: null,
        role: "worker",
        price: null,
      });
      index.setActive("a", one.load.active);
      const { state, reason } = deriveStatus(one);
      expect(index.choose({ requirements: [] }) !== undefined, `${state}: ${reason}`).toBe(state === "idle");
      if (unavailable !== null) expect(unavailable).toMatch(/^is (parked|paused|draining|disabled|offline|error) \(.+\)$/);
    }),
  );
});
