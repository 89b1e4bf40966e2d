// What an agent's task came to: its output, its artifacts, or why it failed. Pure.
//
// The output is what the last artifact says (its data, or else its text), for artifacts are where the protocol puts results; without one it
// is what the closing message says. Files are artifacts only: text as it is, other bytes as a `data:` address, an address as an address.
import { type Artifact as AgentArtifact, type Part, TaskState } from "@a2a-js/sdk";
import type { A2aConnector, Artifact, Json, Outcome } from "@baton/contract";
import { toStorableText } from "../agent-text.ts";
import { toCost } from "../cost.ts";
import { fail } from "../time-limit.ts";
import { toText, toValue, toWholeText } from "./parts.ts";
import type { TaskView } from "./task-view.ts";

/** The contract's bounds. */
const MAX_ARTIFACTS = 100;
const MAX_CONTENT = 1_000_000;

const FAILED: Partial<Record<TaskState, string>> = {
  [TaskState.TASK_STATE_FAILED]: "The agent says that it failed",
  [TaskState.TASK_STATE_REJECTED]: "The agent refused the work",
  [TaskState.TASK_STATE_CANCELED]: "The agent's task was cancelled on its side",
};

export function toOutcome(view: TaskView): Outcome {
  const failed = FAILED[view.state()];
  if (view.reply() === undefined && failed !== undefined) {
    const said = toText(view.statusMessage()?.parts ?? []);
    return fail("agent_error", said === "" ? `${failed}.` : `${failed}: ${said}`);
  }
  const artifacts = view.artifacts().flatMap(toArtifacts);
  return { ok: true, output: toOutput(view), ...(artifacts.length === 0 ? {} : { artifacts: artifacts.slice(0, MAX_ARTIFACTS) }) };
}

/** With what it spent, whatever came of it, and with where it can be asked to go on. */
export function withSpent(outcome: Outcome, view: TaskView, prices: A2aConnector["prices"]): Outcome {
  const usage = view.usage();
  const cost = toCost(prices, usage);
  const conversation = view.contextId();
  const kept = outcome.ok && conversation !== undefined && conversation.length <= 2000;
  return { ...outcome, ...(usage ? { usage } : {}), ...(cost ? { cost } : {}), ...(kept ? { conversation } : {}) };
}

function toOutput(view: TaskView): Json {
  for (const { parts } of view.artifacts().reverse()) {
    const value = toValue(parts, toWholeText);
    if (value !== undefined) return value;
  }
  return toValue((view.reply() ?? view.statusMessage())?.parts ?? [], toText) ?? null;
}

/** One for its text, and one for each of its other parts. */
function toArtifacts({ artifactId, name, description, parts }: AgentArtifact): Artifact[] {
  const title = name || artifactId || "artifact";
  const shared = description === "" ? {} : { description: description.slice(0, 2000) };
  const text = parts.filter(({ content, filename }) => content?.$case === "text" && filename === "");
  const others = parts.filter((part) => !text.includes(part));
  const texts =
    text.length === 0 ? [] : [{ type: "report" as const, name: title, ...shared, ...contentOf(toWholeText(text), text[0]?.mediaType || "text/plain") }];
  return [...texts, ...others.map((part) => ({ type: "file" as const, name: part.filename || title, ...shared, ...toContent(part) }))].map((one) => ({
    ...one,
    name: one.name.slice(0, 500),
  }));
}

function toContent({ content, mediaType }: Part): Pick<Artifact, "mediaType" | "content"> {
  if (content === undefined) return {};
  if (content.$case === "text") return contentOf(content.value, mediaType || "text/plain");
  if (content.$case === "data") return contentOf(JSON.stringify(content.value), mediaType || "application/json");
  // Nothing is fetched for an agent: where its file is, is told.
  if (content.$case === "url") return contentOf(content.value, "text/uri-list");
  const text = toUtf8(content.value);
  if (text !== undefined) return contentOf(text, mediaType || "text/plain");
  const type = mediaType || "application/octet-stream";
  return contentOf(`data:${type};base64,${Buffer.from(content.value).toString("base64")}`, type);
}
/** A text that is too long is left out whole: half a file is none. */
const contentOf = (content: string, mediaType: string): Pick<Artifact, "mediaType" | "content"> => ({
  mediaType: mediaType.slice(0, 200),
  ...(content.length <= MAX_CONTENT ? { content: toStorableText(content) } : {}),
});

function toUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined; // Not UTF-8: not text.
    throw error;
  }
}
