import { type Route, routes } from "@baton/contract";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { HttpServer } from "./http.ts";
import { openTestHttp } from "./http.testkit.ts";

let http: HttpServer;
beforeAll(async () => {
  http = await openTestHttp();
});
afterAll(() => http.close());

const names = Object.keys(routes) as (keyof typeof routes)[];
/** JSON of every kind, with the fields that routes know among those that they do not. */
const body = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.dictionary(
    fc.constantFrom("id", "name", "description", "steps", "connector", "priority", "capabilities", "__proto__", "constructor", "timeout_ms", "\u0000"),
    fc.jsonValue({ maxDepth: 3 }),
  ),
);
const part = fc.oneof(
  fc.string({ minLength: 1, unit: "grapheme" }),
  fc.string({ minLength: 1, unit: "binary" }).filter((text) => text.isWellFormed()),
  fc.constantFrom(".", "..", "%00", "a/b", "stats"),
);

test.each(names)("%s never answers nonsense with anything but a problem or its own answer", async (name) => {
  const route: Route = routes[name];
  const request = fc.record({ id: part, query: fc.dictionary(part, part, { maxKeys: 3 }), body });
  await fc.assert(
    fc.asyncProperty(request, async (given) => {
      const path = route.path.replace("{id}", encodeURIComponent(given.id));
      const response = await fetch(`${http.address}${path}?${new URLSearchParams(given.query).toString()}`, {
        method: route.method,
        signal: AbortSignal.timeout(60_000),
        ...(route.method === "GET" ? {} : { body: JSON.stringify(given.body), headers: { "content-type": "application/json" } }),
      });
      expect(response.status).toBeLessThan(500);
      const type = response.headers.get("content-type") ?? "";
      if (response.status >= 400)
        expect([type, ((await response.json()) as { status: number }).status]).toEqual(["application/problem+json; charset=utf-8", response.status]);
    }),
    { numRuns: 40 },
  );
});
