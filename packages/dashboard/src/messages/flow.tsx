// Messages as they are sent, newest first; each opens to what it says and what became of it at every recipient.
import type { Message } from "@baton/contract";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { agentsQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { JsonView } from "../output/json-view.tsx";
import { Button } from "../ui/button.tsx";
import { Chip } from "../ui/chip.tsx";
import { Empty } from "../ui/empty.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel } from "../ui/section.tsx";
import { Age } from "../ui/when.tsx";
import { deliveriesQuery, messagesQuery } from "./message-queries.ts";

export function Flow() {
  const { data: agents } = useQuery(agentsQuery(useWorld()));
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(messagesQuery(useWorld()));
  if (error && data === undefined) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="messages" className="h-64" />;
  const names = new Map(agents?.items.map(({ id, name }) => [id, name]));
  const messages = data.pages.flatMap(({ items }) => items);
  if (messages.length === 0)
    return (
      <Empty icon="mail" title="Nobody has sent anything yet">
        Agents send each other work, news and questions: to one, to a topic, or to all. A message is kept until its recipient has taken care of it.
      </Empty>
    );
  return (
    <>
      <Panel className="overflow-hidden">
        <ul className="divide-y divide-line">
          {messages.map((message) => (
            <MessageRow key={message.id} message={message} names={names} />
          ))}
        </ul>
      </Panel>
      {hasNextPage && (
        <div className="mt-4 text-center">
          <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Older messages
          </Button>
        </div>
      )}
    </>
  );
}

const toWhom = ({ recipientId, topic, pattern }: Message, names: Map<string, string>): string =>
  (recipientId === null ? null : (names.get(recipientId) ?? recipientId)) ??
  (topic === null ? (pattern === "broadcast" ? "everybody" : "nobody in particular") : `topic ${topic}`);

function MessageRow({ message, names }: { message: Message; names: Map<string, string> }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li data-row>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="flex w-full flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5 text-left text-sm hover:bg-paper"
      >
        <span className="font-medium">{names.get(message.senderId) ?? message.senderId}</span>
        <span className="text-soft">
          <Icon name="arrow" size={14} />
        </span>
        <span className="font-medium">{toWhom(message, names)}</span>
        <span className="text-soft">{message.messageType}</span>
        {message.priority !== "normal" && <Chip>{message.priority}</Chip>}
        {message.request !== null && <Chip>question: {message.request.state.replace("_", " ")}</Chip>}
        <span className="ml-auto text-xs text-soft">
          <Age at={message.createdAt} suffix=" ago" />
        </span>
      </button>
      {isOpen && <Opened message={message} names={names} />}
    </li>
  );
}

function Opened({ message, names }: { message: Message; names: Map<string, string> }) {
  const { data, error } = useQuery(deliveriesQuery(useWorld(), message.id));
  return (
    <div className="space-y-3 border-t border-line bg-paper px-4 py-3">
      <JsonView value={message.withheld ?? message.payload} />
      {error && <ProblemNote error={error} />}
      <ul className="space-y-1 text-sm" aria-label="What became of it">
        {data?.items.map(({ id, recipientId, state, retryCount, reason }) => (
          <li key={id}>
            <span className="font-medium">{names.get(recipientId) ?? recipientId}</span>{" "}
            <span className={state === "dead" ? "text-bad" : state === "acknowledged" ? "text-accent" : "text-soft"}>{state}</span>
            <span className="text-soft">
              {retryCount === 0 ? "" : ` after ${retryCount} more tries`}
              {reason === null ? "" : `: ${reason}`}
            </span>
          </li>
        ))}
        {data?.items.length === 0 && <li className="text-soft">It went to nobody.</li>}
      </ul>
    </div>
  );
}
