// Nonsense for every route of the contract's table, over real HTTP: never a bug, never a hang, always a problem document that
// names what is wrong, and nothing written by what was refused.
import { type Problem, type Route, routes } from "@baton/contract";
import type { Config } from "@baton/server";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exchange } from "./exchange.ts";
import { expectAnswer } from "./expect-answer.ts";
import { type Path, placesOf, replaceAt } from "./hostile.ts";
import { goodBody, routeNames, spoiltRequest } from "./requests.ts";
import { type InhabitedServer, openInhabitedServer } from "./server.fixture.ts";
import { expectWholeStore, factsOf } from "./store-facts.ts";

const withBody = routeNames.filter((name) => "body" in routes[name]);
const toIssuePath = (place: Path): string => `body${place.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("")}`;

export function testBadInput(store: string, settings: () => Promise<Partial<Config>>, runs: number): void {
  describe(`bad input on ${store}`, () => {
    let server: InhabitedServer;
    beforeAll(async () => {
      server = await openInhabitedServer(await settings());
    });
    afterAll(() => server.close());

    test.each(routeNames)("%s refuses what it does not understand, says what, and writes nothing then", async (name) => {
      const route: Route = routes[name];
      await fc.assert(
        fc.asyncProperty(spoiltRequest(route, server.known), async (sent) => {
          const before = await factsOf(server.baton);
          const answer = await exchange(server.url, sent);
          const isRefused = expectAnswer(sent.method === route.method ? route : undefined, sent, answer);
          if (isRefused) expect(await factsOf(server.baton)).toEqual(before);
        }),
        { numRuns: runs },
      );
    });

    test.each(withBody)("%s names the place of what has the wrong type", async (name) => {
      const route: Route = routes[name];
      const path = route.path.replace("{id}", route.path.includes("/templates/") ? "own" : "worker");
      await fc.assert(
        fc.asyncProperty(goodBody(route, true), fc.nat(), async (good, at) => {
          const places = placesOf(good);
          const place = places[at % places.length] ?? [];
          const body = replaceAt(good, place, '{"nobody knows":[]}');
          // Where anything may lie, nothing is wrong.
          fc.pre(route.body?.safeParse(JSON.parse(body)).success === false);
          const answer = await exchange(server.url, { method: route.method, path, headers: { "content-type": "application/json" }, body });
          expect(answer.status, `${answer.text} for ${body}`).toBe(400);
          const named = (JSON.parse(answer.text) as Problem).issues?.map((issue) => issue.path) ?? [];
          expect(
            named.some((one) => one.startsWith(toIssuePath(place))),
            `${answer.text} names not ${toIssuePath(place)} of ${body}`,
          ).toBe(true);
        }),
        { numRuns: runs },
      );
    });

    test("after all of it the store is whole, the API tells what is in it, and nothing was logged as a bug", async () => {
      await expectWholeStore(server.baton);
      expect(server.errors()).toBe("");
    });
  });
}
