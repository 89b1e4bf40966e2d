// Conversations: all of them at the side, the one that is read beside it. On a phone one after the other.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, Outlet, useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { Button, LinkButton } from "../ui/button.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading } from "../ui/section.tsx";
import { Age } from "../ui/when.tsx";
import { sessionsQuery } from "./session-queries.ts";

export function SessionsPage() {
  const { sessionId } = useParams({ strict: false });
  const maySpeak = useMay("createSession", "submitTask");
  useEffect(() => {
    document.title = "Sessions · Baton";
  }, []);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-x-8 lg:grid-cols-[16rem_minmax(0,1fr)]">
      <div className={`lg:sticky lg:top-6 lg:max-h-[calc(100dvh-3rem)] lg:overflow-y-auto ${sessionId === undefined ? "mb-6" : "max-lg:hidden"}`}>
        <PageHead title="Sessions">
          {maySpeak && (
            <LinkButton to="/sessions" icon="plus" className={sessionId === undefined ? "max-lg:hidden" : ""}>
              New
            </LinkButton>
          )}
        </PageHead>
        <SessionList />
      </div>
      <div className="min-w-0">
        <Outlet />
      </div>
    </div>
  );
}

function SessionList() {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(sessionsQuery(useWorld()));
  if (error && data === undefined) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="conversations" />;
  const sessions = data.pages.flatMap(({ items }) => items);
  if (sessions.length === 0)
    return <p className="text-sm text-soft">No conversation yet. What you say here is handed to an agent, which is told what was said before.</p>;
  return (
    <nav aria-label="Conversations">
      <ul className="space-y-0.5">
        {sessions.map(({ id, title, turns, lastActivityAt, status }) => (
          <li key={id} data-row>
            <Link
              to="/sessions/$sessionId"
              params={{ sessionId: id }}
              className="block rounded-md px-3 py-2 hover:bg-sunken aria-[current=page]:bg-accent-wash"
            >
              <span className="block truncate text-sm font-medium">{title ?? "Without a title"}</span>
              <span className="block text-xs text-soft">
                {turns === 1 ? "1 turn" : `${turns} turns`} · <Age at={lastActivityAt} suffix=" ago" />
                {status === "expired" ? " · expired" : ""}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <Button kind="quiet" className="mt-2" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Older ones
        </Button>
      )}
    </nav>
  );
}
