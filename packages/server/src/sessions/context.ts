// What an agent is told of a conversation. Pure: the same turns give the same context. What is pinned stands always, then the summary, then the
// last turns, the newest first, as many as fit the window; what is left out is counted and said.
import type { SessionContext, TurnRole } from "@baton/contract";

interface Said {
  n: number;
  role: TurnRole;
  content: string;
  agent_id: string | null;
  task_id: string | null;
}
export interface ContextSource {
  sessionId: string;
  window: { turns: number; tokens: number };
  pinned: readonly string[];
  summary: { text: string; upTo: number } | null;
  /** Of the turns before `before`, the newest, newest first: as many as the window has. */
  newest: readonly Said[];
  /** The turn that is asked now: what came later is not told. */
  before: number;
  /** Who is told. */
  agentId: string | undefined;
  /** Where this agent's own conversation stands. */
  own: { seen: number; task_id: string } | undefined;
}
/** A token is about four bytes, of any language's text: on the safe side. */
const TOKEN_BYTES = 4;
export const toTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / TOKEN_BYTES);

export function toContext(source: ContextSource): SessionContext {
  const { pinned, summary, newest, window, before } = source;
  let left = window.tokens * TOKEN_BYTES - [...pinned, summary?.text ?? ""].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const kept: Said[] = [];
  for (const turn of newest.slice(0, window.turns)) {
    const size = Buffer.byteLength(turn.content);
    // The last word is always told, as far as it fits.
    if (size > left && kept.length > 0) break;
    kept.unshift(size > left ? { ...turn, content: cut(turn.content, Math.max(left, 400)) } : turn);
    left -= size;
  }
  const first = kept[0]?.n ?? before;
  const summed = Math.min(summary?.upTo ?? 0, first - 1);
  const omitted = first - 1 - summed;
  const parts = { ...source, kept, omitted: { from: summed + 1, to: first - 1, n: omitted } };
  return {
    sessionId: source.sessionId,
    pinned: [...pinned],
    summary: summary?.text ?? null,
    turns: kept.map(({ n, role, content, agent_id }) => ({ n, role, content, agentId: agent_id })),
    omitted,
    text: inWords(parts),
    since: source.own === undefined ? null : sinceInWords(parts, source.own),
  };
}

interface Parts extends ContextSource {
  kept: Said[];
  omitted: { from: number; to: number; n: number };
}
function inWords({ pinned, summary, kept, omitted, agentId }: Parts): string {
  if (pinned.length === 0 && kept.length === 0 && summary === null && omitted.n === 0) return "";
  const parts = ["This goes on with a conversation. What was said before, oldest first:"];
  parts.push(...inMind(pinned));
  if (summary !== null) parts.push(`Summary of turns 1 to ${summary.upTo}:\n${summary.text}`);
  if (omitted.n > 0) parts.push(`(Turns ${omitted.from} to ${omitted.to} are left out here, and nobody has summed them up.)`);
  parts.push(...kept.map((turn) => toLine(turn, agentId)), "What is asked now:");
  return parts.join("\n\n");
}
function sinceInWords({ pinned, kept, omitted, agentId }: Parts, own: { seen: number; task_id: string }): string {
  const news = kept.filter((turn) => turn.n > own.seen && turn.task_id !== own.task_id);
  const missed = Math.max(0, omitted.to - Math.max(own.seen, omitted.from - 1));
  if (news.length === 0 && pinned.length === 0 && missed === 0) return "";
  const parts = inMind(pinned);
  if (missed > 0) parts.push(`(${missed} turns since are left out here.)`);
  if (news.length > 0) parts.push("Since you last spoke in this conversation:", ...news.map((turn) => toLine(turn, agentId)));
  return [...parts, "What is asked now:"].join("\n\n");
}
const inMind = (pinned: readonly string[]): string[] =>
  pinned.length === 0 ? [] : [`To be kept in mind:\n${pinned.map((fact) => `- ${fact.replaceAll("\n", "\n  ")}`).join("\n")}`];
function toLine({ role, content, agent_id }: Said, agentId: string | undefined): string {
  const who = role === "user" ? "The person" : role === "system" ? "Note" : agent_id !== null && agent_id === agentId ? "You" : "An agent";
  return `[${who}]\n${content}`;
}
function cut(text: string, bytes: number): string {
  const kept = Buffer.from(text).subarray(0, bytes).toString("utf8").replace(/�+$/u, "");
  return `${kept} … (cut here)`;
}
