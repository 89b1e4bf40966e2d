// What of an agent can be asked for.
import { toCapabilityKey } from "./capability.ts";

/** What work that asks for nothing asks for: somebody who takes any work. No capability's key has a space. */
export const ANYTHING = " ";

/** A capability and each of its technologies can be asked for. */
export function* skillsOf(agent: {
  capabilities: readonly { name: string; proficiency: number; technologies: readonly string[] }[];
  onRequest?: boolean | undefined;
}): Generator<{ key: string; proficiency: number }> {
  if (agent.onRequest !== true) yield { key: ANYTHING, proficiency: 0 };
  for (const { name, proficiency, technologies } of agent.capabilities) {
    yield { key: toCapabilityKey(name), proficiency };
    for (const technology of technologies) yield { key: toCapabilityKey(technology), proficiency };
  }
}
