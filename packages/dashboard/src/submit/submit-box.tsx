// Hand in a task: what should be done, what it needs, which repository it is about, how urgent it is; and a look at who would do it before it runs.
import { type Priority, type TaskInput, priorities } from "@baton/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useId, useState } from "react";
import { agentsQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Panel } from "../ui/section.tsx";
import { newKey } from "./new-key.ts";
import { PreviewPlan } from "./preview-plan.tsx";
import { RequirementField } from "./requirement-field.tsx";

export function SubmitBox() {
  const world = useWorld();
  const navigate = useNavigate();
  const id = useId();
  const [description, setDescription] = useState("");
  const [requirements, setRequirements] = useState<string[]>([]);
  const [repository, setRepository] = useState("");
  const [priority, setPriority] = useState<Priority>("normal");
  const [isWriting, setWriting] = useState(false);
  // One key for one draft: sent again after no answer came, it is still one task.
  const [draftKey, setDraftKey] = useState(newKey);
  const { data: agents } = useQuery(agentsQuery(world));
  const input: TaskInput = { description: description.trim(), requirements, priority, ...(repository.trim() === "" ? {} : { repository: repository.trim() }) };
  const preview = useMutation({ mutationFn: (body: TaskInput) => world.client().previewTask({ body }) });
  const run = useMutation({
    mutationFn: (body: TaskInput) => world.client().submitTask({ body, idempotencyKey: draftKey }),
    onSuccess: (task) => navigate({ to: "/tasks/$taskId", params: { taskId: task.id } }),
  });
  const isEmpty = input.description === "";
  const isBusy = run.isPending || run.isSuccess;
  const isOpen = isWriting || !isEmpty || requirements.length > 0 || repository !== "";
  const change =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      set(value);
      preview.reset();
      run.reset();
      setDraftKey(newKey());
    };
  function submit(event: FormEvent) {
    event.preventDefault();
    if (!isEmpty && !isBusy) run.mutate(input);
  }
  return (
    <Panel className="focus-within:border-edge">
      <form onSubmit={submit} aria-label="Hand in a task">
        <label htmlFor={`${id}what`} className="sr-only">
          What should be done?
        </label>
        <textarea
          id={`${id}what`}
          value={description}
          onFocus={() => setWriting(true)}
          onChange={(event) => change(setDescription)(event.target.value)}
          onKeyDown={(event) => event.key === "Enter" && (event.metaKey || event.ctrlKey) && submit(event)}
          placeholder="What should be done?"
          rows={isOpen ? 3 : 1}
          maxLength={100_000}
          className="block w-full resize-none rounded-lg bg-transparent px-4 py-3 text-base outline-none [field-sizing:content] placeholder:text-soft"
        />
        {isOpen && (
          <div className="space-y-4 border-t border-line px-4 pt-3 pb-4">
            <RequirementField chosen={requirements} agents={agents?.items ?? []} onChange={change(setRequirements)} />
            <RepositoryField value={repository} onChange={change(setRepository)} />
            <div className="flex flex-wrap items-end justify-between gap-4">
              <PriorityField value={priority} onChange={change(setPriority)} />
              <div className="flex flex-wrap items-center gap-2">
                <Link to="/tasks/new" className="px-2 text-sm text-soft underline decoration-edge underline-offset-2 hover:text-ink">
                  Everything else
                </Link>
                <Button onClick={() => preview.mutate(input)} disabled={isEmpty || preview.isPending}>
                  {preview.isPending ? "Planning…" : "Preview"}
                </Button>
                <Button kind="main" type="submit" disabled={isEmpty || isBusy}>
                  {isBusy ? "Handing in…" : "Run"}
                </Button>
              </div>
            </div>
            {run.error && <ProblemNote error={run.error} />}
            {preview.error && <ProblemNote error={preview.error} />}
            {preview.data && <PreviewPlan preview={preview.data} />}
          </div>
        )}
      </form>
    </Panel>
  );
}

function RepositoryField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block text-sm text-soft">
        Repository
      </label>
      <input
        id={id}
        value={value}
        maxLength={4000}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
        placeholder="/path/to/a/git/repository, for a task about one"
        className="h-9 w-full rounded-md border border-edge bg-paper px-3 text-sm outline-none placeholder:text-soft focus-visible:outline-2 focus-visible:outline-accent"
      />
    </div>
  );
}

function PriorityField({ value, onChange }: { value: Priority; onChange: (value: Priority) => void }) {
  return (
    <fieldset>
      <legend className="mb-1.5 text-sm text-soft">Priority</legend>
      <div className="flex flex-wrap gap-1">
        {priorities.map((name) => (
          <label
            key={name}
            className="rounded-md border border-transparent px-2.5 py-1 text-sm text-soft hover:text-ink has-checked:border-accent has-checked:bg-accent-wash has-checked:font-medium has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-accent"
          >
            <input type="radio" name="priority" value={name} checked={name === value} onChange={() => onChange(name)} className="sr-only" />
            {name}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
