// The OpenAPI document and the interactive page over it, all served from here: the page asks no other server for anything.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { FastifyInstance } from "fastify";
import { mountFileSchemas } from "./file-schemas.ts";
import { toOpenApi } from "./openapi.ts";

const require = createRequire(import.meta.url);
const OPENAPI_PATH = "/api/v1/openapi.json";

const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Baton API</title><link rel="icon" href="/icon.svg" type="image/svg+xml"></head><body><div id="app"></div><script src="/docs/scalar.js"></script><script src="/docs/start.js"></script></body></html>`;
/** A file of its own, as the content security policy allows no script inside a page. */
const START = `Scalar.createApiReference("#app", ${JSON.stringify({ url: OPENAPI_PATH, withDefaultFonts: false, telemetry: false, hideClientButton: true, showDeveloperTools: "never", agent: { disabled: true } })});`;

export function mountDocs(app: FastifyInstance, version: string): void {
  let document: string | undefined;
  app.get(OPENAPI_PATH, { config: { isOpen: true } }, (_, reply) => {
    document ??= JSON.stringify(toOpenApi(version));
    return reply.header("content-type", "application/json; charset=utf-8").send(document);
  });
  mountFileSchemas(app);
  app.get("/docs", (_, reply) => reply.header("content-type", "text/html; charset=utf-8").send(PAGE));
  app.get("/docs/start.js", (_, reply) => reply.header("content-type", "text/javascript; charset=utf-8").send(START));
  let bundle: Promise<Buffer> | undefined;
  app.get("/docs/scalar.js", async (_, reply) => {
    bundle ??= compressBundle();
    // Every browser takes gzip; 3.6 MB become 1.
    return reply
      .headers({ "content-type": "text/javascript; charset=utf-8", "content-encoding": "gzip", "cache-control": "public, max-age=86400" })
      .send(await bundle);
  });
}

async function compressBundle(): Promise<Buffer> {
  const main = require.resolve("@scalar/fastify-api-reference");
  return promisify(gzip)(await readFile(join(dirname(main), "js", "standalone.js")));
}
