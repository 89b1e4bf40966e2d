// Messages that nobody took, with the reason, and the way to send them once more.
import type { DeliveredMessage } from "@baton/contract";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { JsonView } from "../output/json-view.tsx";
import { Button } from "../ui/button.tsx";
import { Empty } from "../ui/empty.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel } from "../ui/section.tsx";
import { Age } from "../ui/when.tsx";
import { deadLettersQuery } from "./message-queries.ts";

export function DeadLetters() {
  const { data, error, refetch, hasNextPage, fetchNextPage } = useInfiniteQuery(deadLettersQuery(useWorld()));
  if (error && data === undefined) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="dead letters" className="h-64" />;
  const letters = data.pages.flatMap(({ items }) => items);
  if (letters.length === 0)
    return (
      <Empty icon="check" title="No dead letters">
        What was refused too often, or was not taken before its time ran out, is kept here with the reason, and can be delivered again.
      </Empty>
    );
  return (
    <>
      <Panel className="overflow-hidden">
        <ul className="divide-y divide-line">
          {letters.map((letter) => (
            <LetterRow key={letter.delivery.id} letter={letter} />
          ))}
        </ul>
      </Panel>
      {hasNextPage && (
        <div className="mt-4 text-center">
          <Button onClick={() => void fetchNextPage()}>Older ones</Button>
        </div>
      )}
    </>
  );
}

function LetterRow({ letter }: { letter: DeliveredMessage }) {
  const world = useWorld();
  const maySend = useMay("redeliverMessage");
  const again = useMutation({
    mutationFn: () => world.client().redeliverMessage({ params: { id: letter.delivery.id } }),
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["messages"] }),
  });
  return (
    <li data-row className="px-4 py-3 text-sm">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <p>
            <span className="font-medium">{letter.messageType}</span>{" "}
            <span className="text-soft">
              from {letter.senderId} to {letter.delivery.recipientId}, <Age at={letter.createdAt} suffix=" ago" />
            </span>
          </p>
          <p className="text-bad">{letter.delivery.reason ?? "no reason was told"}</p>
          <details className="mt-1">
            <summary className="w-fit text-soft hover:text-ink">What it says</summary>
            <div className="mt-2">
              <JsonView value={letter.withheld ?? letter.payload} />
            </div>
          </details>
        </div>
        {maySend && (
          <Button
            disabled={again.isPending}
            onClick={() => again.mutate()}
            aria-label={`Deliver again: ${letter.messageType} to ${letter.delivery.recipientId}`}
          >
            {again.isPending ? "Delivering…" : "Deliver again"}
          </Button>
        )}
      </div>
      {again.error && <ProblemNote error={again.error} />}
    </li>
  );
}
