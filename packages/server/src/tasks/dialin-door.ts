// Where dial-in agents meet their attempts: on connecting an agent says what it still works on; what this server carries out
// for it goes on, what another server did is taken over with a new fence, and what was ended or given away is dropped.
import { type Capability, type ClientFrame, type Outcome, type Progress, Refusal, type ServerFrame, type Update } from "@baton/contract";
import { type AgentSpeaker, attachAgent, detachAgent } from "../agents/agents.ts";
import { carryQuestions } from "../approvals/approvals.ts";
import type { Question } from "../connectors/connector.ts";
import type { AttemptFrame, DialinConnector } from "../connectors/connectors.ts";
import { selectAttemptBy, adoptAttempt } from "./attempt-rows.ts";
import { type Attempts, UNSETTLED } from "./attempts.ts";
import type { Going } from "./going.ts";
import type { CommandWorld } from "./commands.ts";
import { toGoing } from "./take-over.ts";
import type { Settled } from "./turn-settle.ts";

export interface Held {
  attemptId: string;
  fence: number;
}
export interface Link {
  send(frame: ServerFrame): void;
  close(): void;
}
type AttachFrame = Extract<ClientFrame, { type: "agent.attach" }> & { holding: Held[] };
type Reconciled = { resumed: Held[]; dropped: { attemptId: string; reason: string }[]; adopted: Going[] };
export interface Attached {
  agentId: string;
  name: string;
  capabilities: Capability[];
  resumed: Held[];
  dropped: { attemptId: string; reason: string }[];
}

const TOO_LATE = "It was ended, cancelled or given to another before.";
export function openDialinDoor(world: CommandWorld & { dialin: DialinConnector }) {
  const { dispatcher, dialin } = world;
  const links = new Map<string, Link>();
  const goodbyes = new Set<Promise<void>>();
  const since = new WeakMap<Link, number | null>();
  // They come back, say what they hold, and are known to be connected under the new lease.
  dispatcher.onLeaseLost(() => {
    for (const link of links.values()) link.close();
  });

  async function adopt(server: string, agentId: string, held: Held): Promise<Going | undefined> {
    return world.db.transaction(async (tx) => {
      const row = await adoptAttempt(tx, server, held.attemptId, held.fence, agentId);
      if (!row) return undefined;
      await carryQuestions(tx, row.task_id, row.id, row.fence);
      const going = await toGoing(tx, row);
      await world.events.append(tx, [
        { type: "attempt.adopted", taskId: row.task_id, stepId: row.step_id, attemptId: row.id, agentId, data: { fence: row.fence } },
      ]);
      return going;
    });
  }
  async function reconcile(server: string, agentId: string, holding: readonly Held[]): Promise<Reconciled> {
    const done: Reconciled = { resumed: [], dropped: [], adopted: [] };
    for (const held of holding) {
      const ours = dispatcher.attempts.find(held.attemptId);
      if (ours?.agentId === agentId && ours.fence === held.fence) {
        done.resumed.push({ attemptId: held.attemptId, fence: held.fence });
        continue;
      }
      const going = await adopt(server, agentId, held);
      if (going) {
        done.adopted.push(going);
        done.resumed.push({ attemptId: going.attemptId, fence: going.fence });
      } else done.dropped.push({ attemptId: held.attemptId, reason: "It was ended, cancelled or given to another meanwhile." });
    }
    return done;
  }
  async function recordRefusal(agentId: string, { attemptId, fence }: Held): Promise<void> {
    const row = await selectAttemptBy(world.db, attemptId, agentId);
    if (!row) return;
    await world.db.transaction((tx) =>
      world.events.append(tx, [{ type: "attempt.refused", taskId: row.task_id, stepId: row.step_id, attemptId, agentId, data: { fence, reason: TOO_LATE } }]),
    );
    world.events.committed();
  }
  /** Just adopted, more may be said of it before its connector has heard of it. */
  async function tell(agentId: string, link: Link, frame: AttemptFrame): Promise<void> {
    await dispatcher.attempts.handedOver(frame.attemptId);
    dialin.onFrame(agentId, link, frame);
  }
  /** Undefined when it is not carried out here, or was given up before its end was stored. */
  async function settle(agentId: string, link: Link, held: Held, outcome: Outcome): Promise<Settled | undefined> {
    const going = dispatcher.attempts.find(held.attemptId);
    const settlement = dispatcher.attempts.settlementOf(held.attemptId);
    if (!settlement || going?.agentId !== agentId || going.fence !== held.fence) return undefined;
    await tell(agentId, link, { type: "attempt.ended", attemptId: held.attemptId, fence: held.fence, outcome });
    const settled = await settlement;
    return settled === UNSETTLED ? undefined : settled;
  }
  function leaseOrRefuse(): string {
    const server = dispatcher.lease();
    if (server === undefined) throw new Refusal("unavailable", "This server takes no agents right now. Connect again in a moment.", { retryAfterSeconds: 2 });
    return server;
  }
  async function bye(agentId: string, link: Link): Promise<void> {
    dialin.detach(agentId, link);
    // The end of an older connection does not end the newer one of the same agent.
    if (links.get(agentId) !== link) return;
    links.delete(agentId);
    const server = dispatcher.lease();
    if (server !== undefined) await detachAgent(world, agentId, server, since.get(link) ?? null);
  }
  return {
    /** Resolves when every goodbye that was said is written. */
    quiet: async (): Promise<void> => void (await Promise.allSettled(goodbyes)),
    attach: async ({ agent, holding }: AttachFrame, link: Link, who?: AgentSpeaker): Promise<Attached> => {
      const server = leaseOrRefuse();
      let reconciled: Reconciled = { resumed: [], dropped: [], adopted: [] };
      const known = await attachAgent(world, agent, server, who, async (id) => {
        reconciled = await reconcile(server, id, holding);
        links.set(id, link);
        dialin.attach(id, link, reconciled.resumed);
        dispatcher.attempts.stop(
          notHeld(dispatcher.attempts, id, holding).map(({ attemptId }) => attemptId),
          "moved",
        );
      });
      since.set(link, known.row.connected_at);
      // Lost meanwhile, and this link was not among those that were closed.
      if (dispatcher.lease() !== server) link.close();
      for (const going of reconciled.adopted) dispatcher.attempts.begin(going, true);
      return { agentId: known.row.id, name: known.row.name, capabilities: known.capabilities, resumed: reconciled.resumed, dropped: reconciled.dropped };
    },
    detach: (agentId: string, link: Link): Promise<void> => {
      const said = bye(agentId, link).finally(() => goodbyes.delete(said));
      goodbyes.add(said);
      return said;
    },
    accepted: (agentId: string, link: Link, held: Held): void => void dialin.onFrame(agentId, link, { type: "attempt.accepted", ...held }),
    progressed: (agentId: string, link: Link, held: Held, progress: Progress): void =>
      void dialin.onFrame(agentId, link, { type: "attempt.progressed", ...held, progress }),
    updated: (agentId: string, link: Link, held: Held, updates: readonly Update[]): Promise<void> =>
      tell(agentId, link, { type: "attempt.updated", ...held, updates: [...updates] }),
    asked: (agentId: string, link: Link, held: Held, askId: string, question: Question): Promise<void> =>
      tell(agentId, link, { type: "attempt.asked", ...held, askId, question }),
    /** Resolves once the outcome is stored or refused: only then may the agent forget it. @throws Refusal `unavailable`. */
    ended: async (agentId: string, link: Link, held: Held, outcome: Outcome): Promise<Settled> => {
      const settled = await settle(agentId, link, held, outcome);
      if (settled) return settled;
      const server = leaseOrRefuse();
      // Given up here, or left behind by another server: whoever hears what it came to takes it over.
      const going = links.get(agentId) === link ? await adopt(server, agentId, held) : undefined;
      if (going) dispatcher.attempts.begin(going, true);
      const late = going && (await settle(agentId, link, going, outcome));
      if (late) return late;
      await recordRefusal(agentId, held);
      return { accepted: false, reason: TOO_LATE };
    },
  };
}

/** Begun by a server that is gone, and unknown to the agent: it never got there. */
function notHeld(attempts: Attempts, agentId: string, holding: readonly Held[]): Going[] {
  const held = new Set(holding.map(({ attemptId }) => attemptId));
  return attempts
    .all()
    .filter(({ going, adopted }) => adopted && going.agentId === agentId && !held.has(going.attemptId))
    .map(({ going }) => going);
}
