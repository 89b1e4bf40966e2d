// A plan that waits for a person: approved as it is, or given other steps.
import { type Step, type StepInput, editedPlan } from "@baton/contract";
import { useMutation } from "@tanstack/react-query";
import { Suspense, lazy, useState } from "react";
import { stringify } from "yaml";
import { taskQuery } from "../api/queries.ts";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel, Section } from "../ui/section.tsx";

const SchemaEditor = lazy(() => import("../editor/schema-editor.tsx"));

export default function PlanReview({ taskId, steps }: { taskId: string; steps: Step[] }) {
  const world = useWorld();
  const mayDecide = useMay("decidePlan");
  const [text, setText] = useState(() => toText(steps));
  const [plan, setPlan] = useState<{ steps: StepInput[] } | undefined>(undefined);
  const [isOpen, setOpen] = useState(false);
  const decide = useMutation({
    mutationFn: (body: { approve: true } | { steps: StepInput[] }) => world.client().decidePlan({ params: { id: taskId }, body }),
    onSuccess: (changed) => world.queries.setQueryData(taskQuery(world, taskId).queryKey, changed),
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["approvals"] }),
  });
  if (!mayDecide) return null;
  return (
    <Section
      title="This plan waits for you"
      aside={
        <Button kind="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Leave it as it is" : "Change its steps"}
        </Button>
      }
    >
      {isOpen && (
        <Panel className="overflow-hidden">
          <Suspense fallback={<Loading what="the editor" className="h-80" />}>
            <SchemaEditor label="Steps of the plan" schema={editedPlan} text={text} onText={setText} onValue={(value) => setPlan(value as typeof plan)} />
          </Suspense>
          <div className="flex justify-end border-t border-line p-3">
            <Button kind="main" disabled={plan === undefined || decide.isPending} onClick={() => plan && decide.mutate(plan)}>
              Use these steps
            </Button>
          </div>
        </Panel>
      )}
      {decide.error && (
        <div className="mt-3">
          <ProblemNote error={decide.error} />
        </div>
      )}
    </Section>
  );
}

/** What of a step can be given again. */
const toText = (steps: Step[]): string =>
  stringify({
    steps: steps.map(({ id, title, description, requirements, tools, agent, needs, continues }) => ({
      id,
      title,
      description,
      ...(requirements.length === 0 ? {} : { requirements }),
      ...(tools.length === 0 ? {} : { tools }),
      ...(agent === null ? {} : { agent }),
      ...(needs.length === 0 ? {} : { needs }),
      ...(continues === null ? {} : { continues }),
    })),
  });
