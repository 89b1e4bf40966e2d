// What every agent is told of a conversation, however long it gets.
import type { Session } from "@baton/contract";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { TextInput } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";

export function Pins({ session }: { session: Session }) {
  const world = useWorld();
  const mayPin = useMay("addPin", "removePin");
  const [fact, setFact] = useState("");
  const refresh = () => world.queries.invalidateQueries({ queryKey: ["sessions", "one", session.id] });
  const add = useMutation({
    mutationFn: (content: string) => world.client().addPin({ params: { id: session.id }, body: { content } }),
    onSuccess: () => setFact(""),
    onSettled: refresh,
  });
  const remove = useMutation({ mutationFn: (pinId: string) => world.client().removePin({ params: { id: session.id, pinId } }), onSettled: refresh });
  if (!mayPin && session.pins.length === 0) return null;
  function submit(event: FormEvent) {
    event.preventDefault();
    if (fact.trim() !== "") add.mutate(fact.trim());
  }
  return (
    <details className="mb-5 rounded-md border border-line bg-raised px-4 py-2.5 text-sm" open={session.pins.length > 0}>
      <summary className="text-soft hover:text-ink">{session.pins.length === 0 ? "Nothing is pinned" : `Always told: ${session.pins.length}`}</summary>
      <ul className="mt-2 space-y-1.5">
        {session.pins.map(({ id, content, turn }) => (
          <li key={id} className="flex items-start gap-2">
            <span className="min-w-0 flex-1">
              {content} {turn === null ? null : <span className="text-soft">(turn {turn})</span>}
            </span>
            {mayPin && (
              <Button
                kind="quiet"
                icon="close"
                className="h-6 px-1.5"
                aria-label={`Take the pin away: ${content.slice(0, 60)}`}
                onClick={() => remove.mutate(id)}
              />
            )}
          </li>
        ))}
      </ul>
      {mayPin && (
        <form onSubmit={submit} className="mt-2 flex gap-2">
          <TextInput
            aria-label="A fact to pin"
            placeholder="A fact everybody should know"
            maxLength={4000}
            value={fact}
            onChange={({ target }) => setFact(target.value)}
          />
          <Button type="submit" disabled={fact.trim() === "" || add.isPending}>
            Pin
          </Button>
        </form>
      )}
      {add.error && <ProblemNote error={add.error} />}
    </details>
  );
}
