// The connector for agents that come to us: what is said to them and what they answer, without any socket. Whoever holds the
// sockets calls attach, detach and onFrame; this file decides what becomes of the attempts.
//
// An attempt is `offered` (start was sent, not accepted), `accepted` (the agent works on it) or `orphaned` (its agent is not linked).
//   offered  -> accepted   the agent says so, or says anything of it
//   offered  -> offered    sent once more after `acceptMs`; after as long again the outcome is `unavailable`
//   any      -> orphaned   the link went or was replaced; after `reconnectMs` the outcome is `unavailable`
//   orphaned -> accepted   the agent came back and holds the attempt with the same fence
//   orphaned -> offered    the agent came back, and had not accepted it before
//   any      -> ended      the agent's outcome, the deadline or a cancel; the last two tell the agent and wait for it at most 1.5 s.
//                          A signal whose reason is `released` or `fenced` tells it nothing: it works on for the server that takes over
// One link per agent: the newest wins, the older is told. Timers exist per attempt, never per agent.
import { type clientFrame, Refusal, toProblem, type Work } from "@baton/contract";
import type { Clock } from "../../std/clock.ts";
import type { AttemptContext, Connector, ConnectorAgent } from "../connector.ts";
import { DialinAttempt, type Held, type Link, type Taken, type Timing } from "./dialin-attempt.ts";

export type { Held, Link, Taken } from "./dialin-attempt.ts";

type Frame = ReturnType<typeof clientFrame.parse>;
export type AttemptFrame = Extract<Frame, { type: "attempt.accepted" | "attempt.progressed" | "attempt.updated" | "attempt.asked" | "attempt.ended" }>;
export interface DialinWorld {
  clock: Clock;
  /** How long an attempt waits for its agent to come back; 15 s unless given. */
  reconnectMs?: number | undefined;
  /** How long a start waits to be accepted, twice; 5 s unless given. */
  acceptMs?: number | undefined;
}
export interface DialinConnector extends Connector {
  isAttached(agentId: string): boolean;
  /** `held`: attempts the agent may go on with, with the fence to use from now on. Answers the link it replaced, for the caller to close. */
  attach(agentId: string, link: Link, held: readonly Held[]): Link | undefined;
  /** Of a link that was replaced already it changes nothing. */
  detach(agentId: string, link: Link): void;
  onFrame(agentId: string, link: Link, frame: AttemptFrame): Taken;
  /** Waits for an attempt the agent works on already, begun by a server that is gone: like carryOut, without a start. */
  adopt(agent: ConnectorAgent, work: Work, context: AttemptContext): ReturnType<Connector["carryOut"]>;
}

interface State {
  links: Map<string, Link>;
  /** agent -> attempt -> what waits for it. Agents without attempts have no entry. */
  attempts: Map<string, Map<string, DialinAttempt>>;
}

export function openDialinConnector(world: DialinWorld): DialinConnector {
  const timing: Timing = { clock: world.clock, reconnectMs: world.reconnectMs ?? 15_000, acceptMs: world.acceptMs ?? 5_000 };
  const state: State = { links: new Map(), attempts: new Map() };
  return {
    kind: "dialin",
    takesSession: true,
    check: async () => undefined,
    isAttached: (agentId) => state.links.has(agentId),
    carryOut: (agent, work, context) => run(state, timing, agent, work, context, false),
    adopt: (agent, work, context) => run(state, timing, agent, work, context, true),
    attach: (agentId, link, held) => attach(state, agentId, link, held),
    detach: (agentId, link) => detach(state, agentId, link),
    onFrame: (agentId, link, frame) => onFrame(state, agentId, link, frame),
    close: async () => {
      for (const attempt of attemptsOf(state)) attempt.abandon("The server is stopping.");
      state.links.clear();
    },
  };
}

async function run(
  state: State,
  timing: Timing,
  agent: ConnectorAgent,
  work: Work,
  context: AttemptContext,
  accepted: boolean,
): ReturnType<Connector["carryOut"]> {
  const attempt = new DialinAttempt(timing, { agent, work, context, accepted, link: () => state.links.get(agent.id) });
  const ofAgent = state.attempts.get(agent.id) ?? new Map<string, DialinAttempt>();
  // An attempt that is handed over twice has one owner: the newer one.
  ofAgent.get(work.attemptId)?.abandon("It was handed over again.");
  state.attempts.set(agent.id, ofAgent.set(work.attemptId, attempt));
  attempt.begin();
  try {
    return await attempt.outcome;
  } finally {
    if (ofAgent.get(work.attemptId) === attempt) ofAgent.delete(work.attemptId);
    if (ofAgent.size === 0 && state.attempts.get(agent.id) === ofAgent) state.attempts.delete(agent.id);
  }
}

function attach(state: State, agentId: string, link: Link, held: readonly Held[]): Link | undefined {
  const older = state.links.get(agentId);
  const replaced = older === link ? undefined : older;
  if (replaced !== undefined) {
    replaced.send({ type: "problem", problem: toProblem(new Refusal("conflict", "Another connection of this agent has taken over.")) });
    detach(state, agentId, replaced);
  }
  state.links.set(agentId, link);
  for (const attempt of state.attempts.get(agentId)?.values() ?? []) attempt.onAttached(held);
  return replaced;
}

function detach(state: State, agentId: string, link: Link): void {
  if (state.links.get(agentId) !== link) return;
  state.links.delete(agentId);
  for (const attempt of state.attempts.get(agentId)?.values() ?? []) attempt.onDetached();
}

function onFrame(state: State, agentId: string, link: Link, frame: AttemptFrame): Taken {
  const attempt = state.links.get(agentId) === link ? state.attempts.get(agentId)?.get(frame.attemptId) : undefined;
  if (attempt === undefined || attempt.fence !== frame.fence) return "not_here";
  if (frame.type === "attempt.ended") return attempt.onEnded(frame.outcome);
  if (frame.type === "attempt.accepted") attempt.onAccepted();
  else if (frame.type === "attempt.updated") attempt.onUpdated(frame.updates);
  else if (frame.type === "attempt.asked") attempt.onAsked(frame.askId, frame.question);
  else attempt.onProgressed(frame.progress);
  return "taken";
}

function* attemptsOf(state: State): Generator<DialinAttempt> {
  for (const ofAgent of state.attempts.values()) yield* ofAgent.values();
}
