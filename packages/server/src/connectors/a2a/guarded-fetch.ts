// The `fetch` the SDK gets: it calls only what this server may call, with the agent's headers, follows nothing, and hands on only what is
// bounded, is JSON, nests no deeper than anything here walks, and can be stored. What does not is thrown as a CallProblem.
import { formatSSEEvent, parseSseStream } from "@a2a-js/sdk";
import { fetch as send, Headers, type RequestInit as SendInit, Response as Answer } from "undici";
import type { Clock } from "../../std/clock.ts";
import { MAX_ANSWER_BYTES, parseAgentJson } from "../agent-text.ts";
import { readText } from "../exchange.ts";
import type { Outbound } from "../outbound.ts";
import { CallProblem, problem, toWireProblem } from "./call-problem.ts";
import { isToldByStatus, toRefusedCall } from "./refused-call.ts";

export interface CallsWorld {
  clock: Clock;
  outbound: Outbound;
}

/** What the SDK takes in one event at the most. */
const MAX_EVENT_BYTES = 4 * 1024 * 1024;
const EVENTS = "text/event-stream";

/** One for each attempt: what streams deliver is counted over all of them. */
export function openGuardedFetch(world: CallsWorld, headers: Record<string, string>): typeof fetch {
  let streamed = 0;
  const count = (text: string): void => {
    streamed += Buffer.byteLength(text);
    if (streamed > MAX_ANSWER_BYTES) throw tooMuch(MAX_ANSWER_BYTES);
  };
  const call = async (url: string | URL, init: SendInit = {}): Promise<Answer> => {
    const answer = await send(url, { ...init, headers: join(headers, init.headers), dispatcher: world.outbound.dispatcher, redirect: "manual" }).catch(
      (error: unknown) => {
        throw toWireProblem(error);
      },
    );
    const type = answer.headers.get("content-type") ?? "";
    if (answer.ok && type.startsWith(EVENTS)) return new Answer(checkedEvents(answer, count), { headers: { "content-type": EVENTS } });
    return checkedJson(world, answer);
  };
  return call as unknown as typeof fetch;
}

/** What the protocol needs wins over what the registration says. */
function join(own: Record<string, string>, needed: SendInit["headers"]): Headers {
  const headers = new Headers(own);
  new Headers(needed).forEach((value, name) => headers.set(name, value));
  return headers;
}

async function checkedJson(world: CallsWorld, answer: Answer): Promise<Answer> {
  const { status, headers } = answer;
  const text =
    answer.body === null ? "" : await readText(answer.body as never, MAX_ANSWER_BYTES).catch((error: unknown) => Promise.reject(toWireProblem(error)));
  if (text === undefined) throw tooMuch(MAX_ANSWER_BYTES);
  const refuse = (): CallProblem => new CallProblem(toRefusedCall({ status, text, retryAfter: headers.get("retry-after") ?? undefined }, world.clock.now()));
  if (isToldByStatus(status)) throw refuse();
  if (status === 204) return new Answer(null, { status });
  const parsed = parseAgentJson(text);
  if (!parsed.ok) throw answer.ok ? problem("invalid_response", `The answer ${parsed.problem}. It begins: ${text.slice(0, 200)}`) : refuse();
  // An error the agent explains in the protocol's own terms is read by the SDK.
  if (!answer.ok && !isExplained(parsed.value)) throw refuse();
  return new Answer(JSON.stringify(parsed.value), { status, headers: { "content-type": "application/json" } });
}
const isExplained = (body: unknown): boolean => typeof body === "object" && body !== null && "error" in body && typeof body.error === "object";

async function* checkedEvents(answer: Answer, count: (text: string) => void): AsyncGenerator<Uint8Array> {
  try {
    for await (const { type, data } of parseSseStream(answer, MAX_EVENT_BYTES)) {
      count(data);
      const parsed = parseAgentJson(data);
      if (!parsed.ok) throw problem("invalid_response", `An event of its stream ${parsed.problem}. It begins: ${data.slice(0, 200)}`);
      if (typeof parsed.value !== "object" || parsed.value === null) throw problem("invalid_response", `An event of its stream is ${data.slice(0, 200)}.`);
      yield Buffer.from(`${type === "error" ? "event: error\n" : ""}${formatSSEEvent(parsed.value)}`);
    }
  } catch (error) {
    // The SDK's reader says so in words only.
    if (error instanceof Error && error.message.includes("maximum allowed size")) throw tooMuch(MAX_EVENT_BYTES);
    throw toWireProblem(error);
  }
}
const tooMuch = (bytes: number): CallProblem => problem("limit", `The agent said more than ${bytes / 2 ** 20} MiB.`);
