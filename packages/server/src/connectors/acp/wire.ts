// JSON-RPC, one message a line, between this server and an agent that may say anything: what cannot be a message is left out or ends the
// attempt, before the protocol's own library sees it.
import type { Readable, Writable } from "node:stream";
import { type AnyMessage, methods, type Stream } from "@agentclientprotocol/sdk";
import type { Json } from "@baton/contract";
import { MAX_ANSWER_BYTES, parseAgentJson, toStorableText } from "../agent-text.ts";
import { type Failure, fail } from "../time-limit.ts";

/** Of which the answer is a part: the same tool's output is sent many times, in pieces and whole. */
const MAX_STREAM = 10 * MAX_ANSWER_BYTES;
/** Requests of the agent that wait for an answer. */
const MAX_OPEN = 64;
const MAX_NOISE = 2_000;

export interface Wire {
  stream: Stream;
  /** The end of what it wrote that was no message. */
  noise(): string;
}

export interface WireListener {
  /** At once, in the order they come: what is told before an answer is taken before it. Not given to the library, which complains of unknown ones on this server's stderr. */
  onNotification(method: string, params: Json): void;
  /** Called once, with why nothing more can be taken from this agent. */
  onBreach(failure: Failure): void;
}

export function openWire(run: { stdin: Writable; stdout: Readable }, { onBreach, onNotification }: WireListener): Wire {
  /** Ids of our requests that have no answer yet. */
  const asked = new Set<unknown>();
  let open = 0;
  let read = 0;
  let noise = "";
  let breached = false;
  /** The prompt was answered: what follows, such as a second answer, is of no turn. */
  let promptId: unknown;
  let over = false;
  const breach = (failure: Failure): void => {
    if (breached) return;
    breached = true;
    onBreach(failure);
  };
  /** undefined for what is no message, or the answer to nothing: a second one, or one with a wrong id. */
  const toMessage = (line: string): AnyMessage | undefined => {
    const parsed = parseAgentJson(line);
    if (!parsed.ok && line.startsWith('{"'))
      breach(fail("invalid_response", `A message of it ${parsed.problem}. It begins: ${toStorableText(line.slice(0, 200))}`));
    const message = parsed.ok ? fieldsOf(parsed.value) : undefined;
    if (message?.["jsonrpc"] !== "2.0") {
      noise = toStorableText(`${noise}${line.slice(0, MAX_NOISE)}\n`.slice(-MAX_NOISE));
      return undefined;
    }
    if (!("method" in message)) {
      if (!asked.delete(message["id"])) return undefined;
      over = message["id"] === promptId;
      if (!isAnswer(message)) breach(fail("invalid_response", `An answer of it is neither a result nor an error: ${JSON.stringify(message).slice(0, 200)}`));
      return message as unknown as AnyMessage;
    }
    const { method } = message;
    if (typeof method !== "string") return undefined;
    if (!("id" in message) && !method.startsWith("$/")) {
      onNotification(method, message["params"] ?? null);
      return undefined;
    }
    if ("id" in message && ++open > MAX_OPEN) breach(fail("limit", `It asked for more than ${MAX_OPEN} things at once.`));
    return message as unknown as AnyMessage;
  };
  const readable = new ReadableStream<AnyMessage>({
    start(controller) {
      const take = (line: string): void => {
        const message = breached || over || line.trim() === "" ? undefined : toMessage(line.trim());
        if (message !== undefined && !breached) controller.enqueue(message);
      };
      eachLine(run.stdout, {
        take,
        chunk: (bytes) => {
          read += bytes;
          if (read > MAX_STREAM) breach(tooMuch);
          return !breached;
        },
        tooLong: () => breach(tooMuch),
        end: (rest) => {
          take(rest);
          controller.close();
        },
      });
    },
  });
  const writable = new WritableStream<AnyMessage>({
    write: (message) => {
      if ("method" in message && "id" in message) {
        asked.add(message.id);
        if (message.method === methods.agent.session.prompt) promptId = message.id;
      }
      if (!("method" in message)) open--;
      return new Promise((done) => {
        // An agent that reads no more is ending, or will be ended.
        if (!run.stdin.writable) done();
        else run.stdin.write(`${JSON.stringify(message)}\n`, () => done());
      });
    },
  });
  run.stdin.on("error", () => undefined);
  return { stream: { readable, writable }, noise: () => noise.trim() };
}

const tooMuch = fail("limit", `It said more than ${MAX_ANSWER_BYTES / 2 ** 20} MiB, or told of it without end.`);
const fieldsOf = (value: Json): { [key: string]: Json } | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
/** The library takes anything else for a broken request of ours. */
function isAnswer(message: { [key: string]: Json }): boolean {
  if (message["error"] === undefined) return "result" in message;
  const error = fieldsOf(message["error"]);
  return !("result" in message) && Number.isInteger(error?.["code"]) && typeof error?.["message"] === "string";
}

interface LineTaker {
  take(line: string): void;
  /** Called with the size of every piece; false: nothing more is wanted. */
  chunk(bytes: number): boolean;
  tooLong(): void;
  /** Called once, with what follows the last line end. */
  end(rest: string): void;
}
function eachLine(stream: Readable, taker: LineTaker): void {
  let pieces: Buffer[] = [];
  let length = 0;
  const flush = (): string => {
    const line = Buffer.concat(pieces).toString("utf8");
    pieces = [];
    length = 0;
    return line;
  };
  stream.on("data", (chunk: Buffer) => {
    if (!taker.chunk(chunk.length)) return;
    let start = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, start)) {
      pieces.push(chunk.subarray(start, at));
      taker.take(flush());
      start = at + 1;
    }
    pieces.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length <= MAX_ANSWER_BYTES) return;
    pieces = [];
    taker.tooLong();
  });
  // Not "end": a pipe that a stray process held open is closed without one, and what came through it still counts.
  stream.on("close", () => taker.end(flush()));
  // The pipe of a process that was killed may break; that it ended is told elsewhere.
  stream.on("error", () => undefined);
}
