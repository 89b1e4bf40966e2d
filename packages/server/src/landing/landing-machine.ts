// What becomes of landings, pure: who is judged together, and what follows from what gates, merging and moving came to.
//
//     queued -> judging -> moving -> landed
//       ^          |          |
//       +----------+----------+  the target moved meanwhile, a server died, others of its batch were to blame
//                  +-> asking    what needs nobody let it through, and an agent or a person is asked about it; then it is queued again
//                  +-> refused   it conflicts, a gate failed on it alone, or the target cannot be moved now
//                  +-> returned  the same, and the agent that did the work is told: what it makes of it is queued again
//
// Several are judged together, as one tree. When that tree fails, half of them are judged next, and so on: whoever fails alone is to blame. A batch that
// would come to the tree that failed is halved without being judged again. What passes lets the next batch be larger again.
import type { GateResult, LandingFailure } from "@baton/contract";
import type { Judgement } from "../gates/gates.ts";

export interface Queued {
  id: string;
  target: string;
  /** What makes two landings unlike, so that they are not judged together. */
  manner: string;
  /** It has gates of its own. */
  isSingular: boolean;
}
/** What a queue remembers of a batch that failed. */
export interface Suspicion {
  /** How many may be judged together; null: as many as the repository allows. */
  limit: number | null;
  failedTree: string | null;
}
export const trusting: Suspicion = { limit: null, failedTree: null };

/** The first in the queue, and those right behind it that can be judged with it. */
export function nextBatch<Item extends Queued>(queue: readonly Item[], allowed: number, { limit }: Suspicion): Item[] {
  const [first] = queue;
  if (!first) return [];
  if (first.isSingular) return [first];
  const most = Math.max(1, Math.min(allowed, limit ?? allowed));
  const unlike = queue.findIndex((one) => one.target !== first.target || one.manner !== first.manner || one.isSingular);
  return queue.slice(0, Math.min(most, unlike === -1 ? queue.length : unlike));
}

export type Fate = { to: "moving" | "queued" | "asking"; reason: string } | { to: "refused"; reason: string; failure: LandingFailure };
export interface Settled {
  fates: Map<string, Fate>;
  suspicion: Suspicion;
}
export const refusal = (kind: LandingFailure["kind"], detail: string, more: Partial<LandingFailure> = {}): Fate => {
  const failure = { kind, detail, files: [], gates: [], ...more };
  return { to: "refused", reason: detail.split("\n", 1)[0] ?? detail, failure };
};
const all = (ids: readonly string[], fate: Fate): Map<string, Fate> => new Map(ids.map((id) => [id, fate]));

/** A batch that would come to the tree that failed before: it is not judged, but halved. */
export const isKnownToFail = (ids: readonly string[], tree: string, { failedTree }: Suspicion): boolean => ids.length > 1 && tree === failedTree;
export const afterKnownFailure = (ids: readonly string[], suspicion: Suspicion): Settled => ({
  fates: all(ids, { to: "queued", reason: "Together with others it failed; it is judged with fewer of them." }),
  suspicion: { ...suspicion, limit: Math.floor(ids.length / 2) },
});

export function afterJudging(
  ids: readonly string[],
  tree: string,
  judged: { judgement: Judgement; results: readonly GateResult[] },
  suspicion: Suspicion,
): Settled {
  const { judgement, results } = judged;
  if (judgement.passes) return { fates: all(ids, { to: "moving", reason: judgement.reason }), suspicion };
  const failing = results.filter(({ state }) => state === "fail" || state === "flaky" || state === "misconfigured");
  const isToBlame = (id: string): boolean => failing.some(({ landingId }) => landingId === id);
  const blamed = ids.filter(isToBlame);
  if (blamed.length > 0)
    return {
      fates: new Map(
        ids.map((id) => [
          id,
          isToBlame(id)
            ? toRefusal(failing.filter(({ landingId }) => landingId === id))
            : { to: "queued", reason: "Others of its batch did not pass; it is judged without them." },
        ]),
      ),
      suspicion,
    };
  if (judgement.state === "misconfigured")
    return { fates: all(ids, failing.length > 0 ? toRefusal(failing) : refusal("misconfigured", judgement.reason)), suspicion: trusting };
  if (ids.length > 1)
    return {
      fates: all(ids, { to: "queued", reason: "Together with others it failed; it is judged with fewer of them." }),
      suspicion: { limit: Math.floor(ids.length / 2), failedTree: tree },
    };
  return { fates: all(ids, toRefusal(failing)), suspicion: trusting };
}
function toRefusal(failing: readonly GateResult[]): Fate {
  const kind = failing.some(({ state }) => state === "misconfigured") ? "misconfigured" : "gate";
  const detail = failing.map(({ name, reason, detail: found }) => `Gate ${name}: ${reason}${found === "" ? "" : `\n${found}`}`).join("\n\n");
  const signature = failing.map((one) => one.signature ?? one.name).join(" ");
  return refusal(kind, detail, { gates: failing.map(({ name }) => name), signature });
}

/** The target has moved to what was judged. */
export const afterLanding = (landed: number, { limit, failedTree }: Suspicion): Suspicion =>
  limit === null ? trusting : { limit: Math.max(limit, landed) * 2, failedTree };

/** Whether what kept a change from landing goes back to whoever made it: the fault of the work, and not what they were told before. */
export function afterRefusal(
  { kind, signature, detail }: LandingFailure,
  told: readonly { signature: string }[],
  most: number,
): { isReturned: true; signature: string } | { isReturned: false; why: string | undefined } {
  if (kind !== "conflict" && kind !== "gate") return { isReturned: false, why: undefined };
  const word = signature ?? `${kind} ${detail}`.slice(0, 500);
  if (told.some((one) => one.signature === word)) return { isReturned: false, why: "Its agent was told of this, and it is so still." };
  if (told.length >= most) return { isReturned: false, why: most === 0 ? undefined : `Its agent was told ${told.length} times.` };
  return { isReturned: true, signature: word };
}
