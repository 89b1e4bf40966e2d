// What waits for a person: every open question, answered where it is read. Takes no room while there is none.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { approvalsQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Section } from "../ui/section.tsx";
import { QuestionCard } from "./question-card.tsx";

/** `most`: the others are in the inbox. */
export function Inbox({ taskId, most = 50 }: { taskId?: string; most?: number }) {
  const { data, error, refetch } = useQuery(approvalsQuery(useWorld(), taskId));
  if (error) return <ProblemNote error={error} isBesideData={data !== undefined} retry={() => void refetch()} />;
  if (data === undefined || data.items.length === 0) return null;
  return (
    <Section title={data.total === 1 ? "One question waits for you" : `${data.total} questions wait for you`}>
      <ul className="space-y-3">
        {data.items.slice(0, most).map((approval) => (
          <li key={approval.id}>
            <QuestionCard approval={approval} isInTask={taskId !== undefined} />
          </li>
        ))}
      </ul>
      {data.total > most && (
        <Link to="/inbox" className="mt-3 inline-block rounded text-sm text-accent underline underline-offset-2">
          {data.total - most === 1 ? "One more in the inbox" : `${data.total - most} more in the inbox`}
        </Link>
      )}
    </Section>
  );
}
