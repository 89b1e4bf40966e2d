// What a question is about: a plan as its steps, everything else in the form it asks for.
import { type Approval, stepInput } from "@baton/contract";
import { z } from "zod";
import { OutputView } from "../output/output-view.tsx";
import { Chips } from "../ui/chip.tsx";

const plan = z.object({ steps: z.array(stepInput.pick({ id: true, title: true, requirements: true, needs: true }).loose()) });

export function QuestionDetail({ approval: { kind, detail } }: { approval: Approval }) {
  const found = kind === "plan" ? plan.safeParse(detail) : undefined;
  if (found?.success !== true) return <OutputView value={detail} />;
  const { steps } = found.data;
  const titles = new Map(steps.map(({ id, title }) => [id, title ?? id]));
  return (
    <ol className="divide-y divide-line rounded-md border border-line bg-raised text-sm">
      {steps.map(({ id, title, requirements, needs }, at) => (
        <li key={id} className="flex flex-wrap items-baseline gap-x-3 gap-y-1 px-3 py-2">
          <span className="text-soft tabular-nums">{at + 1}</span>
          <span className="font-medium">{title ?? id}</span>
          <Chips label={`Requirements of ${title ?? id}`} names={requirements} />
          {needs.length > 0 && <span className="text-xs text-soft">after {needs.map((need) => titles.get(need) ?? need).join(", ")}</span>}
        </li>
      ))}
    </ol>
  );
}
