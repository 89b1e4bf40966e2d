// The catalogue: descriptions of agents, to be put on somebody who is here already.
import type { CatalogueEntry } from "@baton/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { agentsQuery, catalogueQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { Chips } from "../ui/chip.tsx";
import { Empty } from "../ui/empty.tsx";
import { Field, Select, TextInput } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading } from "../ui/section.tsx";
import { Sheet } from "../ui/sheet.tsx";

const SHOWN = 60;

export function CataloguePicker() {
  const { data, error, refetch } = useQuery(catalogueQuery(useWorld()));
  const [words, setWords] = useState("");
  const [chosen, setChosen] = useState<CatalogueEntry | undefined>(undefined);
  if (error && data === undefined) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="the catalogue" className="h-96" />;
  const fitting = data.items.filter((entry) => isFound(entry, words.trim().toLowerCase()));
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <TextInput
          type="search"
          data-search
          aria-label="Search the catalogue"
          placeholder="Search names, categories, capabilities"
          value={words}
          onChange={({ target }) => setWords(target.value)}
          className="min-w-0 flex-1 basis-56 sm:max-w-sm"
        />
        <output className="text-sm text-soft">
          {fitting.length} of {data.items.length} entries
        </output>
      </div>
      {fitting.length === 0 && (
        <Empty icon="search" title="No entry fits">
          Search for one word of a name, a category or a capability.
        </Empty>
      )}
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(19rem,100%),1fr))] gap-3">
        {fitting.slice(0, SHOWN).map((entry) => (
          <li key={entry.name} className="flex flex-col rounded-lg border border-line bg-raised p-4">
            <p className="flex items-baseline justify-between gap-3">
              <span className="min-w-0 truncate font-medium">{entry.name}</span>
              <span className="text-xs text-soft">{entry.category}</span>
            </p>
            <p className="mt-1 mb-3 line-clamp-3 text-sm text-soft">{entry.description}</p>
            <Chips label={`Capabilities of ${entry.name}`} names={entry.capabilities.map(({ name }) => name)} most={3} />
            <Button className="mt-4 self-start" onClick={() => setChosen(entry)} aria-label={`Register ${entry.name}`}>
              Register
            </Button>
          </li>
        ))}
      </ul>
      {fitting.length > SHOWN && <p className="mt-4 text-sm text-soft">and {fitting.length - SHOWN} more: search to find them</p>}
      {chosen !== undefined && <Back entry={chosen} onLeave={() => setChosen(undefined)} />}
    </>
  );
}

const isFound = ({ name, category, description, aliases, capabilities }: CatalogueEntry, words: string): boolean =>
  [name, category, description, ...aliases, ...capabilities.map((capability) => capability.name)].some((text) => text.toLowerCase().includes(words));

/** On whom it is put. */
function Back({ entry, onLeave }: { entry: CatalogueEntry; onLeave: () => void }) {
  const world = useWorld();
  const navigate = useNavigate();
  const { data: agents } = useQuery(agentsQuery(world));
  const backings = agents?.items.filter(({ connector }) => connector.kind !== "dialin" && connector.kind !== "mcp") ?? [];
  const [backingAgent, setBacking] = useState("");
  const register = useMutation({
    mutationFn: () => world.client().createAgentFromCatalogue({ body: { entry: entry.name, backingAgent } }),
    onSuccess: ({ id }) => navigate({ to: "/agents/$agentId", params: { agentId: id } }),
  });
  return (
    <Sheet title={entry.name} onLeave={onLeave}>
      <p className="mb-4 text-sm text-soft">{entry.description}</p>
      {backings.length === 0 ? (
        <p className="text-sm">An entry is carried by an agent that is here, such as a model or a coding agent. Register one of those first.</p>
      ) : (
        <form
          className="space-y-4"
          onSubmit={(event) => {
            event.preventDefault();
            register.mutate();
          }}
        >
          <Field label="Carried by" help="It is reached as this agent is, and told who it is to be.">
            {(id) => (
              <Select id={id} required className="w-full" value={backingAgent} onChange={({ target }) => setBacking(target.value)}>
                <option value="">choose</option>
                {backings.map(({ id: agentId, name, connector }) => (
                  <option key={agentId} value={agentId}>
                    {name} ({connector.kind})
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {register.error && <ProblemNote error={register.error} />}
          <Button kind="main" type="submit" disabled={backingAgent === "" || register.isPending}>
            Register {entry.name}
          </Button>
        </form>
      )}
    </Sheet>
  );
}
