// The lines of the handlers' table that are about messages.
import type { routes } from "@baton/contract";
import { createOnce } from "../agents/agents.ts";
import {
  acknowledgeMessages,
  createMailbox,
  createSubscription,
  getMailbox,
  getMessage,
  getResponse,
  listDeadLetters,
  listDeliveries,
  listMailboxes,
  listMessages,
  listOpen,
  listSubscriptions,
  type MessagesWorld,
  messageStats,
  receiveMessages,
  redeliverMessage,
  removeMailbox,
  removeSubscription,
  sendMessage,
} from "../messages/messages.ts";
import type { HandledRoute, Handlers } from "./api-world.ts";

type Ours = { [N in HandledRoute]: (typeof routes)[N]["tag"] extends "messages" ? N : never }[HandledRoute];

export function messageHandlers(world: MessagesWorld): Pick<Handlers, Ours> {
  return {
    listMessages: async ({ query }) => ({ answer: await listMessages(world, query) }),
    sendMessage: async ({ body, caller }) => {
      const { message, created } = await sendMessage(world, body, caller);
      return { answer: message, status: created ? 201 : 200 };
    },
    broadcastMessage: async ({ body, caller }) => {
      const { message, created } = await sendMessage(world, { ...body, pattern: "broadcast" }, caller);
      return { answer: message, status: created ? 201 : 200 };
    },
    getMessageStats: async () => ({ answer: await messageStats(world) }),
    listDeadLetters: async ({ query }) => ({ answer: await listDeadLetters(world, query) }),
    redeliverMessage: async ({ params }) => ({ answer: await redeliverMessage(world, params.id) }),
    getMessage: async ({ params }) => ({ answer: await getMessage(world, params.id) }),
    listDeliveries: async ({ params, query }) => ({ answer: { items: await listDeliveries(world, params.id, query.limit) } }),
    getResponse: async ({ params, query }) => ({ answer: await getResponse(world, params.id, query.waitMs) }),
    acknowledgeMessage: async ({ params, body }) => {
      await getMessage(world, params.id);
      return { answer: await acknowledgeMessages(world, body.recipientId, { done: [params.id], failed: [] }) };
    },
    listAgentMessages: async ({ params, query }) => ({ answer: await listOpen(world, params.id, query) }),
    receiveMessages: async ({ params, query }) => ({ answer: { items: await receiveMessages(world, params.id, query) } }),
    acknowledgeMessages: async ({ params, body }) => ({ answer: await acknowledgeMessages(world, params.id, body) }),
    listMailboxes: async ({ query }) => ({ answer: await listMailboxes(world, query) }),
    createMailbox: async ({ body, idempotencyKey }) => {
      const find = (id: string) => getMailbox(world, id);
      const { made, created } = await createOnce(world, idempotencyKey, ["mailbox", body], find, () => createMailbox(world, body));
      return { answer: made, status: created ? 201 : 200 };
    },
    removeMailbox: async ({ params }) => {
      await removeMailbox(world, params.id);
      return {};
    },
    listSubscriptions: async ({ query }) => ({ answer: await listSubscriptions(world, query) }),
    createSubscription: async ({ body }) => {
      const { subscription, created } = await createSubscription(world, body);
      return { answer: subscription, status: created ? 201 : 200 };
    },
    removeSubscription: async ({ params }) => {
      await removeSubscription(world, params.id);
      return {};
    },
  };
}
