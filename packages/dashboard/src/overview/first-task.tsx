// The empty list of tasks: what a task is, and one to copy.
import { Panel } from "../ui/section.tsx";
import { Snippet } from "../ui/snippet.tsx";

export function FirstTask() {
  const curl = `curl ${window.location.origin}/api/v1/tasks \\
  -H 'content-type: application/json' \\
  -d '{"description": "Summarise the README", "requirements": ["summarise"]}'`;
  return (
    <Panel className="p-5">
      <h3 className="mb-1">No task yet</h3>
      <p className="mb-4 max-w-prose text-sm text-soft">
        Say above what should be done and what it needs. Baton plans the steps, chooses an agent for each and says why, and shows it here as it happens. The
        same from a terminal:
      </p>
      <Snippet label="Hand in a task" code={curl} />
    </Panel>
  );
}
