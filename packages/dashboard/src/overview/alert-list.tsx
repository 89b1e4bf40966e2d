// What somebody should look at, in a line each. Takes no room while there is nothing.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { agentListQuery, budgetsQuery, newestTasksQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { newestLandingsQuery } from "../landings/landing-queries.ts";
import { messageStatsQuery } from "../messages/message-queries.ts";
import { useNow } from "../std/now.ts";
import { Icon } from "../ui/icon.tsx";
import { Panel, Section } from "../ui/section.tsx";
import { toneText } from "../ui/tone.ts";
import { conflictsQuery } from "../workspaces/workspace-queries.ts";
import { MOST_LISTED, toAlerts } from "./to-alerts.ts";

const MINUTE_MS = 60_000;
/** One is named, the others are counted. */
const NAMED = 1;

export function AlertList() {
  const world = useWorld();
  const minute = useNow((now) => Math.floor(now / MINUTE_MS));
  const known = {
    budgets: useQuery(budgetsQuery(world)).data,
    parked: useQuery(agentListQuery(world, { status: "parked" }, 0, NAMED)).data,
    unhealthy: useQuery(agentListQuery(world, { status: "unhealthy" }, 0, NAMED)).data,
    refused: useQuery(newestLandingsQuery(world, "refused", MOST_LISTED)).data,
    conflicts: useQuery(conflictsQuery(world, { state: "open" }, MOST_LISTED)).data,
    messages: useQuery(messageStatsQuery(world)).data,
    failed: useQuery(newestTasksQuery(world, "failed", MOST_LISTED)).data,
    waiting: useQuery(newestTasksQuery(world, "waiting", MOST_LISTED)).data,
  };
  const alerts = toAlerts(known, minute * MINUTE_MS);
  if (alerts.length === 0) return null;
  return (
    <Section title="To look at">
      <Panel className="overflow-hidden">
        <ul className="divide-y divide-line">
          {alerts.map(({ tone, title, detail, to }) => (
            <li key={title} className="relative flex gap-3 px-4 py-2.5 text-sm hover:bg-paper">
              <span className={`mt-0.5 ${toneText[tone]}`}>
                <Icon name="warn" />
              </span>
              <p className="min-w-0 flex-1 sm:truncate" title={detail}>
                <Link {...to} className={`font-medium after:absolute after:inset-0 ${toneText[tone]}`}>
                  {title}
                </Link>{" "}
                <span className="text-soft">{detail}</span>
              </p>
              <span className="mt-0.5 text-faint">
                <Icon name="arrow" />
              </span>
            </li>
          ))}
        </ul>
      </Panel>
    </Section>
  );
}
