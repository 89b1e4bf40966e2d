// What waits for a person: every open question, answered where it is read. Takes no room while there is none.
import { useQuery } from "@tanstack/react-query";
import { approvalsQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Section } from "../ui/section.tsx";
import { QuestionCard } from "./question-card.tsx";

export function Inbox({ taskId }: { taskId?: string }) {
  const { data, error, refetch } = useQuery(approvalsQuery(useWorld(), taskId));
  if (error) return <ProblemNote error={error} isBesideData={data !== undefined} retry={() => void refetch()} />;
  if (data === undefined || data.items.length === 0) return null;
  return (
    <Section title={data.total === 1 ? "One question waits for you" : `${data.total} questions wait for you`}>
      <ul className="space-y-3">
        {data.items.map((approval) => (
          <li key={approval.id}>
            <QuestionCard approval={approval} isInTask={taskId !== undefined} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
