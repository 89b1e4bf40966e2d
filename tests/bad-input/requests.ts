// Requests to one route of the contract's table: good ones made from its schemas, and every way to spoil them.
import { type Route, routes } from "@baton/contract";
import * as fc from "fast-check";
import type { z } from "zod";
import { arbitraryOf } from "./arbitrary-of.ts";
import type { Sent } from "./exchange.ts";
import { hostileText, oddText, placesOf, replaceAt, withUnknownField } from "./hostile.ts";

const ROOMS = ["agents", "tasks", "templates", "sessions", "messages", "mailboxes", "subscriptions"] as const;
export type Known = Record<(typeof ROOMS)[number], string[]>;
const JSON_TYPE = { "content-type": "application/json" };

/** Commands and addresses that do no harm: what is accepted here is really run. */
export function tame(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(tame);
  const fields = value as Record<string, unknown>;
  const harmless = "command" in fields ? { ...fields, command: "/bin/true" } : fields;
  return Object.fromEntries(Object.entries(harmless).map(([name, item]) => [name, name === "connector" ? tame(item) : item]));
}

export const goodBody = (route: Route, full = false): fc.Arbitrary<unknown> => (route.body ? arbitraryOf(route.body, full).map(tame) : fc.constant(undefined));
/** A path's last part that means something, or something odd. */
function pathOf(route: Route, known: Known): fc.Arbitrary<string> {
  if (!route.path.includes("{")) return fc.constant(route.path);
  const room = ROOMS.find((name) => route.path.startsWith(`/api/v1/${name}/`));
  const there = fc.constantFrom(...known[room ?? "tasks"].map(encodeURIComponent));
  return fc.oneof({ weight: 3, arbitrary: there }, { weight: 2, arbitrary: oddText }).map((id) => route.path.replace(/\{\w+\}/g, () => id));
}
function queryOf(route: Route): fc.Arbitrary<string> {
  const names = Object.keys((route.query as z.ZodObject | undefined)?.shape ?? {});
  const name = fc.oneof(fc.constantFrom("limit", "offset", "nobody-knows-this", ...names), oddText);
  const pair = fc.tuple(name, fc.oneof(oddText, fc.constantFrom("", "5", "active", "critical", "a&b=c", "=")));
  const odd = fc
    .array(
      pair.map(([key, value]) => `${key}=${value}`),
      { maxLength: 3 },
    )
    // Whoever may wait is told not to: what is odd may be good after all.
    .map((pairs) => (names.includes("waitMs") && !pairs.some((one) => one.startsWith("waitMs=")) ? [...pairs, "waitMs=5"] : pairs))
    .map((pairs) => (pairs.length === 0 ? "" : `?${pairs.join("&")}`));
  return names.length === 0 ? fc.oneof({ weight: 4, arbitrary: fc.constant("") }, { weight: 1, arbitrary: odd }) : odd;
}

/** A good body with hostile JSON in one place, with something nobody knows, cut short, or good after all. */
function spoiltBody(route: Route): fc.Arbitrary<string | undefined> {
  if (!route.body) return fc.oneof(fc.constant(undefined), hostileText, fc.constant('{"a":1}'));
  return fc
    .tuple(
      fc.oneof(goodBody(route), goodBody(route, true)),
      fc.nat(),
      hostileText,
      fc.constantFrom("replace", "replace", "replace", "whole", "unknown", "broken", "good", "none"),
    )
    .map(([body, at, text, way]) => {
      const places = placesOf(body);
      if (way === "none") return undefined;
      if (way === "good") return JSON.stringify(body);
      if (way === "whole") return text;
      if (way === "broken") return JSON.stringify(body).slice(0, -1);
      if (way === "unknown") return JSON.stringify(withUnknownField(body, "nobody_knows_this"));
      return replaceAt(body, places[at % places.length] ?? [], text);
    });
}
const headers = fc.oneof(
  { weight: 8, arbitrary: fc.constant(JSON_TYPE) },
  {
    weight: 3,
    arbitrary: fc.record(
      {
        "content-type": fc.constantFrom(
          "application/json",
          "text/plain",
          "application/xml",
          "multipart/form-data; boundary=x",
          "application/json; charset=latin1",
          "nonsense",
          "/",
        ),
        "idempotency-key": fc.constantFrom("a key", "", "k".repeat(201), "ü", "same"),
        "if-match": fc.constantFrom('"1"', "1", "*", 'W/"1"', '"abc"', '"1", "2"', "", '"1e999"'),
        "if-none-match": fc.constantFrom('"1"', "*", "x"),
        accept: fc.constantFrom("text/html", "nonsense", "*/*;q=0"),
        "accept-encoding": fc.constantFrom("gzip", "nonsense;q=2"),
        "last-event-id": fc.constantFrom("-1", "abc", "1e999", ""),
        "x-forwarded-for": fc.constantFrom("1.2.3.4", "nonsense"),
        "x-odd": fc.constantFrom("y".repeat(2000), "%00", "ä"),
      },
      { requiredKeys: [], noNullPrototype: true },
    ),
  },
);
const methodOf = (route: Route): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 9, arbitrary: fc.constant<string>(route.method) },
    { weight: 1, arbitrary: fc.constantFrom("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "LOCK") },
  );

export function spoiltRequest(route: Route, known: Known): fc.Arbitrary<Sent> {
  return fc.record({
    method: methodOf(route),
    path: fc.tuple(pathOf(route, known), queryOf(route)).map((parts) => parts.join("")),
    headers,
    body: spoiltBody(route),
  });
}

export const routeNames = Object.keys(routes) as (keyof typeof routes)[];
