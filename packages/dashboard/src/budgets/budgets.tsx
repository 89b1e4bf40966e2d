// How much may be spent and how much is: a line for each limit of each budget. Takes no room while there is no budget.
import { type Budget, budgetKinds, type BudgetKind } from "@baton/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { agentsQuery, budgetsQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { toDuration } from "../std/duration.ts";
import { Bar } from "../ui/bar.tsx";
import { Button } from "../ui/button.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Panel, Section } from "../ui/section.tsx";
import { type Tone, toneText } from "../ui/tone.ts";

const tones: Record<Budget["state"], Tone> = { open: "done", warned: "wait", stopped: "bad" };

/** `canRemove`: with a way to take each away. */
export function Budgets({ canRemove = false }: { canRemove?: boolean }) {
  const { data, error, refetch } = useQuery(budgetsQuery(useWorld()));
  if (error) return <ProblemNote error={error} isBesideData={data !== undefined} retry={() => void refetch()} />;
  if (data === undefined || data.items.length === 0) return null;
  return (
    <Section title="Budgets">
      <Panel>
        <ul className="divide-y divide-line">
          {data.items.map((budget) => (
            <li key={budget.id} className="grid grid-cols-[minmax(0,1fr)] gap-x-8 gap-y-2 px-4 py-3 sm:grid-cols-2">
              <div className="min-w-0">
                <p className="truncate">
                  {budget.name}{" "}
                  <span className="text-sm text-soft">
                    <Scope budget={budget} />
                  </span>
                </p>
                {budget.state !== "open" && <p className={`text-sm ${toneText[tones[budget.state]]}`}>{budget.reason}</p>}
              </div>
              <Limits budget={budget} />
              {canRemove && <RemoveBudget budget={budget} />}
            </li>
          ))}
        </ul>
      </Panel>
    </Section>
  );
}

function RemoveBudget({ budget }: { budget: Budget }) {
  const world = useWorld();
  const remove = useMutation({
    mutationFn: () => world.client().removeBudget({ params: { id: budget.id } }),
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["budgets"] }),
  });
  return (
    <div>
      <Button
        kind="quiet"
        icon="trash"
        className="-ml-3.5"
        disabled={remove.isPending}
        onClick={() => remove.mutate()}
        aria-label={`Remove budget ${budget.name}`}
      >
        Remove
      </Button>
      {remove.error && <ProblemNote error={remove.error} />}
    </div>
  );
}

function Scope({ budget: { scope, subject, period } }: { budget: Budget }) {
  const { data } = useQuery(agentsQuery(useWorld()));
  const name = scope === "agent" ? data?.items.find(({ id }) => id === subject)?.name : subject;
  return <>{`of ${scope === "everything" ? "everything" : `${scope} ${name ?? subject}`}, ${period === "day" ? "a day" : "in all"}`}</>;
}

function Limits({ budget }: { budget: Budget }) {
  return (
    <div className="space-y-2">
      {tellLimits(budget).map(({ kind, words, fraction }) => (
        <div key={kind} className="text-sm">
          <p className="mb-1 text-soft">{words}</p>
          <Bar fraction={fraction} tone={tones[budget.state]} label={words} />
        </div>
      ))}
    </div>
  );
}
/** A task's own, in a line. */
export function BudgetLine({ budget }: { budget: Budget }) {
  const words = tellLimits(budget).map((limit) => limit.words);
  return <span className={budget.state === "open" ? undefined : toneText[tones[budget.state]]}>budget {words.join(", ")}</span>;
}

function tellLimits({ limits, used, reserved }: Budget): { kind: BudgetKind; words: string; fraction: number }[] {
  return budgetKinds.flatMap((kind) => {
    const most = limits[kind];
    if (most === null) return [];
    const held = reserved[kind] > 0 ? `, ${tellAmount(kind, reserved[kind])} reserved` : "";
    return [{ kind, words: `${tellAmount(kind, used[kind])} of ${tellAmount(kind, most)}${held}`, fraction: used[kind] / most }];
  });
}
function tellAmount(kind: BudgetKind, value: number): string {
  if (kind === "usd") return new Intl.NumberFormat(undefined, { style: "currency", currency: "USD", maximumFractionDigits: value < 1 ? 4 : 2 }).format(value);
  return kind === "seconds" ? toDuration(value * 1000) : `${value.toLocaleString()} ${kind}`;
}
