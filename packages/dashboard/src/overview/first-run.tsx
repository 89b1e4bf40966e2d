// What one sees where nothing is: the shortest way to a finished task, and the other ways in.
import { Link } from "@tanstack/react-router";
import { Suspense, lazy } from "react";
import { useIdentity, useMay } from "../api/rights.ts";
import { Loading } from "../ui/section.tsx";
import { ConnectAgent } from "./connect-agent.tsx";

const DetectedAgents = lazy(() => import("../register/detected-agents.tsx").then((found) => ({ default: found.DetectedAgents })));

export function FirstRun() {
  const identity = useIdentity();
  const mayRegister = useMay("createAgent", "detectAgents", "submitTask");
  if (identity === undefined) return null;
  return (
    <section aria-labelledby="first-run" className="mx-auto max-w-3xl py-4">
      <h2 id="first-run" className="text-2xl">
        Nothing is here yet. A minute changes that.
      </h2>
      <p className="mt-2 mb-6 max-w-prose text-soft">
        Baton hands work to agents: coding agents, models, programs, anything that answers. Register one, say what should be done, and watch who does it and
        why.
      </p>
      {mayRegister ? (
        <Suspense fallback={<Loading what="what is installed here" className="h-48" />}>
          <DetectedAgents />
        </Suspense>
      ) : (
        <p>Somebody with the role agent-manager has to register the first agent.</p>
      )}
      <h3 className="mt-8 mb-3">Other ways</h3>
      <p className="mb-4 text-sm text-soft">
        <Link to="/agents/new" search={{ way: "http" }} className="text-accent underline underline-offset-2">
          Register an HTTP agent step by step
        </Link>
        , or from a terminal:
      </p>
      <ConnectAgent />
    </section>
  );
}
