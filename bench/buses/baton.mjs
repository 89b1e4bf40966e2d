// Baton's messages in one server: sent, taken and acknowledged by the calls its routes make, with every check on the way but without HTTP.
import { importBuilt } from "../baton/built.mjs";
import { startBaton } from "../baton/start.mjs";

const OPERATOR = { name: "bench", kind: "local", role: "admin", rights: [] };
/** As many as a call takes. */
const AT_ONCE = 500;
const TOPIC = "bench.all";

/** @param {number} recipients how many mailboxes hear the topic; the first also gets what is sent to one */
export async function open(place, recipients) {
  const baton = await startBaton(place, undefined, { messageFlood: { perSecond: 1e6, burst: 1e6 } });
  const { world } = baton;
  const { sendMessage, receiveMessages, acknowledgeMessages, createMailbox, createSubscription } = await importBuilt("messages/messages.js");
  const { parse, messageInput } = await importBuilt("index.js", "contract");
  const names = Array.from({ length: recipients }, (_, n) => `mailbox-${n}`);
  for (const name of names) {
    await createMailbox(world, { name, description: "" });
    await createSubscription(world, { subscriberId: name, topic: TOPIC });
  }
  const say = (input) => sendMessage(world, parse(messageInput, { senderId: "bench", ...input }, "body"), OPERATOR);
  let open = true;
  const consumers = [];
  return {
    settings: `one server, ${place.url === undefined ? "SQLite, synchronous=full" : "Postgres"}, up to ${AT_ONCE} a call`,
    send: (payload) => say({ recipientId: names[0], payload }),
    publish: (payload) => say({ topic: TOPIC, payload }),
    consume(recipient, hear) {
      const name = names[recipient];
      const listen = async () => {
        while (open) {
          const items = await receiveMessages(world, name, { limit: AT_ONCE, waitMs: 500, leaseMs: 30_000 });
          if (items.length === 0) continue;
          hear(items.map(({ payload }) => payload));
          const { unknown } = await acknowledgeMessages(world, name, { done: items.map(({ id }) => id), failed: [] });
          if (unknown.length > 0) throw new Error(`${unknown.length} messages were handed out and could not be acknowledged.`);
        }
      };
      consumers.push(listen());
    },
    async close() {
      open = false;
      await Promise.all(consumers);
      await baton.stop();
    },
  };
}
