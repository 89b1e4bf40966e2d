// What the audit log is told of a request once it is answered: every change, every login, every denial; names of fields, never values.
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Accounts } from "../access/access.ts";

/** They change nothing that lasts. */
const READING = new Set(["GET", "HEAD", "OPTIONS"]);
const UNAUDITED = new Set(["heartbeatAgent", "previewTask", "pushA2a"]);
const LOGINS = new Set(["createToken", "logInBrowser"]);
const DENIED = new Set([401, 403]);

export function auditRequests(app: FastifyInstance, record: Accounts["record"]): void {
  app.addHook("onResponse", async (request, reply) => {
    const { name } = request.routeOptions.config;
    if (name === undefined || UNAUDITED.has(name)) return;
    const { audited } = request;
    if (READING.has(request.method) && !DENIED.has(reply.statusCode) && audited === undefined) return;
    const { identity, name: caller = `address:${request.address}` } = request.caller ?? {};
    record({
      who: audited?.who ?? (LOGINS.has(name) ? attemptedName(request) : undefined) ?? caller,
      role: identity?.role ?? "none",
      address: request.address,
      action: name,
      method: request.method,
      path: clip(request.url.split("?")[0] ?? "", 500),
      status: audited?.status ?? reply.statusCode,
      fields: fieldsOf(request.body),
      changes: request.changes ?? null,
    });
  });
}
const clip = (text: string, length: number): string => storable(text).slice(0, length);
/** Postgres takes no NUL, and no half of a pair. */
const storable = (text: string): string => text.replaceAll("\u0000", "\ufffd").toWellFormed();
const fieldsOf = (body: unknown): string[] =>
  typeof body === "object" && body !== null
    ? Object.keys(body)
        .slice(0, 50)
        .map((name) => clip(name, 100))
    : [];
function attemptedName({ body }: FastifyRequest): string | undefined {
  const name = typeof body === "object" && body !== null && "name" in body ? body.name : undefined;
  return typeof name === "string" ? `login:${clip(name, 200)}` : undefined;
}
