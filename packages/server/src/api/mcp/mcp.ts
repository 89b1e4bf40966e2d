// The door `/mcp`: tools for agents at work, by the Model Context Protocol over HTTP. Whoever comes in shows the token that was handed to its
// agent for one attempt, and is that agent until the attempt has ended. Nothing is kept between requests: any server answers each of them.
import { Readable } from "node:stream";
import { Refusal } from "@baton/contract";
import { createMcpHandler } from "@modelcontextprotocol/server";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ApiWorld } from "../api-world.ts";
import { openMessageTools } from "./message-tools.ts";

export const MCP_PATH = "/mcp";
const BEARER = /^Bearer (\S+)$/i;

export function mountMcp(app: FastifyInstance, { tools, log, version }: ApiWorld): void {
  const handler = createMcpHandler(
    ({ authInfo }) => {
      const caller = authInfo?.extra;
      if (typeof caller?.["agentId"] !== "string" || typeof caller["name"] !== "string") throw new Error("Nobody is behind this request.");
      return openMessageTools(tools, { agentId: caller["agentId"], name: caller["name"] }, version);
    },
    { onerror: (error) => log.debug({ err: error }, "a request to the tools could not be served") },
  );
  app.addHook("preClose", async () => handler.close());
  app.route({
    method: ["GET", "POST", "DELETE"],
    url: MCP_PATH,
    config: { isOpen: true },
    handler: async (request, reply) => {
      const token = BEARER.exec(request.headers.authorization ?? "")?.[1];
      const caller = token === undefined ? undefined : await tools.callerOf(token);
      if (token === undefined || caller === undefined)
        throw new Refusal("unauthorized", "The tools are for agents at work: show the token your attempt was handed. It ends with the attempt.");
      const authInfo = { token, clientId: caller.agentId, scopes: [], extra: { ...caller } };
      const answer = await handler.fetch(toRequest(request), { authInfo, ...(request.body === undefined ? {} : { parsedBody: request.body }) });
      return send(reply, answer);
    },
  });
}
function toRequest({ method, headers, url, body }: FastifyRequest): Request {
  const given = Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((one): [string, string] => [name, one]));
  return new Request(new URL(url, "http://127.0.0.1"), { method, headers: given, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}
function send(reply: FastifyReply, answer: Response): FastifyReply {
  reply.code(answer.status);
  for (const [name, value] of answer.headers) if (name !== "content-length") reply.header(name, value);
  return answer.body === null ? reply.send() : reply.send(Readable.fromWeb(answer.body));
}
