// The OpenAPI 3.1 document, made from the contract's table. Nouns become named components; nothing is written twice.
import { REFUSALS, type Route, problem, routes } from "@baton/contract";
import type { z } from "zod";
import { type Components, type Json, openComponents } from "./openapi-components.ts";

export function toOpenApi(version: string): Json {
  const components = openComponents();
  for (const schema of [problem, ...Object.values(routes as Record<string, Route>).flatMap((route) => route.answer ?? [])])
    components.toSchema(schema, "output");
  const paths: Record<string, Json> = {};
  for (const [name, route] of Object.entries(routes) as [string, Route][]) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: toOperation(name, route, components) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Baton",
      version,
      summary: "One control plane for AI agents of every kind.",
      description:
        "Names are camelCase in answers; requests may also use snake_case. Every error is a problem document (RFC 9457) whose `code` says what to do about it.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{}, { apiKey: [] }],
    tags: [...new Set(Object.values(routes).map((route) => route.tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: components.schemas,
      responses: problemResponses(),
      securitySchemes: {
        apiKey: {
          type: "http",
          scheme: "bearer",
          description:
            "An API key or an access token, where the server demands one. Pages of the server itself are known by the cookie of their visitor's login.",
        },
      },
    },
  };
}

function toOperation(name: string, route: Route, components: Components): Json {
  return {
    operationId: name,
    summary: route.summary,
    tags: [route.tag],
    ...(route.open ? { security: [{}] } : {}),
    parameters: [...toParameters(route.params, "path", components), ...toParameters(route.query, "query", components), ...headerParameters(route)],
    ...(route.body ? { requestBody: { required: true, content: { "application/json": { schema: components.toSchema(route.body, "input") } } } } : {}),
    responses: { [route.status]: toAnswer(route, components), ...refusalsOf(route) },
  };
}

function toAnswer(route: Route, components: Components): Json {
  if (route.lines) return { description: route.summary, content: Object.fromEntries(route.lines.map((type) => [type, { schema: { type: "string" } }])) };
  if (route.answer === undefined) return { description: "Done" };
  const json = { "application/json": { schema: components.toSchema(route.answer, "output") } };
  const stream = route.stream ? { "text/event-stream": { schema: { type: "string", description: "One event per message; `id` is its `seq`." } } } : {};
  const headers = route.versioned ? { headers: { ETag: { description: "The version that was answered", schema: { type: "string" } } } } : {};
  return { description: route.summary, ...headers, content: { ...json, ...stream } };
}

function toParameters(schema: z.ZodType | undefined, where: "path" | "query", components: Components): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = components.toInline(schema) as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(properties).map(([name, { description, ...property }]) => ({
    name,
    in: where,
    required: where === "path" || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: property,
  }));
}

const header = (name: string, description: string, schema: Json): Json => ({ name, in: "header", required: false, description, schema });

function headerParameters(route: Route): Json[] {
  return [
    ...(route.creates ? [header("Idempotency-Key", "The same key with the same input creates once.", { type: "string", minLength: 1, maxLength: 200 })] : []),
    ...(route.versioned ? [header("If-Match", "The ETag of the version meant to be changed.", { type: "string" })] : []),
    ...(route.stream ? [header("Last-Event-ID", "Resume after this event.", { type: "string", pattern: "^\\d+$" })] : []),
  ];
}

/** What any route may say no with, by status; several codes share one. */
function refusalsOf(route: Route): Json {
  const codes = [
    "bad_input",
    ...(route.open ? [] : ["unauthorized", "forbidden"]),
    ...(route.params ? ["not_found"] : []),
    ...(route.method === "GET" ? [] : ["conflict"]),
  ];
  if (route.versioned) codes.push("version_mismatch");
  if (route.body) codes.push("too_large", "unsupported_media");
  codes.push("too_many_requests", "internal", "unavailable");
  return Object.fromEntries(codes.map((code) => [REFUSALS[code as keyof typeof REFUSALS][0], { $ref: `#/components/responses/${code}` }]));
}

function problemResponses(): Json {
  const entries = Object.entries(REFUSALS).map(([code, [status, title]]) => [
    code,
    {
      description: title,
      ...(status === 429 ? { headers: { "Retry-After": { description: "Seconds", schema: { type: "integer" } } } } : {}),
      content: {
        "application/problem+json": {
          schema: { $ref: "#/components/schemas/Problem" },
          example: { type: `urn:baton:problem:${code}`, title, status, detail: title, code, error: title, error_type: code, status_code: status },
        },
      },
    },
  ]);
  return Object.fromEntries(entries);
}
