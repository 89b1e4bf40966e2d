// One change: where from, where to, how it stands and why; opened, what every gate said.
import type { GateState, Landing, LandingState } from "@baton/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { PlainText } from "../output/output-view.tsx";
import { toDuration } from "../std/duration.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Age } from "../ui/when.tsx";
import { verdictQuery } from "./landing-queries.ts";

const looks: Record<LandingState, string> = {
  queued: "text-soft",
  judging: "text-accent",
  asking: "text-wait",
  moving: "text-accent",
  returned: "text-wait",
  landed: "text-ink",
  proposed: "text-ink",
  refused: "text-bad",
  cancelled: "text-soft",
};

export function LandingRow({ landing }: { landing: Landing }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li data-row>
      <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)} className="block w-full px-4 py-3 text-left hover:bg-paper">
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium">{landing.source}</span>
          <Icon name="arrow" size={14} />
          <span className="font-medium">{landing.target}</span>
          <span className="text-sm text-soft">{landing.repository.split("/").at(-1)}</span>
          <span className="ml-auto text-xs text-soft">
            <Age at={landing.createdAt} suffix=" ago" />
          </span>
        </span>
        <span className="mt-0.5 block text-sm text-soft">
          <span className={`font-medium ${looks[landing.state]}`}>{landing.state}</span>
          {landing.reason === "" ? "" : ` · ${landing.reason}`}
        </span>
      </button>
      {isOpen && <Opened landing={landing} />}
    </li>
  );
}

function Opened({ landing }: { landing: Landing }) {
  const world = useWorld();
  const mayAct = useMay("cancelLanding", "retryLanding");
  const params = { id: landing.id };
  const act = useMutation({
    mutationFn: (action: "cancel" | "retry") => (action === "cancel" ? world.client().cancelLanding({ params }) : world.client().retryLanding({ params })),
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["landings"] }),
  });
  const isOpen = landing.state === "queued" || landing.state === "judging" || landing.state === "asking" || landing.state === "returned";
  const isOver = landing.state === "refused" || landing.state === "cancelled";
  return (
    <div className="space-y-4 border-t border-line bg-paper px-4 py-4 text-sm">
      <p className="text-soft">
        {landing.repository}, asked for by {landing.requestedBy}
        {landing.tries > 0 && `, judged ${landing.tries === 1 ? "once" : `${landing.tries} times`}`}
        {landing.commit !== null && (
          <>
            , commit <code className="font-mono">{landing.commit.slice(0, 12)}</code>
          </>
        )}
        {landing.taskId !== null && (
          <>
            {" · "}
            <Link to="/tasks/$taskId" params={{ taskId: landing.taskId }} className="text-accent underline underline-offset-2">
              the task
            </Link>
          </>
        )}
      </p>
      {landing.returns.length > 0 && (
        <p className="text-soft">
          Its agent was told what keeps it from landing:{" "}
          {landing.returns.map(({ taskId }, at) => (
            <Link key={taskId} to="/tasks/$taskId" params={{ taskId }} className="mr-2 text-accent underline underline-offset-2">
              {at === 0 ? "first" : `then, ${at + 1}`}
            </Link>
          ))}
        </p>
      )}
      {landing.asked.length > 0 && (
        <ul aria-label="Asked" className="space-y-1">
          {landing.asked.map(({ name, kind, state, id, reason }) => (
            <li key={name}>
              {kind === "review" && id !== "" ? (
                <Link to="/tasks/$taskId" params={{ taskId: id }} className="text-accent underline underline-offset-2">
                  {name}
                </Link>
              ) : (
                name
              )}{" "}
              <span className="text-soft">
                {state === "open" ? (kind === "review" ? "is being reviewed" : "waits for a person to approve it") : `${state} · ${reason}`}
              </span>
            </li>
          ))}
        </ul>
      )}
      {landing.failure !== null && landing.failure.files.length > 0 && (
        <ul aria-label="Conflicts" className="space-y-1">
          {landing.failure.files.map(({ path, detail }) => (
            <li key={path + detail}>
              <code className="font-mono text-xs text-bad">{path}</code> <span className="text-soft">{detail}</span>
            </li>
          ))}
        </ul>
      )}
      {landing.verdictId !== null && <Gates verdictId={landing.verdictId} />}
      {mayAct && (isOpen || isOver) && (
        <Button disabled={act.isPending} onClick={() => act.mutate(isOpen ? "cancel" : "retry")}>
          {isOpen ? "Take it out of the queue" : "Try again"}
        </Button>
      )}
      {act.error && <ProblemNote error={act.error} />}
    </div>
  );
}

const marks: Record<GateState, string> = { pass: "text-accent", flaky: "text-wait", fail: "text-bad", misconfigured: "text-bad", skipped: "text-soft" };

function Gates({ verdictId }: { verdictId: string }) {
  const { data, error } = useQuery(verdictQuery(useWorld(), verdictId));
  if (error) return <ProblemNote error={error} />;
  return (
    <ul aria-label="Gates" className="space-y-3">
      {data?.results.map((result) => (
        <li key={result.name + (result.landingId ?? "")}>
          <p>
            <span className="font-medium">{result.name}</span> <span className={`font-medium ${marks[result.state]}`}>{result.state}</span>{" "}
            <span className="text-soft">
              {result.reason}
              {result.runs.length > 0 && ` ${toDuration(result.runs.reduce((sum, { durationMs }) => sum + durationMs, 0))}`}
            </span>
          </p>
          {result.state !== "pass" && result.detail !== "" && (
            <div className="mt-1.5">
              <PlainText text={result.detail} />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
