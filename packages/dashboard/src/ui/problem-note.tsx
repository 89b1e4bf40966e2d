// What went wrong and what to do about it, from whatever a call threw.
import { REFUSALS, Refusal, type RefusalCode } from "@baton/contract";
import { Unreachable } from "@baton/client";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

const advice: Partial<Record<RefusalCode, string>> = {
  bad_input: "Correct what is named above and send it again.",
  forbidden: "Ask whoever runs this server for the right to do this.",
  not_found: "It may have been removed. Go back to the overview.",
  conflict: "It changed in the meantime; what you see now is the newest state.",
  too_many_requests: "Wait a moment, then try again.",
  internal: "This is a fault of Baton, not yours. The server's log says more.",
  unavailable: "The server is starting or stopping. Try again in a moment.",
};

/** `isBesideData`: what was known before is still shown; that the server is away is then told by the header alone. `isLogin`: told where one logs in. */
export function ProblemNote({
  error,
  retry,
  isBesideData = false,
  isLogin = false,
}: {
  error: unknown;
  retry?: () => void;
  isBesideData?: boolean;
  isLogin?: boolean;
}) {
  const refusal = error instanceof Refusal ? error : undefined;
  // The form to log in is already there.
  if (refusal?.code === "unauthorized" && !isLogin) return <p className="py-8 text-center text-sm text-soft">Shown once you have logged in.</p>;
  const isAway = error instanceof Unreachable;
  if (isAway && isBesideData) return null;
  const title = refusal ? REFUSALS[refusal.code][1] : isAway ? "Baton does not answer" : "This page met an error";
  const detail = isAway ? "The server may be stopped or restarting." : error instanceof Error ? error.message : String(error);
  const next = refusal ? advice[refusal.code] : isAway ? "Start it with `baton up`; this page goes on by itself once it answers." : undefined;
  return (
    <div role="alert" className="flex gap-3 rounded-md bg-bad-wash px-3.5 py-3 text-sm">
      <span className="mt-0.5 text-bad">
        <Icon name="warn" />
      </span>
      <div className="min-w-0 flex-1 space-y-1">
        <p className="font-medium text-bad">{title}</p>
        {refusal?.issues === undefined ? <p>{detail}</p> : <Issues issues={refusal.issues} />}
        {next === undefined ? null : <p className="text-soft">{next}</p>}
      </div>
      {retry === undefined ? null : <Button onClick={retry}>Try again</Button>}
    </div>
  );
}

function Issues({ issues }: { issues: NonNullable<Refusal["issues"]> }) {
  return (
    <ul className="space-y-0.5">
      {issues.map((issue) => (
        <li key={issue.path + issue.message}>
          <code className="font-mono text-xs">{issue.path.replace(/^body\./, "")}</code> {issue.message}
          {issue.allowed === undefined ? "" : `: ${issue.allowed.join(", ")}`}
        </li>
      ))}
    </ul>
  );
}
