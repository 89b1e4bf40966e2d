// The step one looks at: how it stands and why, who does it and why, every try, and what came out.
import type { Step } from "@baton/contract";
import type { ReactNode } from "react";
import { ArtifactList } from "../output/artifact-list.tsx";
import { OutputView } from "../output/output-view.tsx";
import { Chips } from "../ui/chip.tsx";
import { StatusWord } from "../ui/status-mark.tsx";
import { AssignmentView } from "./assignment-view.tsx";
import { AttemptUpdates } from "./attempt-updates.tsx";
import { AttemptTimeline } from "./attempt-timeline.tsx";

/** `taskDescription`: what every step says that was given no words of its own; not said again. */
export function StepPanel({ step, isResult, taskDescription }: { step: Step; isResult: boolean; taskDescription: string }) {
  const attempt = step.attempts.at(-1);
  return (
    <aside aria-label={`Step: ${step.title}`} className="rounded-lg border border-line bg-raised xl:col-start-2 xl:row-span-2 xl:row-start-1">
      <div className="p-5">
        <h2 className="text-lg leading-snug">{step.title}</h2>
        {step.description !== step.title && step.description !== taskDescription && (
          <p className="mt-1 line-clamp-6 text-sm whitespace-pre-line text-soft">{step.description}</p>
        )}
        <p className="mt-3 text-sm">
          <StatusWord status={step.status} />
          {step.reason === "" ? null : <span className="text-soft"> · {step.reason}</span>}
        </p>
        {attempt?.state === "running" && attempt.progress?.message !== undefined && <p className="mt-1 text-sm text-accent">{attempt.progress.message}</p>}
        <div className="mt-3 empty:hidden">
          <Chips label="Requirements" names={step.requirements} />
        </div>
        {step.tools.length > 0 && <p className="mt-2 text-sm text-soft">Is handed tools for {step.tools.join(", ")}.</p>}
      </div>
      {attempt && (
        <Part title="Why this agent">
          <AssignmentView assignment={attempt.assignment} />
        </Part>
      )}
      {step.attempts.length > 0 && (
        <Part title={step.attempts.length === 1 ? "One attempt" : `${step.attempts.length} attempts`}>
          <AttemptTimeline attempts={step.attempts} />
        </Part>
      )}
      {attempt && <AttemptUpdates attemptId={attempt.id} key={attempt.id} />}
      {step.artifacts.length > 0 && (
        <Part title="Artifacts">
          <ArtifactList artifacts={step.artifacts} />
        </Part>
      )}
      {step.output !== null && (
        <Part title="Output">
          {isResult ? <p className="text-sm text-soft">It is the result of the task, shown under Result.</p> : <OutputView value={step.output} />}
        </Part>
      )}
    </aside>
  );
}

const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <section className="border-t border-line p-5">
    <h3 className="mb-2.5 text-sm">{title}</h3>
    {children}
  </section>
);
