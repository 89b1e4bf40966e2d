// Everything a task may say, as fields. What is left empty is left out.
import { type Json, type PlanTemplate, type Priority, type TaskInput, patterns, priorities } from "@baton/contract";
import { useQuery } from "@tanstack/react-query";
import { agentsQuery, plansQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { Check, Field, Select, TextArea, TextInput } from "../ui/field.tsx";
import { Panel } from "../ui/section.tsx";
import { PlanInputs } from "./plan-inputs.tsx";
import { RequirementField } from "./requirement-field.tsx";

export interface TaskFormState {
  title: string;
  description: string;
  requirements: string[];
  priority: Priority;
  pattern: string;
  plan: string;
  inputs: Record<string, Json>;
  repository: string;
  projectId: string;
  deadline: string;
  maxAgents: string;
  usd: string;
  tokens: string;
  approvals: string;
  planReview: boolean;
}
export const emptyForm: TaskFormState = {
  title: "",
  description: "",
  requirements: [],
  priority: "normal",
  pattern: "",
  plan: "",
  inputs: {},
  repository: "",
  projectId: "",
  deadline: "",
  maxAgents: "",
  usd: "",
  tokens: "",
  approvals: "",
  planReview: false,
};

const words = (text: string): string[] =>
  text
    .split(",")
    .map((word) => word.trim())
    .filter(Boolean);

/** undefined while nothing is said of what should be done. */
export function toTaskInput(form: TaskFormState): TaskInput | undefined {
  if (form.description.trim() === "") return undefined;
  const given = (name: "title" | "repository" | "projectId" | "pattern" | "plan") => (form[name].trim() === "" ? {} : { [name]: form[name].trim() });
  const budget = { ...(form.usd === "" ? {} : { usd: Number(form.usd) }), ...(form.tokens === "" ? {} : { tokens: Number(form.tokens) }) };
  const constraints = {
    ...(form.deadline === "" ? {} : { deadline: new Date(form.deadline).toISOString() }),
    ...(form.maxAgents === "" ? {} : { maxAgents: Number(form.maxAgents) }),
    ...(Object.keys(budget).length === 0 ? {} : { budget }),
    ...(words(form.approvals).length === 0 ? {} : { requiredApprovals: words(form.approvals) }),
  };
  return {
    description: form.description.trim(),
    ...given("title"),
    ...given("repository"),
    ...given("projectId"),
    ...given("pattern"),
    ...(form.requirements.length === 0 ? {} : { requirements: form.requirements }),
    ...(form.priority === "normal" ? {} : { priority: form.priority }),
    ...given("plan"),
    ...(form.plan === "" || Object.keys(form.inputs).length === 0 ? {} : { inputs: form.inputs }),
    ...(form.planReview ? { planReview: true } : {}),
    ...(Object.keys(constraints).length === 0 ? {} : { constraints }),
  };
}

export function TaskForm({ form, onChange }: { form: TaskFormState; onChange: (form: TaskFormState) => void }) {
  const world = useWorld();
  const { data: agents } = useQuery(agentsQuery(world));
  const { data: plans } = useQuery(plansQuery(world));
  const set = (part: Partial<TaskFormState>) => onChange({ ...form, ...part });
  const chosen = plans?.items.find(({ name }) => name === form.plan);
  return (
    <div className="space-y-5">
      <Panel className="space-y-4 p-4">
        <Field label="What should be done?">
          {(id) => <TextArea id={id} rows={4} maxLength={100_000} value={form.description} onChange={({ target }) => set({ description: target.value })} />}
        </Field>
        <Field label="Title" help="Else the first words of the description.">
          {(id) => <TextInput id={id} maxLength={200} value={form.title} onChange={({ target }) => set({ title: target.value })} />}
        </Field>
        <RequirementField chosen={form.requirements} agents={agents?.items ?? []} onChange={(requirements) => set({ requirements })} />
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Priority">
            {(id) => (
              <Select id={id} className="w-full" value={form.priority} onChange={({ target }) => set({ priority: target.value as Priority })}>
                {priorities.map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </Select>
            )}
          </Field>
          <Field label="Pattern" help="How several agents work together.">
            {(id) => (
              <Select id={id} className="w-full" value={form.pattern} onChange={({ target }) => set({ pattern: target.value })}>
                <option value="">as it fits</option>
                {patterns.map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </Select>
            )}
          </Field>
          <Field label="Repository" help="A directory on the server's machine.">
            {(id) => <TextInput id={id} maxLength={4000} value={form.repository} onChange={({ target }) => set({ repository: target.value })} />}
          </Field>
          <Field label="Project">
            {(id) => <TextInput id={id} maxLength={200} value={form.projectId} onChange={({ target }) => set({ projectId: target.value })} />}
          </Field>
        </div>
      </Panel>
      <Panel className="space-y-4 p-4">
        <Field label="Plan of the library" help={chosen?.description}>
          {(id) => (
            <Select id={id} className="w-full" value={form.plan} onChange={({ target }) => set({ plan: target.value, inputs: {} })}>
              <option value="">none: it is planned by what the task needs</option>
              {plans?.items.map(({ name, title }: PlanTemplate) => (
                <option key={name} value={name}>
                  {title}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {chosen !== undefined && <PlanInputs plan={chosen} given={form.inputs} onChange={(inputs) => set({ inputs })} />}
        <Check
          label="It waits with its plan until a person has seen it"
          checked={form.planReview}
          onChange={({ target }) => set({ planReview: target.checked })}
        />
      </Panel>
      <Panel className="p-4">
        <h2 className="mb-3 text-sm">Limits</h2>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Done by">
            {(id) => <TextInput id={id} type="datetime-local" value={form.deadline} onChange={({ target }) => set({ deadline: target.value })} />}
          </Field>
          <Field label="Steps at once, at most">
            {(id) => <TextInput id={id} type="number" min={1} max={1000} value={form.maxAgents} onChange={({ target }) => set({ maxAgents: target.value })} />}
          </Field>
          <Field label="Money it may spend, in USD">
            {(id) => <TextInput id={id} type="number" min={0} step="any" value={form.usd} onChange={({ target }) => set({ usd: target.value })} />}
          </Field>
          <Field label="Tokens it may use">
            {(id) => <TextInput id={id} type="number" min={1} value={form.tokens} onChange={({ target }) => set({ tokens: target.value })} />}
          </Field>
          <div className="sm:col-span-2">
            <Field label="Approvals it needs before it begins" help="Names with commas between them, such as security-review, budget-owner.">
              {(id) => <TextInput id={id} value={form.approvals} onChange={({ target }) => set({ approvals: target.value })} />}
            </Field>
          </div>
        </div>
      </Panel>
    </div>
  );
}
