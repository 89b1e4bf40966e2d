// The lines of the handlers' table that are about gates and landings.
import type { routes } from "@baton/contract";
import type { Identity } from "../access/access.ts";
import { createOnce } from "../agents/agents.ts";
import { getGates, getVerdict, listGates, listVerdicts, putGates, removeGates } from "../gates/gates.ts";
import {
  type Asker,
  cancelLanding,
  createLanding,
  enterRepository,
  getGatesInForce,
  getLanding,
  type LandingsWorld,
  listLandings,
  retryLanding,
} from "../landing/landing.ts";
import type { HandledRoute, Handlers } from "./api-world.ts";

type Ours = { [N in HandledRoute]: (typeof routes)[N]["tag"] extends "landings" ? N : never }[HandledRoute];
const askerOf = ({ caller: name, who }: { caller: string; who: Identity }): Asker => ({
  name,
  mayName: who.rights.includes("host"),
  ...(who.scope.projects === "all" || who.scope.projects[0] === undefined ? {} : { project: who.scope.projects[0] }),
});

export function landingHandlers(world: LandingsWorld): Pick<Handlers, Ours> {
  return {
    listGates: async ({ query }) => ({ answer: await listGates(world, query) }),
    getGatesInForce: async ({ query }) => ({ answer: await getGatesInForce(world, query) }),
    putGates: async ({ body, ...request }) => {
      const { repository } = await enterRepository(world, body.repository, askerOf(request));
      return { answer: await putGates(world, repository, body.gates, request.caller, request.saw) };
    },
    getGates: async ({ params }) => ({ answer: await getGates(world, params.id) }),
    removeGates: async ({ params, saw }) => {
      await removeGates(world, params.id, saw);
      return {};
    },
    listVerdicts: async ({ query, who }) => ({ answer: await listVerdicts(world, { ...query, scope: who.scope }) }),
    getVerdict: async ({ params }) => ({ answer: await getVerdict(world, params.id) }),
    listLandings: async ({ query, who }) => ({ answer: await listLandings(world, who.scope, query) }),
    createLanding: async ({ body, idempotencyKey, ...request }) => {
      const find = (id: string) => getLanding(world, id);
      const { made, created } = await createOnce(world, idempotencyKey, ["landing", body], find, () => createLanding(world, body, askerOf(request)));
      return { answer: made, status: created ? 201 : 200 };
    },
    getLanding: async ({ params }) => ({ answer: await getLanding(world, params.id) }),
    cancelLanding: async ({ params, caller }) => ({ answer: await cancelLanding(world, params.id, caller) }),
    retryLanding: async ({ params }) => ({ answer: await retryLanding(world, params.id) }),
  };
}
