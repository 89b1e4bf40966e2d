// How HTTP agents of different makes are spoken with: the templates that come with it, and those of one's own.
import type { Json, Template, templateInput as TemplateSchema, TemplateInput } from "@baton/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { templatesQuery } from "../api/queries.ts";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import type SchemaEditor from "../editor/schema-editor.tsx";
import { JsonView } from "../output/json-view.tsx";
import { Button } from "../ui/button.tsx";
import { Chip } from "../ui/chip.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel, Section } from "../ui/section.tsx";
import { Sheet } from "../ui/sheet.tsx";

/** With the editor, which is much to load. */
const TemplateFile = lazy(async () => {
  const [{ templateInput }, { default: Editor }] = await Promise.all([import("@baton/contract"), import("../editor/schema-editor.tsx")]);
  return { default: (props: { onLeave: () => void }) => <AddTemplate schema={templateInput} Editor={Editor} {...props} /> };
});

export function TemplateSettings() {
  const { data, error, refetch } = useQuery(templatesQuery(useWorld()));
  const mayManage = useMay("createTemplate", "removeTemplate");
  const [isAdding, setAdding] = useState(false);
  if (error && data === undefined) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="templates" className="h-48" />;
  return (
    <Section
      title={`${data.items.length} templates`}
      aside={
        mayManage && (
          <Button icon="plus" onClick={() => setAdding(true)}>
            Add a template
          </Button>
        )
      }
    >
      <p className="mb-3 text-sm text-soft">How a framework wants to be asked, and where its answer stands: agents over HTTP are registered through one.</p>
      <Panel>
        <ul className="divide-y divide-line">
          {data.items.map((template) => (
            <TemplateRow key={template.id} template={template} mayRemove={mayManage && !template.isBuiltin} />
          ))}
        </ul>
      </Panel>
      {isAdding && (
        <Suspense fallback={<Loading what="the editor" />}>
          <TemplateFile onLeave={() => setAdding(false)} />
        </Suspense>
      )}
    </Section>
  );
}

function TemplateRow({ template, mayRemove }: { template: Template; mayRemove: boolean }) {
  const world = useWorld();
  const [isOpen, setOpen] = useState<"whole" | "remove">();
  const leave = () => setOpen(undefined);
  const remove = useMutation({
    mutationFn: () => world.client().removeTemplate({ params: { id: template.id } }),
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["templates"] }),
  });
  const { method, path } = template.requestMapping;
  return (
    <li data-row className="px-4 py-3 text-sm">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-52">
          <p className="flex flex-wrap items-center gap-2 font-medium">
            {template.displayName} {template.isBuiltin && <Chip>built in</Chip>}
          </p>
          <p className="text-soft">{template.description}</p>
          <p className="font-mono text-xs break-all text-soft">
            {method} {path} → {template.responseMapping.resultPath}
          </p>
        </div>
        <Button aria-label={`Show all of ${template.displayName}`} onClick={() => setOpen("whole")}>
          Show
        </Button>
        {mayRemove && <Button kind="quiet" icon="trash" className="px-2.5" aria-label={`Remove ${template.displayName}`} onClick={() => setOpen("remove")} />}
      </div>
      {remove.error && <ProblemNote error={remove.error} />}
      {isOpen === "whole" && (
        <Sheet title={template.displayName} onLeave={leave}>
          <JsonView value={template as object as Json} />
        </Sheet>
      )}
      {isOpen === "remove" && (
        <Confirm
          title={`Remove ${template.displayName}?`}
          action="Remove"
          onLeave={leave}
          onConfirm={() => {
            leave();
            remove.mutate();
          }}
        >
          Agents that are registered through it cannot be called any more.
        </Confirm>
      )}
    </li>
  );
}

const beginning = `# Ctrl-Space says what may stand here.
name: my-framework
description: How it wants to be asked.
requestMapping:
  method: POST
  path: /run
  bodyMapping:
    prompt: $.description
responseMapping:
  resultPath: $.answer
`;
function AddTemplate({ schema, Editor, onLeave }: { schema: typeof TemplateSchema; Editor: typeof SchemaEditor; onLeave: () => void }) {
  const world = useWorld();
  const [text, setText] = useState(beginning);
  const [input, setInput] = useState<TemplateInput | undefined>(undefined);
  const add = useMutation({
    mutationFn: (body: TemplateInput) => world.client().createTemplate({ body }),
    onSuccess: onLeave,
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["templates"] }),
  });
  return (
    <Sheet title="Add a template" onLeave={onLeave}>
      <div className="space-y-4">
        <Panel className="overflow-hidden">
          <Editor label="Template" schema={schema} text={text} onText={setText} onValue={(value) => setInput(value as TemplateInput | undefined)} />
        </Panel>
        {add.error && <ProblemNote error={add.error} />}
        <Button kind="main" disabled={input === undefined || add.isPending} onClick={() => input && add.mutate(input)}>
          Add
        </Button>
      </div>
    </Sheet>
  );
}
