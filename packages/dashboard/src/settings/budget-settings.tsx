// What may be spent: the budgets there are, new ones, and those one takes away.
import { type BudgetInput, budgetPeriods, budgetScopes } from "@baton/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { agentsQuery, budgetsQuery } from "../api/queries.ts";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { Budgets } from "../budgets/budgets.tsx";
import { Button } from "../ui/button.tsx";
import { Empty } from "../ui/empty.tsx";
import { Field, Select, TextInput } from "../ui/field.tsx";
import { textsOf } from "../ui/form-text.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Sheet } from "../ui/sheet.tsx";

export function BudgetSettings() {
  const { data } = useQuery(budgetsQuery(useWorld()));
  const mayManage = useMay("createBudget", "removeBudget");
  const [isAdding, setAdding] = useState(false);
  return (
    <div className="space-y-5">
      {data?.items.length === 0 && (
        <Empty title="Nothing limits what is spent">
          A budget is for an agent, a project or everything; of a day or in all; in money, tokens, agents' time or attempts. What is spent stops what it is for,
          and steps wait until there is room again.
        </Empty>
      )}
      <Budgets canRemove={mayManage} />
      {mayManage && (
        <Button icon="plus" onClick={() => setAdding(true)}>
          Add a budget
        </Button>
      )}
      {isAdding && <AddBudget onLeave={() => setAdding(false)} />}
    </div>
  );
}

const kinds = [
  { name: "usd", label: "Money, in USD" },
  { name: "tokens", label: "Tokens" },
  { name: "seconds", label: "Agents' time, in seconds" },
  { name: "attempts", label: "Attempts" },
] as const;

function AddBudget({ onLeave }: { onLeave: () => void }) {
  const world = useWorld();
  const { data: agents } = useQuery(agentsQuery(world));
  const [scope, setScope] = useState<BudgetInput["scope"]>("everything");
  const add = useMutation({
    mutationFn: (body: BudgetInput) => world.client().createBudget({ body }),
    onSuccess: onLeave,
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["budgets"] }),
  });
  function submit(event: FormEvent<HTMLFormElement>) {
    const text = textsOf(event);
    const limits = Object.fromEntries(kinds.flatMap(({ name }) => (text(name) === "" ? [] : [[name, Number(text(name))]])));
    const about = scope === "agent" ? { agent: text("agent") } : scope === "project" ? { projectId: text("project") } : {};
    add.mutate({ name: text("name"), scope, period: budgetPeriods.find((one) => one === text("period")) ?? "day", ...about, ...limits });
  }
  return (
    <Sheet title="Add a budget" onLeave={onLeave}>
      <form onSubmit={submit} className="space-y-4">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Name">{(id) => <TextInput id={id} name="name" required maxLength={200} />}</Field>
          <Field label="Period">
            {(id) => (
              <Select id={id} name="period" className="w-full">
                <option value="day">a day (UTC)</option>
                <option value="total">in all</option>
              </Select>
            )}
          </Field>
          <Field label="For">
            {(id) => (
              <Select
                id={id}
                className="w-full"
                value={scope}
                onChange={({ target }) => setScope(budgetScopes.find((one) => one === target.value) ?? "everything")}
              >
                {budgetScopes.map((one) => (
                  <option key={one}>{one}</option>
                ))}
              </Select>
            )}
          </Field>
          {scope === "agent" && (
            <Field label="Agent">
              {(id) => (
                <Select id={id} name="agent" className="w-full">
                  {agents?.items.map(({ id: agentId, name }) => (
                    <option key={agentId}>{name}</option>
                  ))}
                </Select>
              )}
            </Field>
          )}
          {scope === "project" && <Field label="Project">{(id) => <TextInput id={id} name="project" required />}</Field>}
          {kinds.map(({ name, label }) => (
            <Field key={name} label={label}>
              {(id) => <TextInput id={id} name={name} type="number" min={0} step={name === "usd" || name === "seconds" ? "any" : 1} />}
            </Field>
          ))}
        </div>
        {add.error && <ProblemNote error={add.error} />}
        <Button kind="main" type="submit" disabled={add.isPending}>
          Add
        </Button>
      </form>
    </Sheet>
  );
}
