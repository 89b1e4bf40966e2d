// One conversation: what was said and by whom, who is answering now, and what everybody is always told.
import type { Agent, Session, SessionTurn, TaskSummary } from "@baton/contract";
import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { Link, getRouteApi, useNavigate } from "@tanstack/react-router";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { agentsQuery } from "../api/queries.ts";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { MarkdownView } from "../output/output-view.tsx";
import { RawJson } from "../power/raw-json.tsx";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading } from "../ui/section.tsx";
import { StatusMark } from "../ui/status-mark.tsx";
import { toTone, toneText } from "../ui/tone.ts";
import { Age } from "../ui/when.tsx";
import { Composer, type Said, toTask } from "./composer.tsx";
import { Pins } from "./pins.tsx";
import { sessionQuery, sessionTasksQuery, turnsQuery } from "./session-queries.ts";

const route = getRouteApi("/sessions/$sessionId");

export function Chat() {
  const { sessionId } = route.useParams();
  const { data: session, error, refetch } = useQuery(sessionQuery(useWorld(), sessionId));
  useEffect(() => {
    document.title = `${session?.title ?? "Conversation"} · Baton`;
  }, [session]);
  if (session !== undefined) return <Talk session={session} key={session.id} />;
  return (
    <>
      <h1 className="sr-only">Session {sessionId}</h1>
      {error ? <ProblemNote error={error} retry={() => void refetch()} /> : <Loading what="the conversation" className="h-96" />}
    </>
  );
}

function Talk({ session }: { session: Session }) {
  const world = useWorld();
  const maySpeak = useMay("submitTask");
  const { data: under } = useQuery(sessionTasksQuery(world, session.id));
  const { data: agents } = useQuery(agentsQuery(world));
  const say = useMutation({
    mutationFn: (said: Said) => world.client().submitTask({ body: toTask(said, session.id) }),
    onSettled: () => Promise.all(["sessions", "tasks"].map((key) => world.queries.invalidateQueries({ queryKey: [key] }))),
  });
  const tasks = under?.items.toReversed() ?? [];
  return (
    <div>
      <Head session={session} />
      <Pins session={session} />
      <Turns session={session} agents={agents?.items ?? []} isAnswering={tasks.length > 0} />
      <ul className="space-y-2" aria-live="polite">
        {tasks.map((task) => (
          <Answering key={task.id} task={task} />
        ))}
      </ul>
      <div className="sticky bottom-[calc(3.5rem+env(safe-area-inset-bottom))] mt-4 bg-paper pt-2 pb-3 lg:bottom-0">
        {say.error && <ProblemNote error={say.error} />}
        {maySpeak && session.status === "active" && <Composer isBusy={say.isPending} onSay={(said) => say.mutate(said)} />}
        {session.status === "expired" && <p className="text-sm text-soft">{session.reason}</p>}
      </div>
      <RawJson value={session} from={`/api/v1/sessions/${session.id}`} />
    </div>
  );
}

function Head({ session }: { session: Session }) {
  const world = useWorld();
  const navigate = useNavigate();
  const mayRemove = useMay("removeSession");
  const [isAsking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => world.client().removeSession({ params: { id: session.id } }),
    onSuccess: async () => {
      await world.queries.invalidateQueries({ queryKey: ["sessions", "list"] });
      await navigate({ to: "/sessions" });
    },
  });
  return (
    <header className="mb-4 flex items-start justify-between gap-4">
      <div className="min-w-0">
        <Link to="/sessions" className="mb-1 inline-flex items-center gap-1 text-sm text-soft lg:hidden">
          <Icon name="back" />
          Sessions
        </Link>
        <h1 className="line-clamp-2 text-xl">{session.title ?? "Without a title"}</h1>
        <p className="text-sm text-soft">
          begun <Age at={session.createdAt} suffix=" ago" /> · the last {session.window.turns} turns are told, up to {session.window.tokens.toLocaleString()}{" "}
          tokens
          {session.summary === null ? "" : ` · summarised up to turn ${session.summary.upTo}`}
        </p>
      </div>
      {mayRemove && <Button kind="quiet" icon="trash" className="px-2.5" aria-label="Remove this conversation" onClick={() => setAsking(true)} />}
      {isAsking && (
        <Confirm title="Remove this conversation?" action="Remove it" onLeave={() => setAsking(false)} onConfirm={() => remove.mutate()}>
          Its turns and pins are gone then; the tasks it led to stay.
        </Confirm>
      )}
    </header>
  );
}

function Turns({ session, agents, isAnswering }: { session: Session; agents: Agent[]; isAnswering: boolean }) {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(turnsQuery(useWorld(), session.id));
  const end = useRef<HTMLDivElement>(null);
  const turns = data?.pages.toReversed().flatMap(({ items }) => items) ?? [];
  const last = turns.at(-1)?.n;
  // To what was said last, when it is new; not when older turns come above it.
  useLayoutEffect(() => {
    if (last !== undefined || isAnswering) end.current?.scrollIntoView({ block: "nearest" });
  }, [last, isAnswering]);
  if (error && data === undefined) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="what was said" className="h-48" />;
  const names = new Map(agents.map(({ id, name }) => [id, name]));
  return (
    <>
      {hasNextPage && (
        <div className="mb-4 text-center">
          <Button kind="quiet" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            What was said before
          </Button>
        </div>
      )}
      <ol className="mb-4 space-y-5" aria-label="Turns">
        {turns.map((turn) => (
          <Turn
            key={turn.id}
            turn={turn}
            name={turn.agentId === null ? undefined : (names.get(turn.agentId) ?? turn.agentId)}
            isPinned={session.pins.some((pin) => pin.turn === turn.n)}
          />
        ))}
      </ol>
      <div ref={end} className="scroll-mb-48" />
    </>
  );
}

function Turn({ turn, name, isPinned }: { turn: SessionTurn; name: string | undefined; isPinned: boolean }) {
  const { sessionId } = route.useParams();
  const world = useWorld();
  const mayPin = useMay("addPin");
  const pin = useMutation({
    mutationFn: () => world.client().addPin({ params: { id: sessionId }, body: { turn: turn.n } }),
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["sessions", "one", sessionId] }),
  });
  const isMine = turn.role === "user";
  const who = isMine ? "You" : turn.role === "system" ? "Baton" : (name ?? "An agent");
  return (
    <li className={`group max-w-[46rem] ${isMine ? "ml-auto w-fit" : ""}`}>
      <p className={`mb-1 flex items-baseline gap-2 text-xs text-soft ${isMine ? "justify-end" : ""}`}>
        <span className="font-medium text-ink">{who}</span>
        <Age at={turn.createdAt} suffix=" ago" />
        {turn.taskId !== null && !isMine && (
          <Link to="/tasks/$taskId" params={{ taskId: turn.taskId }} className="underline underline-offset-2 hover:text-ink">
            how it came to that
          </Link>
        )}
        {mayPin && !isPinned && (
          <button
            type="button"
            disabled={pin.isPending}
            onClick={() => pin.mutate()}
            className={`opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 hover:text-ink ${isMine ? "order-first" : ""}`}
            aria-label={`Pin turn ${turn.n}`}
          >
            pin
          </button>
        )}
        {isPinned && <span className="text-accent">pinned</span>}
      </p>
      {isMine ? (
        <p className="rounded-lg rounded-tr-sm bg-accent-wash px-3.5 py-2.5 whitespace-pre-wrap">{turn.content}</p>
      ) : (
        <div className="rounded-lg rounded-tl-sm border border-line bg-raised px-3.5 py-2.5">
          <MarkdownView text={turn.content} />
        </div>
      )}
    </li>
  );
}

function Answering({ task }: { task: TaskSummary }) {
  return (
    <li className="flex max-w-[46rem] items-center gap-2.5 rounded-lg border border-dashed border-edge px-3.5 py-2.5 text-sm">
      <StatusMark status={task.status} />
      <span className="min-w-0 flex-1">
        <span className={`font-medium ${toneText[toTone(task.status)]}`}>{task.status === "executing" ? "Somebody is answering" : task.status}</span>
        <span className="text-soft"> · {task.waitingFor?.detail ?? task.reason}</span>
      </span>
      <Link to="/tasks/$taskId" params={{ taskId: task.id }} className="text-accent underline underline-offset-2">
        look
      </Link>
    </li>
  );
}
