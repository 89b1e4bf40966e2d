// Hand in a task in full: as a form with everything a task may say, or as a task file; with its plan, and who would do it, before it runs.
import { type TaskInput, taskInput } from "@baton/contract";
import { useMutation } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { Suspense, lazy, useEffect, useState } from "react";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { Empty } from "../ui/empty.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel } from "../ui/section.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { newKey } from "./new-key.ts";
import { PreviewPlan } from "./preview-plan.tsx";
import { TaskForm, emptyForm, toTaskInput } from "./task-form.tsx";

const SchemaEditor = lazy(() => import("../editor/schema-editor.tsx"));
const route = getRouteApi("/tasks/new");
const FIRST_FILE = `# A task file: the same that \`baton run -f task.yaml\` takes. Ctrl-Space says what may stand here.
title: Report on this repository
description: Look at the repository and say what a newcomer should know.
steps:
  - id: inspect
    title: Look at the files
    requirements: [inspect-repository]
  - id: report
    title: Write the report
    requirements: [write-report]
    needs: [inspect]
`;

export function NewTaskPage() {
  const { as = "form" } = route.useSearch();
  const maySubmit = useMay("submitTask", "previewTask");
  const [form, setForm] = useState(emptyForm);
  const [file, setFile] = useState(FIRST_FILE);
  const [fromFile, setFromFile] = useState<TaskInput | undefined>(undefined);
  useEffect(() => {
    document.title = "New task · Baton";
  }, []);
  const input = as === "form" ? toTaskInput(form) : fromFile;
  return (
    <>
      <PageHead title="New task" />
      <Tabs
        label="How it is written"
        tabs={[
          { name: "Form", to: "/tasks/new", search: {}, isCurrent: as === "form" },
          { name: "Task file", to: "/tasks/new", search: { as: "file" }, isCurrent: as === "file" },
        ]}
      />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-x-8 gap-y-6 xl:grid-cols-[minmax(0,34rem)_minmax(0,1fr)]">
        {as === "form" ? (
          <TaskForm form={form} onChange={setForm} />
        ) : (
          <Panel className="overflow-hidden">
            <Suspense fallback={<Loading what="the editor" className="h-96" />}>
              <SchemaEditor
                label="Task file"
                schema={taskInput}
                text={file}
                onText={setFile}
                onValue={(value) => setFromFile(value as TaskInput | undefined)}
              />
            </Suspense>
          </Panel>
        )}
        {maySubmit && <Launch input={input} key={as} />}
      </div>
    </>
  );
}

/** Looked at before, as often as one likes; run once. */
function Launch({ input }: { input: TaskInput | undefined }) {
  const world = useWorld();
  const navigate = useNavigate();
  const written = JSON.stringify(input);
  const [draft, setDraft] = useState({ written, key: newKey() });
  // One key for one draft: sent again after no answer came, it is still one task.
  if (draft.written !== written) setDraft({ written, key: newKey() });
  const preview = useMutation({ mutationFn: async (body: TaskInput) => ({ of: JSON.stringify(body), plan: await world.client().previewTask({ body }) }) });
  const run = useMutation({
    mutationFn: (body: TaskInput) => world.client().submitTask({ body, idempotencyKey: draft.key }),
    onSuccess: (task) => navigate({ to: "/tasks/$taskId", params: { taskId: task.id } }),
  });
  const isBusy = run.isPending || run.isSuccess;
  const shown = preview.data !== undefined && preview.data.of === written ? preview.data.plan : undefined;
  return (
    <section aria-label="Plan and routing" className="space-y-4 xl:sticky xl:top-6">
      <div className="flex gap-2">
        <Button disabled={input === undefined || preview.isPending} onClick={() => input && preview.mutate(input)}>
          {preview.isPending ? "Planning…" : "Preview"}
        </Button>
        <Button kind="main" disabled={input === undefined || isBusy} onClick={() => input && run.mutate(input)}>
          {isBusy ? "Handing in…" : "Run"}
        </Button>
      </div>
      {run.error && <ProblemNote error={run.error} />}
      {preview.error && <ProblemNote error={preview.error} />}
      {shown === undefined ? (
        <Empty title="What would happen">
          A preview shows the plan, who would do each step and why, and what would wait for whom. Nothing is stored by it.
        </Empty>
      ) : (
        <PreviewPlan preview={shown} />
      )}
    </section>
  );
}
