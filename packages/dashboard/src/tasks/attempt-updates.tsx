// What an agent did and said during an attempt, as it happens: its words, its tool calls with what they changed, its plan, what it used.
import type { Update } from "@baton/contract";
import { useQuery } from "@tanstack/react-query";
import { Suspense, lazy } from "react";
import stripAnsi from "strip-ansi";
import { attemptUpdatesQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { Tall } from "../output/tall.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { StatusMark } from "../ui/status-mark.tsx";
import { toStory } from "./update-story.ts";

const DiffView = lazy(() => import("./diff-view.tsx"));

export function AttemptUpdates({ attemptId }: { attemptId: string }) {
  const { data, error, refetch } = useQuery(attemptUpdatesQuery(useWorld(), attemptId));
  if (error) return <ProblemNote error={error} isBesideData={data !== undefined} retry={() => void refetch()} />;
  const story = toStory((data ?? []).map(({ update }) => update));
  if (story.length === 0) return null;
  return (
    <section className="border-t border-line p-5">
      <h3 className="mb-2.5 text-sm">What it did and said</h3>
      <ol className="space-y-3">
        {story.map((update, at) => (
          <li key={at} className="text-sm">
            <Told update={update} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Told({ update }: { update: Update }) {
  switch (update.kind) {
    case "text":
      return <p className="whitespace-pre-wrap">{update.text}</p>;
    case "thought":
      return <p className="whitespace-pre-wrap text-soft italic">{update.text}</p>;
    case "note":
      return <p className="text-wait">{update.text}</p>;
    case "terminal":
      return <Tall text={withoutEscapes(update.text)} draw={(text) => text} />;
    case "plan":
      return (
        <ul className="space-y-1">
          {update.entries.map(({ text, status }) => (
            <li key={text} className="flex gap-2">
              <StatusMark status={status === "pending" ? "blocked" : status} /> <span>{text}</span>
            </li>
          ))}
        </ul>
      );
    case "usage":
      return <p className="text-soft">{toUsed(update)}</p>;
    case "tool":
      return <ToolCall call={update} />;
  }
}

/** What a terminal was sent, for reading: colours and cursor movements left out. */
const withoutEscapes = (text: string): string => stripAnsi(text).replace(/\r(?!\n)/g, "\n");

const marks = { pending: "ready", running: "running", completed: "completed", failed: "failed", denied: "cancelled" } as const;
function ToolCall({ call }: { call: Extract<Update, { kind: "tool" }> }) {
  return (
    <div className="space-y-1.5">
      <p className="flex items-start gap-2">
        <span className="mt-0.5">
          <StatusMark status={marks[call.status ?? "running"]} />
        </span>
        <span className="min-w-0 font-medium">{call.title ?? call.toolKind ?? "a tool"}</span>
        {call.status === "denied" && <span className="text-soft">denied</span>}
      </p>
      {call.diffs && (
        <Suspense>
          {call.diffs.map((diff) => (
            <DiffView key={diff.path} diff={diff} />
          ))}
        </Suspense>
      )}
      {call.output !== undefined && call.output !== "" && <Tall text={call.output} draw={(text) => text} />}
    </div>
  );
}

const toUsed = ({ inputTokens, outputTokens, cost }: Extract<Update, { kind: "usage" }>): string =>
  [
    inputTokens === null ? "" : `${inputTokens.toLocaleString()} tokens in`,
    outputTokens === null ? "" : `${outputTokens.toLocaleString()} out`,
    cost === null ? "cost unknown" : `${cost.amount.toFixed(4)} ${cost.currency}`,
  ]
    .filter(Boolean)
    .join(", ");
