// Who has messages open, agents and others, and what they are.
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { agentsQuery, openMessagesQuery } from "../api/queries.ts";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { Field, Select, TextInput } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel, Section } from "../ui/section.tsx";
import { Age } from "../ui/when.tsx";
import { mailboxesQuery } from "./message-queries.ts";

export function Mailboxes() {
  const world = useWorld();
  const { data: mailboxes } = useQuery(mailboxesQuery(world));
  const { data: agents } = useQuery(agentsQuery(world));
  const [whose, setWhose] = useState("");
  const names = [...(mailboxes?.items.map(({ name }) => name) ?? []), ...(agents?.items.map(({ name }) => name) ?? [])];
  const chosen = whose === "" ? names[0] : whose;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-8 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <Section
        title="Open"
        aside={
          <Select aria-label="Whose mailbox" value={chosen ?? ""} onChange={({ target }) => setWhose(target.value)}>
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Select>
        }
      >
        {chosen === undefined ? <p className="text-sm text-soft">Nobody is here who could get a message.</p> : <Contents whose={chosen} />}
      </Section>
      <Others />
    </div>
  );
}

function Contents({ whose }: { whose: string }) {
  const { data, error } = useQuery(openMessagesQuery(useWorld(), whose));
  if (error && data === undefined) return <ProblemNote error={error} />;
  if (data === undefined) return <Loading what={`what ${whose} has open`} />;
  if (data.items.length === 0)
    return <p className="rounded-lg border border-line bg-raised px-4 py-8 text-center text-sm text-soft">{whose} has taken care of everything.</p>;
  return (
    <Panel>
      <ul className="divide-y divide-line text-sm">
        {data.items.map((message) => (
          <li key={message.delivery.id} data-row className="flex flex-wrap items-baseline gap-x-3 px-4 py-2.5">
            <span className="font-medium">{message.messageType}</span>
            <span className="text-soft">from {message.senderId}</span>
            <span className="text-soft">{message.priority}</span>
            <span className="ml-auto text-soft">
              {message.delivery.state}, <Age at={message.createdAt} suffix=" ago" />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** Of those who are not agents. */
function Others() {
  const world = useWorld();
  const mayManage = useMay("createMailbox", "removeMailbox");
  const { data } = useQuery(mailboxesQuery(world));
  const [name, setName] = useState("");
  const refresh = () => world.queries.invalidateQueries({ queryKey: ["messages", "mailboxes"] });
  const create = useMutation({
    mutationFn: () => world.client().createMailbox({ body: { name: name.trim() } }),
    onSuccess: () => setName(""),
    onSettled: refresh,
  });
  const remove = useMutation({ mutationFn: (id: string) => world.client().removeMailbox({ params: { id } }), onSettled: refresh });
  const error = create.error ?? remove.error;
  function submit(event: FormEvent) {
    event.preventDefault();
    if (name.trim() !== "") create.mutate();
  }
  return (
    <Section title="Mailboxes of others">
      <Panel className="p-4">
        {data?.items.length === 0 && <p className="mb-3 text-sm text-soft">Programs and people who are not agents can have a mailbox, too.</p>}
        <ul className="mb-3 space-y-1 text-sm empty:hidden">
          {data?.items.map((mailbox) => (
            <li key={mailbox.id} className="flex items-center justify-between gap-3">
              <span className="min-w-0 truncate">{mailbox.name}</span>
              {mayManage && (
                <Button
                  kind="quiet"
                  icon="trash"
                  className="h-7 px-2"
                  aria-label={`Remove mailbox ${mailbox.name}`}
                  onClick={() => remove.mutate(mailbox.id)}
                />
              )}
            </li>
          ))}
        </ul>
        {mayManage && (
          <form onSubmit={submit} className="flex items-end gap-2">
            <div className="flex-1">
              <Field label="New mailbox">{(id) => <TextInput id={id} maxLength={200} value={name} onChange={({ target }) => setName(target.value)} />}</Field>
            </div>
            <Button type="submit" disabled={name.trim() === "" || create.isPending}>
              Open
            </Button>
          </form>
        )}
        {error && (
          <div className="mt-3">
            <ProblemNote error={error} />
          </div>
        )}
      </Panel>
    </Section>
  );
}
