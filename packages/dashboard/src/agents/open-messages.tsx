// What an agent has in its mailbox and has not taken care of. Takes no room while there is nothing.
import { useQuery } from "@tanstack/react-query";
import { openMessagesQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { Panel, Section } from "../ui/section.tsx";
import { Age } from "../ui/when.tsx";

export function OpenMessages({ agentId }: { agentId: string }) {
  const { data } = useQuery(openMessagesQuery(useWorld(), agentId));
  if (data === undefined || data.items.length === 0) return null;
  return (
    <Section
      title="In its mailbox"
      aside={
        <span className="text-sm text-soft">
          {data.items.length}
          {data.nextCursor === null ? "" : "+"} open
        </span>
      }
    >
      <Panel>
        <ul className="divide-y divide-line text-sm">
          {data.items.slice(0, 10).map((message) => (
            <li key={message.delivery.id} className="flex flex-wrap items-baseline gap-x-3 px-4 py-2.5">
              <span className="font-medium">{message.messageType}</span>
              <span className="text-soft">from {message.senderId}</span>
              <span className="ml-auto text-soft">
                {message.delivery.state}, <Age at={message.createdAt} suffix=" ago" />
              </span>
            </li>
          ))}
        </ul>
      </Panel>
    </Section>
  );
}
