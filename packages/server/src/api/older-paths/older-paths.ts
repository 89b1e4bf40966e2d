// Mounts the paths that older clients know, each as a way of asking routes of the table.
import { Refusal, type RouteAnswer, routeRights } from "@baton/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { assertMay } from "../../access/access.ts";
import type { HandledRoute } from "../api-world.ts";
import { type Carrier, configOf, toFastifyPath } from "../mount.ts";
import { asksForPage, type SendPage } from "../page.ts";
import { fleetPaths } from "./fleet-paths.ts";
import { registryPaths } from "./registry-paths.ts";
import type { Ask, Given, OlderPath } from "./older-path.ts";

export const olderPaths: readonly OlderPath[] = [...fleetPaths, ...registryPaths];

export function mountOlderPaths(app: FastifyInstance, carryOut: Carrier, sendPage: SendPage): void {
  for (const { method, path, as, isPage, status, answer } of olderPaths)
    app.route({
      method,
      url: toFastifyPath(path),
      config: { ...configOf(as), ...(isPage ? { isPage } : {}) },
      handler: async (request, reply) => {
        if (isPage) {
          // For whoever keeps answers.
          reply.header("vary", "accept");
          if (asksForPage(request)) return sendPage(request, reply);
        }
        return reply.status(status ?? 200).send(await answer(toAsk(carryOut, request), toGiven(request)));
      },
    });
}

/** A path may ask more than the route it takes the right of. */
function toAsk(carryOut: Carrier, request: FastifyRequest): Ask {
  return async <N extends HandledRoute>(name: N, said: object) => {
    const identity = request.caller?.identity;
    if (identity && name in routeRights) assertMay(identity, routeRights[name as keyof typeof routeRights]);
    const { answer } = await carryOut(name, request, { params: undefined, query: {}, body: undefined, ...said });
    return answer as RouteAnswer<N>;
  };
}

function toGiven({ params, query, body }: FastifyRequest): Given {
  if (body !== undefined && (typeof body !== "object" || body === null || Array.isArray(body)))
    throw new Refusal("bad_input", "body must be an object.", { issues: [{ path: "body", message: "must be an object" }] });
  return { params: params as Given["params"], query: query as Given["query"], body: { ...body } };
}
