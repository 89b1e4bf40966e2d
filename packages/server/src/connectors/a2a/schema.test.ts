// Every message of 1.0, sent and accepted, against the protocol's own types: read by them and written again, nothing of it may be lost or changed.
// That 0.3 is spoken as it should be is for the SDK's own server of it to say: sdk-agent.test.ts.
import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import * as protocol from "@a2a-js/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { attemptContext, workFor } from "../connector.testsuite.ts";
import { startFakeAgent } from "../fake-agent.testkit.ts";
import { openA2aConnector } from "./a2a.ts";
import { a2aAgent, openWorld } from "./a2a.testkit.ts";

type Codec = { fromJSON(value: unknown): unknown; toJSON(value: never): unknown };
const codecs = protocol as unknown as Record<string, Codec>;
/** JSON-RPC method or path -> what is asked, what is answered. */
const METHODS: Record<string, [string, string]> = {
  SendMessage: ["SendMessageRequest", "SendMessageResponse"],
  SendStreamingMessage: ["SendMessageRequest", "StreamResponse"],
  GetTask: ["GetTaskRequest", "Task"],
  CancelTask: ["CancelTaskRequest", "Task"],
  SubscribeToTask: ["SubscribeToTaskRequest", "StreamResponse"],
  "/message:send": ["SendMessageRequest", "SendMessageResponse"],
  "/message:stream": ["SendMessageRequest", "StreamResponse"],
};
interface Exchange {
  path: string;
  asked: string;
  answered: string;
}

/** Stands before an agent and writes down what goes through. */
async function openTap(port: number): Promise<{ url: string; log: Exchange[]; close(): void }> {
  const log: Exchange[] = [];
  const server = createServer((inbound, response) => {
    const exchange = { path: inbound.url ?? "", asked: "", answered: "" };
    log.push(exchange);
    const outbound = send({ port, host: "127.0.0.1", path: inbound.url, method: inbound.method, headers: inbound.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.on("data", (chunk: Buffer) => {
        exchange.answered += chunk.toString();
        response.write(chunk);
      });
      answer.on("end", () => response.end());
    });
    outbound.on("error", () => response.destroy());
    response.on("close", () => outbound.destroy());
    inbound.on("data", (chunk: Buffer) => {
      exchange.asked += chunk.toString();
      outbound.write(chunk);
    });
    inbound.on("end", () => outbound.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, log, close };
}

/** Without what the protocol takes for the same as nothing. What stands in `data` and `metadata` is anybody's. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).map(([name, one]) => [name, name === "data" || name === "metadata" ? one : plain(one)] as const);
  return Object.fromEntries(kept.filter(([, one]) => ![undefined, null, "", false, 0].includes(one as never) && !(Array.isArray(one) && one.length === 0)));
}
function problemOf(type: string | undefined, value: unknown): string | undefined {
  const codec = codecs[type ?? ""];
  if (codec === undefined) return `no type ${type}`;
  const [given, again] = [plain(value), plain(codec.toJSON(codec.fromJSON(value) as never))].map((one) => JSON.stringify(sorted(one)));
  return given === again ? undefined : `${type}: ${given} was read as ${again}`;
}
const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .toSorted(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, one]) => [name, sorted(one)]),
        )
      : value;

/** All that is wrong with it, and which types were seen. */
function judge(log: readonly Exchange[]): { problems: string[]; seen: Set<string> } {
  const seen = new Set<string>();
  const check = (type: string | undefined, value: unknown): string | undefined => {
    seen.add(type ?? "");
    return problemOf(type, value);
  };
  const problems = log.flatMap(({ path, asked, answered }): (string | undefined)[] => {
    if (path.endsWith("/agent-card.json")) return [check("AgentCard", JSON.parse(answered))];
    const isRest = path.startsWith("/rest/");
    const body = asked === "" ? undefined : (JSON.parse(asked) as { method?: string; params?: unknown });
    const [question, answer] = METHODS[isRest ? path.slice("/rest".length) : (body?.method ?? "")] ?? [undefined, "Task"];
    const frames =
      answered.startsWith("data:") || answered.includes("\n\ndata:") ? [...answered.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => data) : [answered];
    const told = frames.map((frame) => JSON.parse(frame) as { result?: unknown; error?: unknown });
    return [
      ...(question === undefined ? [] : [check(question, isRest ? body : body?.params)]),
      ...told.filter(({ error }) => error === undefined).map((one) => check(answer, isRest ? one : one.result)),
    ];
  });
  return { problems: problems.filter((problem) => problem !== undefined), seen };
}

let fake: Awaited<ReturnType<typeof startFakeAgent>>;
const world = openWorld();
beforeAll(async () => {
  fake = await startFakeAgent("a2a-agent.mjs");
});
afterAll(async () => {
  await world.outbound.close();
  await fake.close();
});

test.each(["/new", "/new-poll", "/rest"])("what goes to and fro with an agent at %s is the protocol's", async (path) => {
  const tap = await openTap(fake.port);
  try {
    const connector = openA2aConnector(world);
    const agent = a2aAgent(`${tap.url}${path}`);
    await connector.discover?.(agent);
    const approve = () => ({ decision: "approved" as const, comment: "blue" });
    for (const words of ["echo once", "progress", "files", "usage", "fail", "ask", "chunks"])
      await connector.carryOut(agent, workFor(words, { input: { a: 1 } }), attemptContext(approve));
    const cancelling = attemptContext();
    const outcome = connector.carryOut(agent, workFor("hang"), cancelling);
    await expect.poll(() => tap.log.some(({ asked, answered }) => asked.includes("hang") && answered !== "")).toBe(true);
    cancelling.abort("Enough.");
    expect(await outcome).toMatchObject({ ok: false, kind: "cancelled" });
    const { problems, seen } = judge(tap.log);
    expect(problems).toEqual([]);
    expect(seen).toContain("AgentCard");
    expect(seen).toContain("SendMessageRequest");
    expect(seen).toContain(path === "/new-poll" ? "Task" : "StreamResponse");
  } finally {
    tap.close();
  }
});
test("what is not the protocol's is found", () => {
  const message = { messageId: "m", role: "ROLE_USER", parts: [{ text: "hi" }] };
  expect(problemOf("SendMessageRequest", { message })).toBeUndefined();
  expect(problemOf("SendMessageRequest", { message: { ...message, of_tomorrow: 1 } })).toContain("of_tomorrow");
  expect(problemOf("SendMessageRequest", { message: { ...message, parts: [{ kind: "text", text: "hi" }] } })).toContain("kind");
});
