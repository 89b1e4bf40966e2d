// Who hears what is sent to which topics.
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { Empty } from "../ui/empty.tsx";
import { Field, TextInput } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel } from "../ui/section.tsx";
import { subscriptionsQuery } from "./message-queries.ts";

export function Topics() {
  const world = useWorld();
  const mayManage = useMay("createSubscription", "removeSubscription");
  const { data, error, refetch } = useQuery(subscriptionsQuery(world));
  const [who, setWho] = useState("");
  const [topic, setTopic] = useState("");
  const refresh = () => world.queries.invalidateQueries({ queryKey: ["messages", "subscriptions"] });
  const add = useMutation({
    mutationFn: () => world.client().createSubscription({ body: { subscriberId: who.trim(), topic: topic.trim() } }),
    onSettled: refresh,
  });
  const remove = useMutation({ mutationFn: (id: string) => world.client().removeSubscription({ params: { id } }), onSettled: refresh });
  if (error && data === undefined) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="subscriptions" className="h-64" />;
  function submit(event: FormEvent) {
    event.preventDefault();
    add.mutate();
  }
  return (
    <div className="max-w-3xl space-y-5">
      {data.items.length === 0 ? (
        <Empty title="Nobody listens to a topic">
          What is sent to a topic goes to everybody who subscribed to it. In builds.* the star stands for any one name, or at the end for all that follow.
        </Empty>
      ) : (
        <Panel>
          <ul className="divide-y divide-line text-sm">
            {data.items.map((subscription) => (
              <li key={subscription.id} data-row className="flex items-center gap-3 px-4 py-2">
                <code className="font-mono">{subscription.topic}</code>
                <span className="text-soft">goes to {subscription.subscriberId}</span>
                {mayManage && (
                  <Button
                    kind="quiet"
                    icon="trash"
                    className="ml-auto h-7 px-2"
                    aria-label={`End ${subscription.topic} for ${subscription.subscriberId}`}
                    onClick={() => remove.mutate(subscription.id)}
                  />
                )}
              </li>
            ))}
          </ul>
        </Panel>
      )}
      {mayManage && (
        <form onSubmit={submit} className="grid items-end gap-3 sm:grid-cols-[1fr_1fr_auto]">
          <Field label="Who listens">
            {(id) => <TextInput id={id} required placeholder="an agent or mailbox" value={who} onChange={({ target }) => setWho(target.value)} />}
          </Field>
          <Field label="To what">
            {(id) => <TextInput id={id} required placeholder="builds.*" value={topic} onChange={({ target }) => setTopic(target.value)} />}
          </Field>
          <Button type="submit" disabled={add.isPending}>
            Subscribe
          </Button>
        </form>
      )}
      {(add.error ?? remove.error) && <ProblemNote error={add.error ?? remove.error} />}
    </div>
  );
}
