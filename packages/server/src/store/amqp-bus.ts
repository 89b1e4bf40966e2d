// Hints by RabbitMQ, or whoever else speaks AMQP 0-9-1: an exchange a store, a queue a server that goes with its connection; nothing is kept.
import { Refusal } from "@baton/contract";
import { type Channel, type ChannelModel, connect } from "amqplib";
import type { HintBus } from "./hints.ts";

const FIRST_MS = 2000;
const LONGEST_WAIT_MS = 2000;
const HEARTBEAT_S = 10;

/** One that is broken already is no news. */
const end = (connection: ChannelModel): void => void connection.close().catch(() => undefined);
interface Link {
  connection: ChannelModel;
  channel: Channel;
  queue: string;
}
/** @param store names the store, so that two that share a broker do not meet there. @throws Refusal `bad_input` for a URL that is none. */
export function openAmqpBus(url: string, store: string): HintBus {
  if (!URL.canParse(url) || !/^amqps?:$/.test(new URL(url).protocol))
    throw new Refusal("bad_input", "RABBITMQ_URL must be an address such as amqp://user:password@127.0.0.1:5672.");
  const address = new URL(url);
  if (!address.searchParams.has("heartbeat")) address.searchParams.set("heartbeat", String(HEARTBEAT_S));
  const exchange = `baton.${store}`;
  let link: Link | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let isClosed = false;

  async function openLink(told: Parameters<HintBus["open"]>[0]): Promise<Link> {
    const connection = await connect(address.href, { timeout: FIRST_MS });
    let reason = "the connection closed";
    connection.on("error", (error: Error) => (reason = error.message));
    connection.on("close", () => {
      link = undefined;
      told.away(reason);
      again(told);
    });
    const channel = await connection.createChannel();
    // Whatever breaks a channel here breaks all there is: it is begun anew.
    channel.on("error", (error: Error) => {
      reason = error.message;
      end(connection);
    });
    await channel.assertExchange(exchange, "direct", { durable: false, autoDelete: true });
    const { queue } = await channel.assertQueue("", { exclusive: true, autoDelete: true });
    await channel.consume(queue, (message) => message && told.hint(message.fields.routingKey, message.content.toString()), { noAck: true });
    return { connection, channel, queue };
  }
  async function tryToConnect(told: Parameters<HintBus["open"]>[0]): Promise<void> {
    try {
      const opened = await openLink(told);
      if (isClosed) return end(opened.connection);
      link = opened;
      failures = 0;
      told.ready();
    } catch (error) {
      told.away(error instanceof Error ? error.message : String(error));
      again(told);
    }
  }
  function again(told: Parameters<HintBus["open"]>[0]): void {
    clearTimeout(timer);
    if (!isClosed) timer = setTimeout(() => void tryToConnect(told), Math.min(LONGEST_WAIT_MS, 50 * 2 ** Math.min(failures++, 10)));
  }
  const connected = (): Link => {
    if (link === undefined) throw new Error("not connected");
    return link;
  };
  return {
    name: "RabbitMQ",
    get isReady() {
      return link !== undefined;
    },
    publish: async (channel, hint) => connected().channel.publish(exchange, channel, Buffer.from(hint)),
    subscribe: async (channel) => {
      const { channel: open, queue } = connected();
      await open.bindQueue(queue, exchange, channel);
    },
    open: tryToConnect,
    close: () => {
      isClosed = true;
      clearTimeout(timer);
      if (link) end(link.connection);
    },
  };
}
