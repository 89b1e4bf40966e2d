// NATS JetStream as a durable bus: a stream on file, a durable pull consumer each recipient, every message acknowledged by itself.
import { AckPolicy, jetstream, jetstreamManager, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

const AT_ONCE = 500;

export async function open({ url }) {
  const connection = await connect({ servers: url });
  const manager = await jetstreamManager(connection);
  for (const name of ["one", "all"]) {
    await manager.streams.delete(name).catch((error) => {
      if (error.code !== 10_059) throw error;
    });
    await manager.streams.add({ name, subjects: [name], storage: StorageType.File, retention: RetentionPolicy.Limits });
  }
  const client = jetstream(connection);
  const connections = [connection];
  const subscriptions = [];
  const send = (subject) => (payload) => client.publish(subject, JSON.stringify(payload));
  return {
    settings: `storage file, its default sync; pull consumers, up to ${AT_ONCE} on their way`,
    send: send("one"),
    publish: send("all"),
    async consume(recipient, hear, { fromAll = false } = {}) {
      const stream = fromAll ? "all" : "one";
      const own = fromAll ? connection : await connect({ servers: url });
      if (!fromAll) connections.push(own);
      const durable = `recipient-${recipient}`;
      await manager.consumers.add(stream, { durable_name: durable, ack_policy: AckPolicy.Explicit, max_ack_pending: 2 * AT_ONCE });
      const consumer = await jetstream(own).consumers.get(stream, durable);
      const messages = await consumer.consume({
        max_messages: AT_ONCE,
        callback: (message) => {
          hear([message.json()]);
          message.ack();
        },
      });
      subscriptions.push(messages);
    },
    async close() {
      for (const one of subscriptions) await one.close();
      for (const one of connections) await one.drain();
    },
  };
}
