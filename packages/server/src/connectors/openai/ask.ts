// One question to a model service, and its answer as it streams in. What the service does not take of a request is left out, and it is asked again.
import type { Json } from "@baton/contract";
import { createParser } from "eventsource-parser";
import { request as send } from "undici";
import type { Clock } from "../../std/clock.ts";
import { parseAgentJson } from "../agent-text.ts";
import type { ConnectorAgent } from "../connector.ts";
import { readText, toFailure } from "../exchange.ts";
import { namesIn } from "../request-headers.ts";
import { type Failure, fail } from "../time-limit.ts";
import { type AddressWorld, headersOf, urlOf } from "./address.ts";
import { toApiFailure, wordsOf } from "./api-failure.ts";
import { type Asked, type Listener, type Part, type Reader, type Turn, type Wire } from "./turn.ts";

export interface AskWorld extends AddressWorld {
  clock: Clock;
}
export interface Question extends Omit<Asked, "without"> {
  agent: ConnectorAgent;
  wire: Wire;
  signal: AbortSignal;
  /** How many bytes the service may still say in this attempt; counted down. */
  budget: { bytes: number };
  /** Parts this service was found not to take; added to. */
  without: Set<Part>;
}
/** `mayHaveUsed`: it failed after it began to answer, so that nobody knows what was used. */
export type Answered = { turn: Turn } | { failure: Failure; mayHaveUsed: boolean };

const ERROR_BYTES = 64 * 1024;

/** Never rejects. */
export async function ask(world: AskWorld, question: Question, listener: Listener): Promise<Answered> {
  let own: Record<string, string> = {};
  try {
    own = await headersOf(world, question.settings, question.agent);
    for (;;) {
      const body = question.wire.body(question);
      const { settings, signal } = question;
      const response = await send(urlOf(world, settings, question.wire.path), {
        dispatcher: world.outbound.dispatcher,
        signal,
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "text/event-stream, application/json",
          "accept-encoding": "identity",
          ...own,
        },
        body: JSON.stringify(body),
      });
      const { statusCode: status, headers } = response;
      if (status >= 200 && status < 300) return await readAnswer(question, response, listener);
      const text = (await readText(response.body, ERROR_BYTES)) ?? "";
      const unknown = status === 400 || status === 422 ? unknownPart(text, body, question.without) : undefined;
      if (unknown === undefined)
        return { failure: withoutKeys(toApiFailure({ status, headers, text }, namesIn(settings), world.clock.now()), own), mayHaveUsed: false };
      question.without.add(unknown);
    }
  } catch (error) {
    return { failure: toFailure(error), mayHaveUsed: false };
  }
}

/** Some services repeat in their errors what they were sent. */
function withoutKeys(failure: Failure, headers: Record<string, string>): Failure {
  const values = Object.values(headers).flatMap((value) => [value, value.slice(value.indexOf(" ") + 1)]);
  return { ...failure, detail: values.filter((value) => value.length >= MIN_KEY).reduce((text, value) => text.replaceAll(value, "***"), failure.detail) };
}
const MIN_KEY = 6;

const WORDS: Record<Part, RegExp> = {
  usage: /stream_options|include_usage/i,
  schema: /response_format|json_schema|text\.format|structured output/i,
  max_tokens: /max_completion_tokens/i,
  thoughts: /encrypted_content|\binclude\b/i,
};
const FIELDS: Record<Part, string[]> = { usage: ["stream_options"], schema: ["response_format", "text"], max_tokens: ["max_tokens"], thoughts: ["include"] };
/** The part of a request that a service says it does not know, if the request can do without it. */
function unknownPart(text: string, body: Record<string, Json>, without: ReadonlySet<Part>): Part | undefined {
  const parsed = parseAgentJson(text);
  const words = parsed.ok ? JSON.stringify([wordsOf(parsed.value), parsed.value]) : text;
  return (Object.keys(WORDS) as Part[]).find(
    (part) => !without.has(part) && FIELDS[part].some((field) => body[field] !== undefined) && WORDS[part].test(words),
  );
}

type Response = Awaited<ReturnType<typeof send>>;
async function readAnswer(question: Question, response: Response, listener: Listener): Promise<Answered> {
  const reader = question.wire.read(listener);
  const isStream = /text\/event-stream/i.test(String(response.headers["content-type"]));
  const failure = await (isStream ? readStream(question, response, reader) : readWhole(question, response, reader)).catch(toFailure);
  if (failure !== undefined) return { failure, mayHaveUsed: true };
  const turn = reader.turn();
  return turn === undefined ? { failure: fail("unavailable", "The model's answer was cut off before it ended."), mayHaveUsed: true } : { turn };
}

/** For services that do not stream though they are asked to. */
async function readWhole({ budget }: Question, response: Response, reader: Reader): Promise<Failure | undefined> {
  const text = await readText(response.body, budget.bytes);
  if (text === undefined) return tooMuch();
  budget.bytes -= Buffer.byteLength(text);
  return takeEvent(reader, text);
}

async function readStream({ budget }: Question, response: Response, reader: Reader): Promise<Failure | undefined> {
  const decoder = new TextDecoder();
  let failure: Failure | undefined;
  let isDone = false;
  const parser = createParser({
    onEvent: ({ data }) => {
      if (isDone || failure !== undefined) return;
      if (data === "[DONE]") isDone = true;
      else if (data.trim() !== "") failure = takeEvent(reader, data);
      isDone ||= reader.isDone();
    },
  });
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    budget.bytes -= chunk.length;
    if (budget.bytes < 0) return tooMuch();
    parser.feed(decoder.decode(chunk, { stream: true }));
    // Leaving the loop ends the connection: what is said after the end is not heard.
    if (isDone || failure !== undefined) break;
  }
  return failure;
}
const tooMuch = (): Failure => fail("limit", "The model said more than 10 MiB in one attempt.");

function takeEvent(reader: Reader, data: string): Failure | undefined {
  const parsed = parseAgentJson(data);
  return parsed.ok ? reader.take(parsed.value) : fail("invalid_response", `An event of the model ${parsed.problem}. It begins: ${data.slice(0, 200)}`);
}
