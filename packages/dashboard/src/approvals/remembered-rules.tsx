// What people said once and for all, for a task or for an agent, and how it is forgotten. Takes no room while there is nothing.
import { describeRule } from "@baton/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { approvalRulesQuery, type RulesOf } from "../api/queries.ts";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Panel, Section } from "../ui/section.tsx";
import { Age } from "../ui/when.tsx";

export function RememberedRules({ of }: { of: RulesOf }) {
  const world = useWorld();
  const mayForget = useMay("removeApprovalRule");
  const { data, error, refetch } = useQuery(approvalRulesQuery(world, of));
  const forget = useMutation({
    mutationFn: (id: string) => world.client().removeApprovalRule({ params: { id } }),
    // Also when somebody else was faster: then it is gone.
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["approval-rules"] }),
  });
  if (error) return <ProblemNote error={error} isBesideData={data !== undefined} retry={() => void refetch()} />;
  if (data === undefined || data.items.length === 0) return null;
  return (
    <Section title="Not asked again">
      <Panel>
        <ul className="divide-y divide-line">
          {data.items.map(({ id, rule, createdBy, createdAt }) => (
            <li key={id} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 px-4 py-2.5 text-sm">
              <span className="min-w-0 [overflow-wrap:anywhere]">
                {rule.answer === "allow" ? "Always allowed: " : "Never allowed: "}
                {describeRule(rule)}
                <span className="text-soft">
                  {" · "}said by {createdBy} <Age at={createdAt} suffix=" ago" />
                </span>
              </span>
              {mayForget && (
                <Button kind="quiet" disabled={forget.isPending} onClick={() => forget.mutate(id)} aria-label={`Ask again: ${describeRule(rule)}`}>
                  Ask again
                </Button>
              )}
            </li>
          ))}
        </ul>
      </Panel>
      {forget.error && (
        <div className="mt-3">
          <ProblemNote error={forget.error} />
        </div>
      )}
    </Section>
  );
}
