// How this agent is reached: Baton sends each piece of work as POST /process and takes the answer. GET /health says that it is there. On the loopback
// address only; PORT says where.
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { doWork } from "./work.mjs";

const MAX_BYTES = 2 ** 20;

/** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
async function answer(request, response) {
  const send = (/** @type {number} */ status, /** @type {unknown} */ body) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  if (request.method === "GET" && request.url === "/health") return send(200, { status: "ok" });
  if (request.method !== "POST" || request.url !== "/process") return send(404, { status: "error", error: "There are GET /health and POST /process." });
  // A page in a browser cannot send this type without being asked first, and is refused then.
  if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) return send(415, { status: "error", error: "Send application/json." });
  const bytes = Number(request.headers["content-length"] ?? Infinity);
  if (bytes > MAX_BYTES) return send(413, { status: "error", error: `At most ${MAX_BYTES} bytes, and say how many.` });
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    const { description = "", step_input: input } = /** @type {{ description?: string, step_input?: unknown }} */ (await json(request));
    send(200, { status: "success", result: await doWork({ description, input }, { signal: gone.signal, progress: () => undefined }) });
  } catch (error) {
    send(422, { status: "error", error: error instanceof Error ? error.message : String(error) });
  }
}

const server = createServer((request, response) => void answer(request, response));
server.listen(Number(process.env.PORT ?? 8006), "127.0.0.1", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  console.log(`It answers at http://127.0.0.1:${port}; Ctrl-C ends it.`);
});
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.once(signal, () => server.close());
