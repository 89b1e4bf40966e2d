// Redis Streams as a durable bus: a consumer group each recipient on the stream of what is for it; appendonly, fsync every second.
import { Redis } from "ioredis";

const AT_ONCE = 500;
const GROUP = "recipient";

export async function open({ url }, recipients) {
  const redis = new Redis(url, { enableAutoPipelining: true });
  await redis.flushdb();
  // One stream that everybody reads by a group of their own is what fan-out is in Redis: a message is stored once.
  await redis.xgroup("CREATE", "one", GROUP, "0", "MKSTREAM");
  for (let n = 0; n < recipients; n++) await redis.xgroup("CREATE", "all", `${GROUP}-${n}`, "0", "MKSTREAM");
  let open = true;
  const consumers = [];
  const connections = [redis];
  return {
    settings: `appendonly, fsync every second; groups, up to ${AT_ONCE} a read; what is sent at once is pipelined`,
    send: (payload) => redis.xadd("one", "*", "body", JSON.stringify(payload)),
    publish: (payload) => redis.xadd("all", "*", "body", JSON.stringify(payload)),
    consume(recipient, hear, { fromAll = false } = {}) {
      const [stream, group] = fromAll ? ["all", `${GROUP}-${recipient}`] : ["one", GROUP];
      const connection = new Redis(url);
      connections.push(connection);
      const listen = async () => {
        while (open) {
          const found = await connection.xreadgroup("GROUP", group, "consumer", "COUNT", AT_ONCE, "BLOCK", 500, "STREAMS", stream, ">");
          const items = found?.[0]?.[1] ?? [];
          if (items.length === 0) continue;
          hear(items.map(([, fields]) => JSON.parse(fields[1])));
          await connection.xack(stream, group, ...items.map(([id]) => id));
        }
      };
      consumers.push(listen());
    },
    async close() {
      open = false;
      await Promise.all(consumers);
      for (const one of connections) await one.quit();
    },
  };
}
