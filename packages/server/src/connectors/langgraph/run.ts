// One run of a graph on its thread: started, followed to its end through connections that break, and cancelled when it is left.
import { setTimeout as delay } from "node:timers/promises";
import type { Json } from "@baton/contract";
import { type Failure, fail } from "../time-limit.ts";
import type { Heard } from "./heard.ts";
import { isObject, toList, wordOr } from "./message.ts";
import type { Reach, Streamed } from "./reach.ts";

export interface RunsWorld {
  reach: Reach;
  heard: Heard;
  /** `/threads/<id>` */
  thread: string;
  /** On every run, by which it is found again. */
  metadata: { [key: string]: Json };
  signal: AbortSignal;
}
/** `ended`: the run is over, whatever came of it. */
export type RunEnd = { ended: true; status: string } | { ended: false; failure: Failure };

const GOING = new Set(["pending", "running"]);
const BAD = new Set(["error", "timeout"]);
/** A stream that ends before its run is taken up again, so often in a row without a word from the server. */
const MAX_SILENT_STREAMS = 5;
const FIRST_WAIT_MS = 50;
/** A cancelled attempt has 2 s in all. */
const CANCEL_MS = 1500;

/** @param body of the request that starts it, without metadata. After `signal` it ends at once, and the run is cancelled. */
export async function carryRun(world: RunsWorld, body: { [key: string]: Json }): Promise<RunEnd> {
  let runId: string | undefined;
  let eventId: string | undefined;
  const { reach, heard, thread, metadata, signal } = world;
  const listener = {
    begun: (location: string) => (runId ??= toRunId(location.split("/runs/")[1])),
    eventId: (id: string) => (eventId = id),
    hear: (event: Parameters<Heard["hear"]>[0]) => {
      if (event.name === "metadata" && isObject(event.data)) runId ??= toRunId(event.data["run_id"]);
      heard.hear(event);
    },
  };
  const follow = async (): Promise<RunEnd> => {
    let streamed = await reach.stream({ method: "POST", path: `${thread}/runs/stream`, body: { ...body, metadata } }, listener, signal);
    for (let silent = 0; ; silent++) {
      const known = endOf(streamed, heard);
      if (known !== undefined) return known;
      if (runId === undefined) return { ended: false, failure: streamed.failure ?? fail("invalid_response", "The server does not say which run it began.") };
      const status = await statusOf(world, runId, streamed);
      if (status.ended) return status;
      if (streamed.bytes > 0) silent = 0;
      if (silent >= MAX_SILENT_STREAMS || signal.aborted) return status;
      await delay(FIRST_WAIT_MS * 2 ** silent, undefined, { signal }).catch(() => undefined); // Woken by the signal, the next call ends at once.
      streamed = await reach.stream({ method: "GET", path: `${thread}/runs/${runId}/stream`, lastEventId: eventId }, listener, signal);
    }
  };
  const end = await follow();
  if (!end.ended) await cancel(world, runId);
  return end;
}

/** Undefined while it may still go on. */
function endOf(streamed: Streamed, heard: Heard): RunEnd | undefined {
  if (streamed.failure !== undefined && !streamed.broken) return { ended: false, failure: streamed.failure };
  const error = heard.error();
  return error === undefined ? undefined : { ended: true, status: "error" };
}

async function statusOf({ reach, thread, signal }: RunsWorld, runId: string, streamed: Streamed): Promise<RunEnd> {
  const called = await reach.call("GET", `${thread}/runs/${runId}`, undefined, signal);
  if (!called.ok) {
    // A server that forgets runs when they are over.
    if (called.status === 404 && streamed.failure === undefined) return { ended: true, status: "unknown" };
    return { ended: false, failure: streamed.failure ?? called };
  }
  const status = isObject(called.value) ? called.value["status"] : undefined;
  if (typeof status !== "string") return { ended: false, failure: fail("invalid_response", "The server does not say how the run stands.") };
  if (!GOING.has(status)) return { ended: true, status };
  return { ended: false, failure: streamed.failure ?? fail("unavailable", `The stream ended while the run is ${status}.`) };
}
export const isBad = (status: string): boolean => BAD.has(status);

/** Not under the attempt's own signal, which is why it is cancelled. What comes of it changes nothing. */
async function cancel(world: RunsWorld, known: string | undefined): Promise<void> {
  const { reach, thread } = world;
  const signal = AbortSignal.timeout(CANCEL_MS);
  const ids = known === undefined ? await findRuns(world, signal) : [known];
  await Promise.all(ids.map((id) => reach.call("POST", `${thread}/runs/${id}/cancel?action=interrupt`, {}, signal)));
}
/** Begun, and left before the server said its id. */
async function findRuns({ reach, thread, metadata }: RunsWorld, signal: AbortSignal): Promise<string[]> {
  const called = await reach.call("GET", `${thread}/runs?limit=20`, undefined, signal);
  if (!called.ok) return [];
  return toList(called.value)
    .filter((run) => GOING.has(wordOr(run["status"], "")) && isObject(run["metadata"]) && run["metadata"]["baton_attempt"] === metadata["baton_attempt"])
    .flatMap((run) => toRunId(run["run_id"]) ?? []);
}

/** It becomes part of a path. */
export function toRunId(value: Json | undefined): string | undefined {
  const id = typeof value === "string" ? value.split(/[/?#]/)[0] : undefined;
  return id !== undefined && /^[\w-]{1,100}$/.test(id) ? id : undefined;
}
