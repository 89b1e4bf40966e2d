// Why the agent that holds the conversation a piece of work goes on with does not get it, in words.
import type { Demand } from "./demand.ts";
import { skillsOf } from "./skills.ts";

interface Holder {
  id: string;
  name: string;
  unavailable: string | null;
  capabilities: Parameters<typeof skillsOf>[0]["capabilities"];
}
export function whyPassedOver(holder: Holder | undefined, demand: Demand): string {
  if (!holder) return `The agent that held the conversation of this session (${demand.holder}) is not registered any more`;
  const who = `${holder.name}, which holds the conversation of this session,`;
  if (demand.agent !== undefined) return `${who} is not the agent that is asked for`;
  if (demand.excluded?.includes(holder.id)) return `${who} has just failed at it`;
  if (holder.unavailable !== null) return `${who} ${holder.unavailable}`;
  const has = new Set([...skillsOf(holder)].map(({ key }) => key));
  const missing = demand.requirements.filter((key) => !has.has(key));
  return missing.length === 0 ? `${who} is busy` : `${who} does not have ${missing.join(", ")}`;
}
