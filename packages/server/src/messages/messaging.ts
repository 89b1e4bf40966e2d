// What lives as long as the server so that messages go: the post, who waits for what, and the look at what is due.
import type { KnownAgent } from "../agents/agents.ts";
import { openFlood, type SharedBuckets } from "../std/flood.ts";
import { placeOfAgent, toPlace } from "./addressed.ts";
import { openStages } from "./stages.ts";
import type { Ground, MessageSettings, Messaging } from "./messages-world.ts";
import { readOwnStages } from "./own-stages.ts";
import { openPolicies } from "./policies.ts";
import { openPost } from "./post.ts";
import type { Party } from "./rules/decide.ts";
import { openVerifier } from "./signing/verify.ts";
import { removeOld, sweep } from "./sweep.ts";
import { openWakes } from "./wakes.ts";

const RETENTION_GAP_MS = 60_000;

function toParty(known: KnownAgent | undefined, id: string, role: string | undefined): Party {
  if (known === undefined) return { names: [id], role, agent: undefined };
  const { row, aliases, capabilities } = known;
  return { names: [row.id, row.name, ...aliases], role: "agent", agent: { type: row.agent_type, capabilities: capabilities.map(({ name }) => name) } };
}

/** @throws Refusal `bad_input` for a module of stages that has none. */
export async function openMessaging(world: Ground & { settings: MessageSettings; sharedBuckets?: SharedBuckets | undefined }): Promise<Messaging> {
  const { pollMs, messageRetentionMs: retentionMs, messageFlood } = world.settings;
  const stages = openStages(await readOwnStages(world.settings.messageStagesFile));
  const wakes = await openWakes(world.db);
  const { registry } = world;
  const post = openPost({
    ...world,
    wakes,
    retentionMs,
    policies: openPolicies(),
    allMustSign: world.settings.requireSignatures,
    routingIsOpen: world.settings.messageRouting === "open",
    agentOf: (name) => registry.find(name)?.row.id,
    partyOf: (id, role) => toParty(registry.find(id), id, role),
    agents: () => registry.all().map(toPlace),
    placeOf: (name) => placeOfAgent(registry, name),
  });
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let removedAt = 0;
  let looking: Promise<void> = Promise.resolve();
  async function look(): Promise<void> {
    let wait = pollMs;
    try {
      if (await sweep({ ...world, wakes, retentionMs })) wait = 0;
      if (world.clock.now() - removedAt >= RETENTION_GAP_MS) {
        removedAt = world.clock.now();
        await removeOld({ ...world, wakes, retentionMs });
      }
    } catch (error) {
      world.log.warn({ error: String(error) }, "messages could not be looked at; the next look follows");
    }
    if (!stopped) timer = setTimeout(begin, wait);
  }
  function begin(): void {
    looking = look();
  }
  begin();
  return {
    post,
    flood: openFlood(world, { ...messageFlood, what: "messages" }, world.sharedBuckets),
    verifier: openVerifier(),
    stages,
    wakes,
    retentionMs,
    pollMs,
    close: async () => {
      stopped = true;
      clearTimeout(timer);
      await looking;
      await post.close();
      await wakes.close();
    },
  };
}
