// Everything that waits for a person, across all agents: answered from the keyboard or with a thumb; and what was decided before.
import type { Approval } from "@baton/contract";
import { useQuery } from "@tanstack/react-query";
import { Link, getRouteApi } from "@tanstack/react-router";
import { useEffect } from "react";
import { approvalsQuery, decidedApprovalsQuery } from "../api/queries.ts";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { isTyping } from "../shell/shortcuts.ts";
import { Empty } from "../ui/empty.tsx";
import { Keys } from "../ui/keys.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel } from "../ui/section.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { Age } from "../ui/when.tsx";
import { QuestionCard } from "./question-card.tsx";

const route = getRouteApi("/inbox");

export function InboxPage() {
  const { show = "open" } = route.useSearch();
  const { data } = useQuery(approvalsQuery(useWorld()));
  useEffect(() => {
    document.title = data !== undefined && data.total > 0 ? `(${data.total}) Inbox · Baton` : "Inbox · Baton";
  }, [data]);
  useEffect(() => {
    document.addEventListener("keydown", answerByKey);
    return () => document.removeEventListener("keydown", answerByKey);
  }, []);
  return (
    <div className="mx-auto max-w-3xl">
      <PageHead title="Inbox">
        <span className="hidden items-center gap-2 text-sm text-soft lg:flex">
          <Keys keys={["j", "k"]} /> move <Keys keys={["a"]} /> approve <Keys keys={["r"]} /> reject
        </span>
      </PageHead>
      <Tabs
        label="Which questions"
        tabs={[
          { name: "Open", to: "/inbox", search: {}, isCurrent: show === "open", count: data?.total },
          { name: "Decided", to: "/inbox", search: { show: "decided" }, isCurrent: show === "decided" },
        ]}
      />
      {show === "open" ? <Open /> : <Decided />}
    </div>
  );
}

function Open() {
  const { data, error, refetch } = useQuery(approvalsQuery(useWorld()));
  const mayDecide = useMay("decideApproval");
  if (error && data === undefined) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="questions" />;
  if (data.items.length === 0)
    return (
      <Empty icon="check" title="Nothing waits for you">
        Agents ask here before they do what only a person may allow, and tasks wait here for approvals that they require. You are told on this page at once, and
        as a notice of your system when you allow that in the settings.
      </Empty>
    );
  return (
    <>
      {!mayDecide && <p className="mb-3 text-sm text-soft">You may read these questions; somebody with the right to decide answers them.</p>}
      <ul className="space-y-3">
        {data.items.map((approval) => (
          <li key={approval.id} data-row data-question>
            <QuestionCard approval={approval} isInTask={false} />
          </li>
        ))}
      </ul>
      {data.total > data.items.length && <p className="mt-4 text-center text-sm text-soft">and {data.total - data.items.length} more after these</p>}
    </>
  );
}

function Decided() {
  const { data, error, refetch } = useQuery(decidedApprovalsQuery(useWorld()));
  if (error && data === undefined) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="what was decided" />;
  const decided = data.items.filter(({ state }) => state !== "open");
  if (decided.length === 0) return <Empty title="Nothing was decided yet">What people decide, and what ran out, is listed here.</Empty>;
  return (
    <Panel className="overflow-hidden">
      <ul className="divide-y divide-line">
        {decided.map((approval) => (
          <DecidedRow key={approval.id} approval={approval} />
        ))}
      </ul>
    </Panel>
  );
}

const words: Record<Approval["state"], { word: string; look: string }> = {
  open: { word: "open", look: "text-wait" },
  approved: { word: "approved", look: "text-accent" },
  rejected: { word: "rejected", look: "text-bad" },
  expired: { word: "ran out", look: "text-bad" },
  withdrawn: { word: "withdrawn", look: "text-soft" },
};

function DecidedRow({ approval }: { approval: Approval }) {
  const { word, look } = words[approval.state];
  return (
    <li data-row className="px-4 py-3 text-sm hover:bg-paper">
      <p className="font-medium">
        {approval.taskId === null ? (
          approval.title
        ) : (
          <Link to="/tasks/$taskId" params={{ taskId: approval.taskId }} className="hover:underline">
            {approval.title}
          </Link>
        )}
      </p>
      <p className="text-soft">
        <span className={`font-medium ${look}`}>{word}</span>
        {approval.decidedBy === null ? "" : ` by ${approval.decidedBy}`}
        {approval.decidedAt === null ? null : (
          <>
            {" "}
            <Age at={approval.decidedAt} suffix=" ago" />
          </>
        )}
        {approval.comment === null ? "" : `: “${approval.comment}”`}
      </p>
    </li>
  );
}

/** `a` and `r` press the buttons of the question one is at, or of the first. */
function answerByKey(event: KeyboardEvent): void {
  if ((event.key !== "a" && event.key !== "r") || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
  const questions = [...document.querySelectorAll<HTMLElement>("[data-question]")];
  const at = questions.find((question) => question.contains(document.activeElement)) ?? questions[0];
  at?.querySelector<HTMLButtonElement>(event.key === "a" ? "button[data-approve]" : "button[data-reject]")?.click();
}
