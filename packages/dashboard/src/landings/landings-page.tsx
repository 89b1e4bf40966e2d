// Changes on their way to their branches: the queue, what each gate said, and why something did not land.
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { Empty } from "../ui/empty.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel } from "../ui/section.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { GatesPage } from "./gates-page.tsx";
import { LandChange } from "./land-change.tsx";
import { LandingRow } from "./landing-row.tsx";
import { LANDING_PAGE, landingsQuery } from "./landing-queries.ts";

const route = getRouteApi("/landings");

export function LandingsPage() {
  const { show = "all" } = route.useSearch();
  const [isAsking, setAsking] = useState(false);
  const mayLand = useMay("createLanding");
  useEffect(() => {
    document.title = "Landings · Baton";
  }, []);
  const tabs = [
    { name: "All", search: {}, isCurrent: show === "all" },
    { name: "On their way", search: { show: "open" }, isCurrent: show === "open" },
    { name: "Landed", search: { show: "landed" }, isCurrent: show === "landed" },
    { name: "Refused", search: { show: "refused" }, isCurrent: show === "refused" },
    { name: "Gates", search: { show: "gates" }, isCurrent: show === "gates" },
  ];
  return (
    <>
      <PageHead title="Landings">
        {mayLand && (
          <Button kind="main" icon="plus" onClick={() => setAsking(true)}>
            Land a change
          </Button>
        )}
      </PageHead>
      <Tabs label="Which landings" tabs={tabs.map((tab) => ({ ...tab, to: "/landings" }))} />
      {show === "gates" ? <GatesPage /> : <LandingList state={show === "all" ? undefined : show} key={show} />}
      {isAsking && <LandChange onLeave={() => setAsking(false)} />}
    </>
  );
}

function LandingList({ state }: { state: string | undefined }) {
  const [page, setPage] = useState(0);
  const { data, error, refetch } = useQuery(landingsQuery(useWorld(), state, page));
  return (
    <>
      {error && data === undefined && <ProblemNote error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading what="landings" className="h-64" />}
      {data?.items.length === 0 && (
        <Empty icon="land" title={state === undefined ? "Nothing has landed yet" : "None of these"}>
          A change is merged onto its target as it is then, the merged tree is judged by the gates, and only then does the branch move. What does not pass stays
          out, and says why.
        </Empty>
      )}
      {data !== undefined && data.items.length > 0 && (
        <Panel className="overflow-hidden">
          <ul className="divide-y divide-line" aria-label="Landings">
            {data.items.map((landing) => (
              <LandingRow key={landing.id} landing={landing} />
            ))}
          </ul>
        </Panel>
      )}
      {data !== undefined && data.total > LANDING_PAGE && (
        <div className="mt-4 flex items-center justify-center gap-3 text-sm text-soft">
          <Button disabled={page === 0} onClick={() => setPage(page - 1)}>
            Newer
          </Button>
          {page * LANDING_PAGE + 1}–{Math.min(data.total, (page + 1) * LANDING_PAGE)} of {data.total}
          <Button disabled={(page + 1) * LANDING_PAGE >= data.total} onClick={() => setPage(page + 1)}>
            Older
          </Button>
        </div>
      )}
    </>
  );
}
