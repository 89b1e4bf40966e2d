// The wizard's forms: which template, what the agent is, where it is, how it is spoken to, and all of it once more.
import { type Json, type MappingOverride, type Template, mappingOverride } from "@baton/contract";
import { useQuery } from "@tanstack/react-query";
import { Suspense, lazy, useState } from "react";
import { stringify } from "yaml";
import { agentsQuery, templatesQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { JsonView } from "../output/json-view.tsx";
import { RequirementField } from "../submit/requirement-field.tsx";
import { Field, TextArea, TextInput } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading } from "../ui/section.tsx";
import { type Tested, type WizardDraft, configNames } from "./wizard-draft.ts";

const SchemaEditor = lazy(() => import("../editor/schema-editor.tsx"));

/** `chosen`: its name, empty for none, undefined while nothing is chosen. */
export function TemplateStep({ chosen, onChoose }: { chosen: string | undefined; onChoose: (template: Template | undefined) => void }) {
  const { data, error, refetch } = useQuery(templatesQuery(useWorld()));
  if (error && data === undefined) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="templates" />;
  const options = [
    ...data.items
      .filter(({ isActive }) => isActive)
      .map((template) => ({ name: template.name, title: template.displayName, text: template.description, template })),
    { name: "", title: "None of these", text: "You say yourself how it is asked and where its answer stands.", template: undefined },
  ];
  return (
    <fieldset>
      <legend className="mb-3 text-sm text-soft">A template knows how a framework wants to be asked, and where its answer stands.</legend>
      <div className="grid gap-2 sm:grid-cols-2">
        {options.map(({ name, title, text, template }) => (
          <label
            key={name}
            className="flex gap-3 rounded-md border border-line p-3 hover:border-edge has-checked:border-accent has-checked:bg-accent-wash has-focus-visible:outline-2 has-focus-visible:outline-accent"
          >
            <input aria-label={title} type="radio" name="template" className="mt-1" checked={chosen === name} onChange={() => onChoose(template)} />
            <span className="min-w-0">
              <span className="block text-sm font-medium">{title}</span>
              <span className="block text-xs text-soft">{text}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface StepProps {
  draft: WizardDraft;
  onChange: (part: Partial<WizardDraft>) => void;
}

export function AboutStep({ draft, onChange }: StepProps) {
  const { data: agents } = useQuery(agentsQuery(useWorld()));
  return (
    <div className="space-y-4">
      <Field label="Name">{(id) => <TextInput id={id} maxLength={200} value={draft.name} onChange={({ target }) => onChange({ name: target.value })} />}</Field>
      <Field label="Description">
        {(id) => <TextArea id={id} maxLength={4000} value={draft.description} onChange={({ target }) => onChange({ description: target.value })} />}
      </Field>
      <RequirementField label="Can do" chosen={draft.capabilities} agents={agents?.items ?? []} onChange={(capabilities) => onChange({ capabilities })} />
      <Field label="Pieces of work at once">
        {(id) => (
          <TextInput
            id={id}
            type="number"
            min={1}
            max={100_000}
            className="max-w-32"
            value={draft.maxConcurrentTasks}
            onChange={({ target }) => onChange({ maxConcurrentTasks: target.value })}
          />
        )}
      </Field>
    </div>
  );
}

export function ConnectionStep({ draft, onChange }: StepProps) {
  return (
    <div className="space-y-4">
      <Field label="Address" help="Where it listens, without the template's path, such as http://127.0.0.1:9000.">
        {(id) => (
          <TextInput
            id={id}
            type="url"
            inputMode="url"
            maxLength={2000}
            value={draft.endpoint}
            onChange={({ target }) => onChange({ endpoint: target.value })}
          />
        )}
      </Field>
      <Field
        label="Token from the variable"
        help="The name of a variable in the server's environment that holds a bearer token, one of those that BATON_AGENT_ENV names. Empty: none is sent."
      >
        {(id) => (
          <TextInput
            id={id}
            maxLength={200}
            className="font-mono"
            value={draft.tokenFrom}
            onChange={({ target }) => onChange({ tokenFrom: target.value.trim() })}
          />
        )}
      </Field>
      {configNames(draft.template).map((name) => (
        <Field key={name} label={name} help="Filled into the template.">
          {(id) => (
            <TextInput id={id} value={draft.config[name] ?? ""} onChange={({ target }) => onChange({ config: { ...draft.config, [name]: target.value } })} />
          )}
        </Field>
      ))}
    </div>
  );
}

const ownMapping = `# Strings that begin with $. are JSONPath: over {description, context, step_input, config} in the request, over the answer in the response.
request:
  method: POST
  path: /process
  bodyMapping:
    description: $.description
response:
  resultPath: $.result
`;

/** `onChange(undefined)`: something is wrong with it. */
export function MappingStep({ draft, onChange }: { draft: WizardDraft; onChange: (mapping: MappingOverride | undefined) => void }) {
  const [text, setText] = useState(() =>
    Object.keys(draft.mapping).length > 0 ? stringify(draft.mapping) : draft.template === undefined ? ownMapping : "{}\n",
  );
  return (
    <div className="space-y-4">
      {draft.template !== undefined && (
        <details className="text-sm">
          <summary className="w-fit text-soft hover:text-ink">How {draft.template.displayName} is asked</summary>
          <div className="mt-2">
            <JsonView value={{ request: draft.template.requestMapping, response: draft.template.responseMapping } as Json} />
          </div>
        </details>
      )}
      <p className="text-sm text-soft">
        {draft.template === undefined ? "How it is asked, and where in its answer the result stands." : "What differs from the template; {} when nothing does."}
      </p>
      <div className="overflow-hidden rounded-md border border-line">
        <Suspense fallback={<Loading what="the editor" className="h-64" />}>
          <SchemaEditor
            label="Mapping"
            schema={mappingOverride}
            text={text}
            onText={setText}
            onValue={(value) => onChange(value as MappingOverride | undefined)}
          />
        </Suspense>
      </div>
    </div>
  );
}

export function ReviewStep({ draft, tested }: { draft: WizardDraft; tested: Tested | undefined }) {
  const rows: [string, string][] = [
    ["Name", draft.name],
    ["Template", draft.template?.displayName ?? "none"],
    ["Can do", draft.capabilities.join(", ")],
    ["At once", draft.maxConcurrentTasks],
    ["Address", draft.endpoint],
    ["Token from", draft.tokenFrom === "" ? "none" : draft.tokenFrom],
    ...Object.entries(draft.config).map(([name, value]): [string, string] => [name, value]),
    ["Mapping", Object.keys(draft.mapping).length === 0 ? "the template's" : "of its own"],
    ["Test", tested?.result.message ?? ""],
  ];
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-2 text-sm">
      {rows.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-soft">{name}</dt>
          <dd className="[overflow-wrap:anywhere]">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
