// Ways to a new agent: found on the server's machine, any HTTP endpoint, an entry of the catalogue, a registration in full, or dialling in.
import { agentInput } from "@baton/contract";
import { getRouteApi } from "@tanstack/react-router";
import { Suspense, lazy, useEffect } from "react";
import { useMay } from "../api/rights.ts";
import { ConnectAgent } from "../overview/connect-agent.tsx";
import { BackLink } from "../tasks/task-head.tsx";
import { Empty } from "../ui/empty.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { Loading } from "../ui/section.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { CataloguePicker } from "./catalogue-picker.tsx";
import { DetectedAgents } from "./detected-agents.tsx";
import { Wizard } from "./wizard.tsx";

const RegistrationFile = lazy(() => import("./registration-file.tsx"));
const route = getRouteApi("/agents/new");
const ways = [
  { way: undefined, name: "On this machine" },
  { way: "http", name: "By HTTP" },
  { way: "catalogue", name: "From the catalogue" },
  { way: "file", name: "In full" },
  { way: "dialin", name: "Dials in" },
] as const;

export function NewAgentPage() {
  const { way } = route.useSearch();
  const mayRegister = useMay("createAgent", "testConnection", "detectAgents");
  useEffect(() => {
    document.title = "Register an agent · Baton";
  }, []);
  return (
    <>
      <BackLink to="/agents" />
      <div className="mt-3">
        <PageHead title="Register an agent" />
      </div>
      <Tabs
        label="How it is reached"
        tabs={ways.map((one) => ({ name: one.name, to: "/agents/new", search: one.way === undefined ? {} : { way: one.way }, isCurrent: way === one.way }))}
      />
      {!mayRegister && way !== "dialin" ? (
        <Empty title="You may not register agents here">Ask whoever runs this server for the role agent-manager.</Empty>
      ) : way === "http" ? (
        <Wizard />
      ) : way === "catalogue" ? (
        <CataloguePicker />
      ) : way === "file" ? (
        <Suspense fallback={<Loading what="the editor" className="h-96" />}>
          <RegistrationFile schema={agentInput} />
        </Suspense>
      ) : way === "dialin" ? (
        <div className="max-w-3xl">
          <ConnectAgent />
        </div>
      ) : (
        <DetectedAgents />
      )}
    </>
  );
}
