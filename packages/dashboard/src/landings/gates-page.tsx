// What changes have to pass, repository by repository: what its baton.yaml says and what was added here; and where more is added or taken away.
import type { GatesInForce, GateSet } from "@baton/contract";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { Chip } from "../ui/chip.tsx";
import { Empty } from "../ui/empty.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel, Section } from "../ui/section.tsx";
import { Age } from "../ui/when.tsx";
import { ChangeGates, RemoveGates } from "./change-gates.tsx";
import { toDemand } from "./gate-words.ts";
import { gateSetsQuery, gatesInForceQuery, landedRepositoriesQuery } from "./landing-queries.ts";

/** `repository` undefined: one that is still to be named. */
interface Changing {
  repository: string | undefined;
  set: GateSet | undefined;
}

export function GatesPage() {
  const world = useWorld();
  const sets = useQuery(gateSetsQuery(world));
  const landed = useQuery(landedRepositoriesQuery(world));
  const mayChange = useMay("putGates", "removeGates");
  const [changing, setChanging] = useState<Changing | undefined>(undefined);
  const error = sets.error ?? landed.error;
  if (error) return <ProblemNote error={error} retry={() => void Promise.all([sets.refetch(), landed.refetch()])} />;
  if (sets.data === undefined || landed.data === undefined) return <Loading what="gates" className="h-64" />;
  const byRepository = new Map(sets.data.items.map((set) => [set.repository, set]));
  const repositories = [...new Set([...byRepository.keys(), ...landed.data])].toSorted();
  const add = mayChange && (
    <Button icon="plus" onClick={() => setChanging({ repository: undefined, set: undefined })}>
      Add gates to a repository
    </Button>
  );
  return (
    <div className="space-y-8">
      {repositories.length === 0 ? (
        <Empty icon="land" title="No repository is known here yet" action={add}>
          A gate is a check that a change must pass before it lands: a command such as the tests, or a rule about files, size, coverage or secrets. Gates stand
          in the repository's baton.yaml, as it is on the target branch, and may be added to here. Without any, nothing lands.
        </Empty>
      ) : (
        add
      )}
      {repositories.map((repository) => (
        <RepositoryGates key={repository} repository={repository} set={byRepository.get(repository)} onChange={mayChange ? setChanging : undefined} />
      ))}
      {changing && <ChangeGates {...changing} onLeave={() => setChanging(undefined)} />}
    </div>
  );
}

function RepositoryGates({
  repository,
  set,
  onChange,
}: {
  repository: string;
  set: GateSet | undefined;
  onChange: ((changing: Changing) => void) | undefined;
}) {
  const { data, error, refetch } = useQuery(gatesInForceQuery(useWorld(), repository));
  return (
    <Section
      title={repository}
      aside={
        onChange && (
          <span className="flex flex-wrap gap-2">
            <Button aria-label={`${set === undefined ? "Add gates to" : "Change gates of"} ${repository}`} onClick={() => onChange({ repository, set })}>
              {set === undefined ? "Add gates" : "Change"}
            </Button>
            {set !== undefined && <RemoveGates set={set} />}
          </span>
        )
      }
    >
      {error && data === undefined && <ProblemNote error={error} retry={() => void refetch()} />}
      {data === undefined && !error && <Loading what={`gates of ${repository}`} />}
      {data !== undefined && (
        <>
          {data.problem !== null && <p className="mb-3 rounded-md bg-wait-wash px-3.5 py-2.5 text-sm text-wait">{data.problem}</p>}
          {data.gates.length > 0 && <GateList inForce={data} />}
          <p className="mt-2 text-xs text-soft">
            {data.target !== null && `Onto ${data.target}, by ${data.method}${data.batch === null ? "" : `, at most ${data.batch} changes judged together`}.`}
            {set !== undefined && (
              <>
                {" "}
                Those added here were changed by {set.updatedBy} <Age at={set.updatedAt} suffix=" ago" />.
              </>
            )}
          </p>
        </>
      )}
    </Section>
  );
}

const origins = { file: "baton.yaml", repository: "added here", landing: "of this change", task: "of a task", step: "of a step" } as const;

const GateList = ({ inForce: { repository, gates } }: { inForce: GatesInForce }) => (
  <Panel className="overflow-hidden">
    <ul className="divide-y divide-line" aria-label={`Gates of ${repository}`}>
      {gates.map(({ origin, gate }) => (
        <li key={origin + gate.name} className="flex flex-wrap items-baseline gap-x-3 gap-y-1 px-4 py-2.5 text-sm">
          <span className="font-medium">{gate.name}</span>
          <span className="text-soft">{gate.kind}</span>
          <span className="min-w-0 flex-1 basis-64 text-soft">{toDemand(gate)}</span>
          <Chip>{origins[origin]}</Chip>
        </li>
      ))}
    </ul>
  </Panel>
);
