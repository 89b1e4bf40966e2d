// What an agent is, derived from what is known of it, with the reason. Pure: nothing here is stored.
import type { AgentStatus, Fact } from "@baton/contract";
import { usablePlaces } from "../routing/score.ts";
import { iso, isoOrNull } from "../std/clock.ts";
import type { AgentRow, LoadRow } from "./agent-rows.ts";
import { isParked } from "./parking.ts";

export interface Known {
  row: AgentRow;
  kind: string;
  load: Pick<LoadRow, "active" | "parked_until" | "parked_for" | "parked_reason">;
  /** For agents that come to us: the server they are connected to lives. */
  attached: boolean;
  now: number;
}
type State = Pick<AgentStatus, "state" | "reason" | "lifecycle"> & { since: number | null };

export function deriveStatus(known: Known): AgentStatus {
  const { row } = known;
  const { active } = known.load;
  const { state, reason, since, lifecycle } = deriveState(known);
  return {
    state,
    reason,
    since: isoOrNull(since),
    lifecycle,
    health: row.health as AgentStatus["health"],
    enabled: row.enabled === 1,
    load: { active, max: row.max_concurrent_tasks, factor: Math.round((active / row.max_concurrent_tasks) * 1000) / 1000 },
    facts: facts(known),
  };
}
/** Why an agent may get no work, as the end of a sentence that begins with its name; null when it may. Capacity is not looked at. */
export function whyUnavailable(known: Known): string | null {
  const { state, reason } = deriveState({ ...known, load: { ...known.load, active: 0 } });
  return state === "idle" ? null : `is ${state} (${reason.replace(/\.$/, "")})`;
}

function deriveState({ row, kind, load, attached, now }: Known): State {
  const { active } = load;
  const dialsIn = kind === "dialin";
  const lifecycle = dialsIn && !attached ? (row.connected_at === null ? "pending" : "stopped") : "running";
  if (row.enabled !== 1) return { state: "disabled", reason: "It was switched off.", since: row.updated_at, lifecycle };
  if (row.admission === "paused") return { state: "paused", reason: "Somebody paused it; resume to give it work.", since: row.updated_at, lifecycle: "paused" };
  if (row.admission === "stopped")
    return { state: "paused", reason: "Somebody stopped it; start it to give it work.", since: row.updated_at, lifecycle: "stopped" };
  if (row.admission === "draining") {
    const rest = active === 0 ? "It has finished what it had." : `It finishes the ${active} it has.`;
    return { state: "draining", reason: `It takes nothing new. ${rest}`, since: row.updated_at, lifecycle: "draining" };
  }
  if (dialsIn && !attached) {
    const reason = row.connected_at === null ? "It has never connected." : "Its connection is closed; it connects again by itself when it runs.";
    return { state: "offline", reason, since: row.connected_at, lifecycle };
  }
  if (row.health === "critical") return { state: "error", reason: row.health_detail, since: row.observed_at, lifecycle: "error" };
  if (isParked(load, now)) {
    const why = load.parked_reason ?? "it was parked";
    // A budget says itself when it begins anew, if it ever does.
    const reason = load.parked_for === "budget" ? why : `It gets work again at ${iso(load.parked_until as number)}: ${why}.`;
    return { state: "parked", reason, since: null, lifecycle };
  }
  const places = usablePlaces(row.max_concurrent_tasks);
  if (active >= places) return { state: "busy", reason: `It works on ${active} of ${places} it may have at once.`, since: null, lifecycle };
  return { state: "idle", reason: active === 0 ? "Ready for work." : `Works on ${active}, has room for ${places - active} more.`, since: null, lifecycle };
}
function facts({ row, kind, attached }: Known): Fact[] {
  const found: { source: string; what: string; at: number }[] = [{ source: "registration", what: `registered as ${kind} agent`, at: row.created_at }];
  if (row.observed_at !== null) found.push({ source: "health check", what: `${row.health}: ${row.health_detail}`, at: row.observed_at });
  if (row.last_heartbeat_at !== null) found.push({ source: "heartbeat", what: "said it is alive", at: row.last_heartbeat_at });
  if (row.connected_at !== null) found.push({ source: "connection", what: attached ? "connected" : "was connected", at: row.connected_at });
  return found.sort((a, b) => b.at - a.at).map((one) => ({ ...one, at: iso(one.at) }));
}
