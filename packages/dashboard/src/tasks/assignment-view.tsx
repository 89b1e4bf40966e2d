// Who was chosen for a step, how sure that was, why, who else could, and what might go wrong.
import type { Assignment } from "@baton/contract";
import { Link } from "@tanstack/react-router";
import { toDuration } from "../std/duration.ts";
import { Bar } from "../ui/bar.tsx";

const severity = { low: "text-soft", medium: "text-wait", high: "text-bad" } as const;

export function AssignmentView({ assignment }: { assignment: Assignment }) {
  const best = Math.max(assignment.score, ...assignment.alternatives.map(({ score }) => score), 1);
  const { agentId, agentName, score, confidence, estimatedDurationMs, reasons, risks, alternatives } = assignment;
  return (
    <div className="space-y-3 text-sm">
      <p>
        <Link
          to="/agents/$agentId"
          params={{ agentId }}
          className="font-medium text-accent underline decoration-edge underline-offset-2 hover:decoration-accent"
        >
          {agentName}
        </Link>
        <span className="text-soft">
          {" "}
          · {Math.round(confidence * 100)} % sure{estimatedDurationMs === null ? "" : ` · expected ${toDuration(estimatedDurationMs)}`}
        </span>
      </p>
      <ul className="list-disc space-y-1 pl-4 marker:text-faint">
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      {risks.length > 0 && (
        <ul aria-label="Risks" className="space-y-1">
          {risks.map((risk) => (
            <li key={risk.kind + risk.detail}>
              <span className={`font-medium ${severity[risk.severity]}`}>{risk.severity} risk</span> <span className="text-soft">{risk.detail}</span>
            </li>
          ))}
        </ul>
      )}
      <ul aria-label="Scores" className="space-y-1.5">
        {[{ agentId, agentName, score }, ...alternatives].map((one, index) => (
          <li key={one.agentId} className="grid grid-cols-[minmax(0,1fr)_6rem_2.5rem] items-center gap-3">
            <span className={`truncate ${index === 0 ? "" : "text-soft"}`}>{one.agentName}</span>
            <Bar fraction={one.score / best} tone={index === 0 ? "active" : "quiet"} label={`Score ${one.score.toFixed(2)}`} />
            <span className={`text-right text-xs ${index === 0 ? "font-medium" : "text-soft"}`}>{one.score.toFixed(2)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
