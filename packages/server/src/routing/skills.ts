// What of an agent can be asked for.
import { toCapabilityKey } from "./capability.ts";

/** A capability and each of its technologies can be asked for. */
export function* skillsOf(agent: {
  capabilities: readonly { name: string; proficiency: number; technologies: readonly string[] }[];
}): Generator<{ key: string; proficiency: number }> {
  for (const { name, proficiency, technologies } of agent.capabilities) {
    yield { key: toCapabilityKey(name), proficiency };
    for (const technology of technologies) yield { key: toCapabilityKey(technology), proficiency };
  }
}
