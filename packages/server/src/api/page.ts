// The page at `/`: the built bundle, or, while there is none, a page that says how to build it.
import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Baton</title><style>body{font:16px/1.6 system-ui,sans-serif;max-width:40rem;margin:15vh auto;padding:0 1rem}</style>
<h1>Baton is running</h1><p>The page is not built yet. Build it with <code>npm run build</code> and start Baton again.</p>
<p>The API is at <a href="/docs">/docs</a>.</p></html>`;

/** Answers a request for one of the page's own paths, or nothing when it asks for something else, such as a missing file. */
export type SendPage = (request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined;

export async function mountPage(app: FastifyInstance, dashboardDir: string | undefined): Promise<SendPage> {
  if (dashboardDir === undefined || !existsSync(join(dashboardDir, "index.html"))) {
    const sendNotBuilt = (reply: FastifyReply) => reply.header("content-type", "text/html; charset=utf-8").header("cache-control", "no-cache").send(NOT_BUILT);
    app.get("/", (_, reply) => sendNotBuilt(reply));
    return (request, reply) => (asksForPage(request) ? sendNotBuilt(reply) : undefined);
  }
  await app.register(fastifyStatic, {
    root: dashboardDir,
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, path) => void reply.header("cache-control", isHashed(path) ? "public, max-age=31536000, immutable" : "no-cache"),
  });
  return (request, reply) => (asksForPage(request) ? reply.sendFile("index.html") : undefined);
}

/** Vite puts what carries its content's hash in its name below assets/. */
const isHashed = (path: string): boolean => /[/\\]assets[/\\][^/\\]+-[\w-]{8,}\.\w+(\.(br|gz))?$/.test(path);

export function asksForPage({ method, headers, url }: FastifyRequest): boolean {
  const isFile = /\.\w+$/.test(url.split("?", 1)[0] ?? "");
  return (method === "GET" || method === "HEAD") && !isFile && (headers.accept ?? "").includes("text/html");
}
