// What agents and people send each other: as it flows, who has something open, who hears which topics, and what nobody took.
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { DeadLetters } from "./dead-letters.tsx";
import { Flow } from "./flow.tsx";
import { Mailboxes } from "./mailboxes.tsx";
import { messageStatsQuery } from "./message-queries.ts";
import { SendMessage } from "./send-message.tsx";
import { Topics } from "./topics.tsx";

const route = getRouteApi("/messages");

export function MessagesPage() {
  const { show = "flow" } = route.useSearch();
  const { data: stats } = useQuery(messageStatsQuery(useWorld()));
  const maySend = useMay("sendMessage");
  const [isWriting, setWriting] = useState(false);
  useEffect(() => {
    document.title = "Messages · Baton";
  }, []);
  return (
    <>
      <PageHead title="Messages">
        {maySend && (
          <Button kind="main" icon="plus" onClick={() => setWriting(true)}>
            Send a message
          </Button>
        )}
      </PageHead>
      {stats !== undefined && (
        <p className="-mt-3 mb-5 text-sm text-soft">
          {stats.queued.toLocaleString()} wait to be taken, {stats.handed.toLocaleString()} are taken and not acknowledged yet, at{" "}
          {stats.recipients === 1 ? "1 recipient" : `${stats.recipients.toLocaleString()} recipients`}.
        </p>
      )}
      <Tabs
        label="What of them"
        tabs={[
          { name: "Flow", to: "/messages", search: {}, isCurrent: show === "flow" },
          { name: "Mailboxes", to: "/messages", search: { show: "mailboxes" }, isCurrent: show === "mailboxes" },
          { name: "Topics", to: "/messages", search: { show: "topics" }, isCurrent: show === "topics" },
          { name: "Dead letters", to: "/messages", search: { show: "dead" }, isCurrent: show === "dead", count: stats?.deadLetters },
        ]}
      />
      {show === "flow" && <Flow />}
      {show === "mailboxes" && <Mailboxes />}
      {show === "topics" && <Topics />}
      {show === "dead" && <DeadLetters />}
      {isWriting && <SendMessage onLeave={() => setWriting(false)} />}
    </>
  );
}
