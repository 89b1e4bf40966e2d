// Secrets by name: written, replaced, removed, and never shown.
import { DEFAULT_PROJECT, type Secret, type SecretInput } from "@baton/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { Empty } from "../ui/empty.tsx";
import { Field, Select, TextInput } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel, Section } from "../ui/section.tsx";
import { Sheet } from "../ui/sheet.tsx";
import { Age } from "../ui/when.tsx";
import { projectsQuery, secretsQuery } from "./setting-queries.ts";

const LEAST_CHARACTERS = 8;
const NAME = "[A-Za-z0-9_][A-Za-z0-9_.\\-]*";

export function Secrets() {
  const { data, error, refetch } = useQuery(secretsQuery(useWorld()));
  const [isAdding, setAdding] = useState(false);
  if (error && data === undefined) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="secrets" className="h-48" />;
  return (
    <Section
      title={data.total === 1 ? "1 secret" : `${data.total} secrets`}
      aside={
        <Button icon="plus" onClick={() => setAdding(true)}>
          Keep a secret
        </Button>
      }
    >
      {data.items.length === 0 ? (
        <Empty title="Nothing is kept here">
          Keep a key of a model or a service by name, and say <code className="font-mono">{"${secret:name}"}</code> where an agent's registration needs it: in a
          header, in its environment. Its value goes in and is never shown, and is put out of sight in what agents say.
        </Empty>
      ) : (
        <Panel>
          <ul className="divide-y divide-line">
            {data.items.map((one) => (
              <SecretRow key={one.id} secret={one} />
            ))}
          </ul>
        </Panel>
      )}
      {isAdding && <AddSecret onLeave={() => setAdding(false)} />}
    </Section>
  );
}

function SecretRow({ secret }: { secret: Secret }) {
  const world = useWorld();
  const [isOpen, setOpen] = useState<"replace" | "remove">();
  const leave = () => setOpen(undefined);
  const onSettled = () => world.queries.invalidateQueries({ queryKey: ["secrets"] });
  const remove = useMutation({ mutationFn: () => world.client().removeSecret({ params: { id: secret.id } }), onSettled });
  const replace = useMutation({
    mutationFn: (value: string) => world.client().replaceSecret({ params: { id: secret.id }, body: { value } }),
    onSuccess: leave,
    onSettled,
  });
  return (
    <li data-row className="px-4 py-3 text-sm">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-52">
          <p className="font-medium">
            <code className="font-mono text-[13px] break-all">{`\${secret:${secret.name}}`}</code>
          </p>
          <p className="text-soft">
            {secret.projectId === null ? "for agents that all projects share" : `for agents of ${secret.projectId}`} · set by {secret.createdBy}{" "}
            <Age at={secret.updatedAt} suffix=" ago" />
            {secret.version > 1 && `, the ${secret.version}. value`}
          </p>
        </div>
        <Button aria-label={`Replace the value of ${secret.name}`} onClick={() => setOpen("replace")}>
          Replace
        </Button>
        <Button kind="quiet" icon="trash" className="px-2.5" aria-label={`Remove ${secret.name}`} onClick={() => setOpen("remove")} />
      </div>
      {remove.error && <ProblemNote error={remove.error} />}
      {isOpen === "replace" && (
        <Sheet title={`Another value for ${secret.name}`} onLeave={leave}>
          <form
            className="space-y-4"
            onSubmit={(event) => {
              event.preventDefault();
              replace.mutate(textOf(event, "value"));
            }}
          >
            <ValueField help="Agents get it when they are next called or started." />
            {replace.error && <ProblemNote error={replace.error} />}
            <Button kind="main" type="submit" disabled={replace.isPending}>
              Replace
            </Button>
          </form>
        </Sheet>
      )}
      {isOpen === "remove" && (
        <Confirm
          title={`Remove ${secret.name}?`}
          action="Remove"
          onLeave={leave}
          onConfirm={() => {
            leave();
            remove.mutate();
          }}
        >
          Agents whose registrations name it cannot be called any more.
        </Confirm>
      )}
    </li>
  );
}

const textOf = (event: FormEvent<HTMLFormElement>, name: string): string => {
  const value = new FormData(event.currentTarget).get(name);
  return typeof value === "string" ? value : "";
};
const ValueField = ({ help }: { help: string }) => (
  <Field label="Value" help={`${LEAST_CHARACTERS} characters or more. ${help}`}>
    {(id) => <TextInput id={id} name="value" type="password" autoComplete="off" required minLength={LEAST_CHARACTERS} />}
  </Field>
);

function AddSecret({ onLeave }: { onLeave: () => void }) {
  const world = useWorld();
  const { data: projects } = useQuery(projectsQuery(world));
  const add = useMutation({
    mutationFn: (body: SecretInput) => world.client().createSecret({ body }),
    onSuccess: onLeave,
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["secrets"] }),
  });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const projectId = textOf(event, "project");
    add.mutate({ name: textOf(event, "name").trim(), value: textOf(event, "value"), ...(projectId === "" ? {} : { projectId }) });
  }
  return (
    <Sheet title="Keep a secret" onLeave={onLeave}>
      <form onSubmit={submit} className="space-y-4">
        <Field label="Name" help="Letters, digits, _ . and -">
          {(id) => <TextInput id={id} name="name" required maxLength={100} pattern={NAME} />}
        </Field>
        <ValueField help="It is never shown again." />
        <Field label="For agents of" help="Others cannot name it.">
          {(id) => (
            <Select id={id} name="project" defaultValue="">
              <option value="">no one project: those that all share</option>
              {(projects?.items ?? [{ name: DEFAULT_PROJECT }]).map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {add.error && <ProblemNote error={add.error} />}
        <Button kind="main" type="submit" disabled={add.isPending}>
          Keep it
        </Button>
      </form>
    </Sheet>
  );
}
