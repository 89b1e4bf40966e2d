// A model for real coding agents that costs nothing and says what its prompt tells it to: four wire protocols on 127.0.0.1.
// Set as a client's HTTPS proxy it lets nothing through and keeps who tried.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { anthropic } from "./anthropic.ts";
import { gemini } from "./gemini.ts";
import { openaiChat } from "./openai-chat.ts";
import { openaiResponses } from "./openai-responses.ts";
import { nextReply, type Reply } from "./script.ts";
import type { Piece, Said, Wire } from "./wire.ts";

const WIRES = [anthropic, openaiChat, openaiResponses, gemini];

export interface ModelCall {
  wire: Wire["name"];
  /** How many prompts the conversation has. */
  prompts: number;
  /** The newest. */
  prompt: string;
  reply: Reply["kind"] | "json";
}
export interface ModelServer {
  url: string;
  /** Every question to the model, oldest first. */
  calls: ModelCall[];
  /** Hosts that somebody wanted to reach through this server as a proxy. */
  outside: Set<string>;
  /** How many answers are being given without an end. */
  hanging(): number;
  /** How many answers wait to be told to go on. */
  waiting(): number;
  goOn(): void;
  close(): Promise<void>;
}

export async function startModelServer(): Promise<ModelServer> {
  const calls: ModelCall[] = [];
  const outside = new Set<string>();
  const hung = new Set<ServerResponse>();
  const waiting = new Map<ServerResponse, () => void>();
  let count = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "/";
    const said = await text(request);
    if (URL.canParse(path)) {
      outside.add(new URL(path).host);
      return refuse(response, 403, "Nothing goes through here.");
    }
    const wire = request.method === "POST" ? WIRES.find((one) => one.path.test(path)) : undefined;
    if (wire === undefined) return answerBeside(path, response);
    const body = JSON.parse(said) as never;
    const conversation = wire.read(body);
    const reply: Reply = conversation.wantsJson === true ? { kind: "text", text: JSON_ANSWER } : nextReply(conversation);
    calls.push({
      wire: wire.name,
      prompts: conversation.prompts.length,
      prompt: conversation.prompts.at(-1) ?? "",
      reply: conversation.wantsJson === true ? "json" : reply.kind,
    });
    if (reply.kind === "fail") return refuse(response, reply.status, `Scripted failure ${reply.status}.`);
    const id = `${++count}`.padStart(6, "0");
    if (reply.kind === "wait")
      await new Promise<void>((goOn) => {
        waiting.set(response, goOn);
        response.once("close", goOn);
      }).finally(() => waiting.delete(response));
    const words: Said =
      reply.kind === "call" ? { call: reply.call } : { text: reply.kind === "text" ? reply.text : reply.kind === "wait" ? "Done." : "Let me think …" };
    if (reply.kind !== "hang" && !wire.isStreamed(body, path)) return json(response, 200, wire.whole(words, id));
    const { begin, end } = wire.pieces(words, id);
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    for (const piece of begin) response.write(toText(piece));
    if (reply.kind !== "hang") return void response.end(end.map(toText).join(""));
    hung.add(response);
    response.once("close", () => hung.delete(response));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      // Seen by the client as a broken model, and by the test as a turn that failed for this reason.
      refuse(response, 500, error instanceof Error ? (error.stack ?? error.message) : String(error));
    });
  });
  server.on("connect", (request: IncomingMessage, socket) => {
    outside.add(request.url ?? "");
    socket.on("error", () => socket.destroy());
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    outside,
    hanging: () => hung.size,
    waiting: () => waiting.size,
    goOn: () => {
      for (const goOn of waiting.values()) goOn();
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** Fits the questions that Gemini's command line asks beside a turn: which model to take, and who speaks next. */
const JSON_ANSWER = JSON.stringify({
  reasoning: "As asked.",
  next_speaker: "user",
  model_choice: "flash",
  complexity_score: 1,
  complexity_reasoning: "Short.",
});

const toText = ({ event, data }: Piece): string =>
  `${event === undefined ? "" : `event: ${event}\n`}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;

function json(response: ServerResponse, status: number, document: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(document));
}
function refuse(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent) return void response.destroy();
  json(response, status, { type: "error", error: { type: "scripted_error", message, code: status, status: "SCRIPTED" } });
}

/** What clients ask besides: which models there are, how many tokens a text has. */
function answerBeside(path: string, response: ServerResponse): void {
  if (/\/models(\?|$)/.test(path)) return json(response, 200, { object: "list", data: [{ id: "scripted", object: "model", created: 1, owned_by: "tests" }] });
  if (path.includes("count_tokens")) return json(response, 200, { input_tokens: 1200 });
  if (path.includes(":countTokens")) return json(response, 200, { totalTokens: 1200 });
  refuse(response, 404, `There is nothing at ${path}.`);
}
