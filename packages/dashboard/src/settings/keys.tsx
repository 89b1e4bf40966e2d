// API keys: for programs and agents. A key itself is shown once, when it is made.
import type { AccessRole } from "@baton/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { Field, TextInput } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel, Section } from "../ui/section.tsx";
import { Sheet } from "../ui/sheet.tsx";
import { Snippet } from "../ui/snippet.tsx";
import { Age, toMoment } from "../ui/when.tsx";
import { keysQuery } from "./setting-queries.ts";
import { RoleSelect } from "./users.tsx";

export function Keys() {
  const world = useWorld();
  const { data, error, refetch } = useQuery(keysQuery(world));
  const [isMaking, setMaking] = useState(false);
  const revoke = useMutation({
    mutationFn: (id: string) => world.client().removeApiKey({ params: { id } }),
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["keys"] }),
  });
  if (error && data === undefined) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="keys" className="h-48" />;
  return (
    <Section
      title={data.total === 1 ? "1 key" : `${data.total} keys`}
      aside={
        <Button icon="plus" onClick={() => setMaking(true)}>
          Make a key
        </Button>
      }
    >
      {data.items.length === 0 ? (
        <p className="text-sm text-soft">No key was made here. Programs show one as a bearer token; an agent that dials in needs one with the role agent.</p>
      ) : (
        <Panel>
          <ul className="divide-y divide-line">
            {data.items.map((key) => (
              <li key={key.id} data-row className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 text-sm">
                <div className="min-w-0 flex-1 basis-52">
                  <p className="font-medium">
                    {key.name} <code className="ml-1 font-mono text-xs font-normal text-soft">{key.prefix}…</code>
                  </p>
                  <p className="text-soft">
                    {key.role.replace("-", " ")}
                    {key.agent === null ? "" : `, only as ${key.agent}`} · made by {key.createdBy} ·{" "}
                    {key.lastUsedAt === null ? (
                      "never used"
                    ) : (
                      <>
                        used <Age at={key.lastUsedAt} suffix=" ago" />
                      </>
                    )}
                    {key.expiresAt === null ? "" : ` · ends ${toMoment(key.expiresAt)}`}
                  </p>
                </div>
                <Button disabled={revoke.isPending} onClick={() => revoke.mutate(key.id)} aria-label={`Revoke ${key.name}`}>
                  Revoke
                </Button>
              </li>
            ))}
          </ul>
        </Panel>
      )}
      {revoke.error && <ProblemNote error={revoke.error} />}
      {isMaking && <MakeKey onLeave={() => setMaking(false)} />}
    </Section>
  );
}

function MakeKey({ onLeave }: { onLeave: () => void }) {
  const world = useWorld();
  const [role, setRole] = useState<AccessRole>("user");
  const [agent, setAgent] = useState("");
  const [ends, setEnds] = useState("");
  const make = useMutation({
    mutationFn: (name: string) =>
      world.client().createApiKey({
        body: {
          name,
          role,
          ...(role === "agent" && agent.trim() !== "" ? { agent: agent.trim() } : {}),
          ...(ends === "" ? {} : { expiresAt: new Date(ends).toISOString() }),
        },
      }),
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["keys"] }),
  });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = new FormData(event.currentTarget).get("name");
    if (typeof name === "string") make.mutate(name.trim());
  }
  if (make.data !== undefined)
    return (
      <Sheet title="Keep it now" onLeave={onLeave}>
        <p className="mb-3 text-sm text-soft">It is not shown again, and nobody can look it up.</p>
        <Snippet label={make.data.name} code={make.data.key} />
      </Sheet>
    );
  return (
    <Sheet title="Make a key" onLeave={onLeave}>
      <form onSubmit={submit} className="space-y-4">
        <Field label="Name" help="What it is for.">
          {(id) => <TextInput id={id} name="name" required maxLength={200} />}
        </Field>
        <Field label="Role">{(id) => <RoleSelect id={id} value={role} onChange={setRole} />}</Field>
        {role === "agent" && (
          <Field label="Only as the agent" help="Empty: as any agent.">
            {(id) => <TextInput id={id} value={agent} onChange={({ target }) => setAgent(target.value)} />}
          </Field>
        )}
        <Field label="Ends" help="Empty: when it is revoked.">
          {(id) => <TextInput id={id} type="datetime-local" value={ends} onChange={({ target }) => setEnds(target.value)} />}
        </Field>
        {make.error && <ProblemNote error={make.error} />}
        <Button kind="main" type="submit" disabled={make.isPending}>
          Make it
        </Button>
      </form>
    </Sheet>
  );
}
