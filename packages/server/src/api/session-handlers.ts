// The lines of the handlers' table that are about conversations.
import type { routes } from "@baton/contract";
import { type AgentsWorld, getKnownAgent } from "../agents/agents.ts";
import {
  addPin,
  addTurn,
  createSession,
  getContext,
  getSession,
  listSessions,
  listTurns,
  patchSession,
  removePin,
  removeSession,
  type SessionsWorld,
} from "../sessions/sessions.ts";
import type { HandledRoute, Handlers } from "./api-world.ts";
import { once } from "./once.ts";

type Ours = { [N in HandledRoute]: (typeof routes)[N]["tag"] extends "sessions" ? N : never }[HandledRoute];

export function sessionHandlers(world: SessionsWorld & AgentsWorld): Pick<Handlers, Ours> {
  return {
    listSessions: async ({ query, who }) => ({ answer: await listSessions(world, who.scope, query) }),
    createSession: ({ body, idempotencyKey }) =>
      once(
        world,
        idempotencyKey,
        ["session", body],
        (id) => getSession(world, id),
        () => createSession(world, body),
      ),
    getSession: async ({ params }) => ({ answer: await getSession(world, params.id) }),
    updateSession: async ({ params, body }) => ({ answer: await patchSession(world, params.id, body) }),
    removeSession: async ({ params }) => {
      await removeSession(world, params.id);
      return {};
    },
    listTurns: async ({ params, query }) => ({ answer: await listTurns(world, params.id, query) }),
    addTurn: async ({ params, body, idempotencyKey }) => {
      const agentId = body.agentId === undefined ? undefined : getKnownAgent(world, body.agentId).row.id;
      const { turn, created } = await addTurn(world, params.id, { ...body, agentId }, idempotencyKey);
      return { answer: turn, status: created ? 201 : 200 };
    },
    addPin: async ({ params, body }) => {
      const { pin, created } = await addPin(world, params.id, body);
      return { answer: pin, status: created ? 201 : 200 };
    },
    removePin: async ({ params }) => {
      await removePin(world, params.id, params.pinId);
      return {};
    },
    getContext: async ({ params, query }) => ({
      answer: await getContext(world, params.id, query.agent === undefined ? undefined : getKnownAgent(world, query.agent).row.id),
    }),
  };
}
