// What nothing is mounted for: 405 with Allow when the path exists with other methods, the page for paths of the page, else 404.
import { Refusal, type Route, routes } from "@baton/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { sendProblem } from "./problems.ts";

type SendPage = (request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined;

/** `sendPage` answers when the path is one of the page's own, such as `/tasks/17` after a reload. */
export function answerNotFound(app: FastifyInstance, sendPage: SendPage, others: readonly Pick<Route, "method" | "path">[]): void {
  const table = [...Object.values(routes), ...others].map(toPattern);
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?", 1)[0] ?? "/";
    const methods = table.filter(({ pattern }) => pattern.test(path)).flatMap((known) => known.methods);
    if (methods.length > 0 && !methods.includes(request.method)) {
      reply.header("allow", methods.join(", "));
      return sendProblem(new Refusal("method_not_allowed", `${request.method} is not allowed on ${path}; allowed: ${methods.join(", ")}.`), request, reply);
    }
    const page = path.startsWith("/api/") ? undefined : sendPage(request, reply);
    return page ?? sendProblem(new Refusal("not_found", `There is nothing at ${request.method} ${path.slice(0, 200)}.`), request, reply);
  });
}

function toPattern({ method, path }: Pick<Route, "method" | "path">): { pattern: RegExp; methods: string[] } {
  return { pattern: new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}$`), methods: method === "GET" ? ["GET", "HEAD"] : [method] };
}
