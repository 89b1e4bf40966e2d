// The lines of the handlers' table that are about messages.
import type { routes } from "@baton/contract";
import { createOnce } from "../agents/agents.ts";
import {
  acknowledgeMessages,
  addSigningKey,
  assertMayHear,
  assertMayRead,
  assertMayRedeliver,
  assertMaySubscribe,
  assertMayTake,
  assertPerson,
  createMailbox,
  createMessageRule,
  createSubscription,
  getMailbox,
  getMessage,
  getMessageRule,
  getResponse,
  getSigning,
  getSigningKey,
  listDeadLetters,
  listDeliveries,
  listMailboxes,
  listMessageRules,
  listMessages,
  listOpen,
  listSubscriptions,
  type MessagesWorld,
  messageStats,
  receiveMessages,
  redeliverMessage,
  removeMailbox,
  removeMessageRule,
  removeSigningKey,
  removeSubscription,
  replaceMessageRule,
  retireSigningKey,
  sendMessage,
  setSigning,
} from "../messages/messages.ts";
import { passEnvelope } from "../messages/a2a-envelope.ts";
import type { HandledRoute, Handlers } from "./api-world.ts";

type Ours = { [N in HandledRoute]: (typeof routes)[N]["tag"] extends "messages" ? N : never }[HandledRoute];

export function messageHandlers(world: MessagesWorld): Pick<Handlers, Ours> {
  return {
    listMessages: async ({ query, who }) => ({ answer: await listMessages(world, who.scope, query) }),
    sendMessage: async ({ body, who }) => {
      const { message, created } = await sendMessage(world, body, who);
      return { answer: message, status: created ? 201 : 200 };
    },
    broadcastMessage: async ({ body, who }) => {
      const { message, created } = await sendMessage(world, { ...body, pattern: "broadcast" }, who);
      return { answer: message, status: created ? 201 : 200 };
    },
    getMessageStats: async () => ({ answer: await messageStats(world) }),
    listDeadLetters: async ({ query, who }) => ({ answer: await listDeadLetters(world, who.scope, query) }),
    redeliverMessage: async ({ params, who }) => {
      await assertMayRedeliver(world, who, params.id);
      return { answer: await redeliverMessage(world, params.id) };
    },
    getMessage: async ({ params, who }) => {
      await assertMayRead(world, who, params.id);
      return { answer: await getMessage(world, params.id) };
    },
    listDeliveries: async ({ params, query, who }) => {
      await assertMayRead(world, who, params.id);
      return { answer: { items: await listDeliveries(world, params.id, query.limit) } };
    },
    getResponse: async ({ params, query, who }) => {
      await assertMayRead(world, who, params.id);
      return { answer: await getResponse(world, params.id, query.waitMs, who) };
    },
    acknowledgeMessage: async ({ params, body, who }) => {
      await assertMayTake(world, who, body.recipientId);
      await getMessage(world, params.id);
      return { answer: await acknowledgeMessages(world, body.recipientId, { done: [params.id], failed: [] }) };
    },
    passEnvelope: async ({ query, body, who }) => ({ answer: await passEnvelope(world, body, who, query.waitMs) }),
    listAgentMessages: async ({ params, query, who }) => {
      await assertMayHear(world, who, params.id);
      return { answer: await listOpen(world, params.id, query) };
    },
    receiveMessages: async ({ params, query, who }) => {
      await assertMayTake(world, who, params.id);
      return { answer: { items: await receiveMessages(world, params.id, query) } };
    },
    acknowledgeMessages: async ({ params, body, who }) => {
      await assertMayTake(world, who, params.id);
      return { answer: await acknowledgeMessages(world, params.id, body) };
    },
    listMailboxes: async ({ query, who }) => ({ answer: await listMailboxes(world, who.scope, query) }),
    createMailbox: async ({ body, idempotencyKey, who }) => {
      assertPerson(who, "open mailboxes");
      const find = (id: string) => getMailbox(world, id);
      const { made, created } = await createOnce(world, idempotencyKey, ["mailbox", body], find, () => createMailbox(world, body));
      return { answer: made, status: created ? 201 : 200 };
    },
    removeMailbox: async ({ params, who }) => {
      assertPerson(who, "remove mailboxes");
      await removeMailbox(world, params.id);
      return {};
    },
    listSubscriptions: async ({ query, who }) => ({ answer: await listSubscriptions(world, who.scope, query) }),
    createSubscription: async ({ body, who }) => {
      await assertMayHear(world, who, body.subscriberId);
      const { subscription, created } = await createSubscription(world, body);
      return { answer: subscription, status: created ? 201 : 200 };
    },
    removeSubscription: async ({ params, who }) => {
      await assertMaySubscribe(world, who, params.id);
      await removeSubscription(world, params.id);
      return {};
    },
    listMessageRules: async ({ query }) => ({ answer: await listMessageRules(world, query) }),
    createMessageRule: async ({ body, idempotencyKey }) => {
      const find = (id: string) => getMessageRule(world, id);
      const { made, created } = await createOnce(world, idempotencyKey, ["message rule", body], find, () => createMessageRule(world, body));
      return { answer: made, status: created ? 201 : 200 };
    },
    getMessageRule: async ({ params }) => ({ answer: await getMessageRule(world, params.id) }),
    replaceMessageRule: async ({ params, body, saw }) => ({ answer: await replaceMessageRule(world, params.id, body, saw) }),
    removeMessageRule: async ({ params, saw }) => {
      await removeMessageRule(world, params.id, saw);
      return {};
    },
    getSigning: async ({ params }) => ({ answer: await getSigning(world, params.id) }),
    setSigning: async ({ params, body }) => ({ answer: await setSigning(world, params.id, body) }),
    addSigningKey: async ({ params, body, who }) => ({ answer: await addSigningKey(world, params.id, body, who) }),
    retireSigningKey: async ({ params, who }) => ({ answer: await retireSigningKey(world, params.id, params.keyId, who) }),
    removeSigningKey: async ({ params }) => {
      await removeSigningKey(world, params.id, params.keyId);
      return {};
    },
    getSigningKey: async ({ params }) => ({ answer: await getSigningKey(world, params.id) }),
  };
}
