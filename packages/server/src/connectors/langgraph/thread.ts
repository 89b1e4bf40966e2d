// The thread an attempt runs on: a new one, or the one where an earlier step left off.
import type { Json, Work } from "@baton/contract";
import { type Failure, fail } from "../time-limit.ts";
import { isObject } from "./message.ts";
import type { Reach } from "./reach.ts";
import { toRunId } from "./run.ts";
import { type GraphState, messageIds, toState } from "./state.ts";

export interface Thread {
  id: string;
  /** `/threads/<id>` */
  path: string;
  /** Whether there is a conversation in it already. */
  resumed: boolean;
  /** Ids of the messages that were there before. */
  known: ReadonlySet<string>;
}

/** @param note told when an earlier conversation is gone. */
export async function openThread(
  reach: Reach,
  work: Work,
  metadata: { [key: string]: Json },
  signal: AbortSignal,
  note: (text: string) => void,
): Promise<Thread | Failure> {
  const earlier = toRunId(work.conversation);
  if (earlier !== undefined) {
    const state = await readState(reach, earlier, signal);
    if (!("ok" in state)) return { id: earlier, path: `/threads/${earlier}`, resumed: true, known: new Set(messageIds(state.values)) };
    if (state.kind === "unavailable" || signal.aborted) return state;
    note(`The conversation ${earlier} could not be gone on with (${state.detail.slice(0, 500)}); this is a new one.`);
  }
  const called = await reach.call("POST", "/threads", { metadata }, signal);
  if (!called.ok) return called;
  const id = toRunId(isObject(called.value) ? called.value["thread_id"] : undefined);
  if (id === undefined) return fail("invalid_response", "The server made a thread without an id.");
  return { id, path: `/threads/${id}`, resumed: false, known: new Set() };
}

export async function readState(reach: Reach, threadId: string, signal: AbortSignal): Promise<GraphState | Failure> {
  const called = await reach.call("GET", `/threads/${threadId}/state`, undefined, signal);
  if (!called.ok) return called;
  return toState(called.value) ?? fail("invalid_response", "What the server says of the thread is no state.");
}
