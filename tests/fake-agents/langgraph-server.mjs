// A tiny LangGraph server for tests: assistants, threads, runs and their streams. The first word of the last user message says how it behaves.
// Says {"port": n} on stdout when it listens on 127.0.0.1. GET /open tells how many runs are going; GET /log what was asked of it.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { makeNoise, toldBy } from "./lies.mjs";

const threads = new Map();
const runs = new Map();
const log = [];
const assistants = [
  {
    assistant_id: "7e1a0f0e-0000-4000-8000-000000000001",
    graph_id: "agent",
    name: "Agent",
    description: "Answers as it is told.",
    metadata: { capabilities: ["answering"] },
  },
  { assistant_id: "7e1a0f0e-0000-4000-8000-000000000002", graph_id: "other", name: "Other", metadata: {} },
];
const GOING = ["pending", "running"];

const json = (response, status, body, headers = {}) => response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
const write = (response, event, data, id) =>
  response.write(`${id ? `id: ${id}\n` : ""}event: ${event}\ndata: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`);
const textOf = ({ content }) => (typeof content === "string" ? content : (content ?? []).map((block) => block.text ?? "").join(""));
const nest = (levels) => "[".repeat(levels) + "]".repeat(levels);

function say(run, content, more = {}) {
  const message = { type: "ai", id: randomUUID(), content, ...more };
  run.thread.messages.push(message);
  return message;
}
/** The usual end: one message, told in two pieces and whole. */
function answer(run, response, content, more) {
  const message = say(run, content, more);
  const half = Math.ceil(content.length / 2);
  for (const piece of [content.slice(0, half), content.slice(half)])
    write(response, "messages", [{ type: "AIMessageChunk", id: message.id, content: piece }, { langgraph_node: "model" }], `${++run.said}`);
  write(response, "updates", { model: { messages: [message] } }, `${++run.said}`);
  end(run, response);
}
function end(run, response, status = "success") {
  run.status = status;
  response?.end();
}
function flood(response) {
  const block = `event: custom\ndata: "${"x".repeat(64 * 1024)}"\n\n`;
  const next = () => {
    while (!response.destroyed && response.write(block));
    if (!response.destroyed) response.once("drain", next);
  };
  next();
}

const behaviours = {
  echo: (run, response, said) => answer(run, response, said),
  reveal: (run, response) => answer(run, response, JSON.stringify(run.asked)),
  progress: (run, response) => {
    write(response, "custom", { fraction: 0.5, message: "half way" });
    answer(run, response, "done");
  },
  fail: (run, response) => {
    write(response, "error", { error: "ValueError", message: "I cannot do that" });
    end(run, response, "error");
  },
  quietly: (run, response) => {
    run.thread.problem = "ValueError('it broke inside')";
    end(run, response, "error");
  },
  hang: () => undefined,
  flood: (_, response) => flood(response),
  die: (run, response) => {
    run.dead = true;
    response.write('event: messages\ndata: [{"type":"AIMess', () => response.socket.resetAndDestroy());
  },
  drop: (run, response, said) => {
    // The connection breaks, the run goes on.
    run.later = () => say(run, `survived ${said}`);
    write(response, "custom", { message: "before the break" }, "1");
    setImmediate(() => response.socket.resetAndDestroy());
  },
  half: (run, response) => {
    run.thread.rawState = '{"values": {"messages": [{"type": "ai", "conte';
    end(run, response);
  },
  mangled: (run, response) => {
    write(response, "messages", '[{"type":"AIMessageChunk","cont');
    run.status = "running";
    response.end();
  },
  deep: (run, response) => {
    run.thread.rawState = `{"values": ${nest(100_000)}, "next": []}`;
    end(run, response);
  },
  nul: (run, response) => answer(run, response, "a\u0000b"),
  twice: (run, response) => {
    answer(run, response, "first");
    say(run, "other");
  },
  usage: (run, response) => answer(run, response, "counted", { usage_metadata: { input_tokens: 14, output_tokens: 8, total_tokens: 22 } }),
  lie: (run, response, said) => {
    const { input, output } = toldBy(said.split(" ")[1]).at(-1);
    answer(run, response, "told", { usage_metadata: { input_tokens: input, output_tokens: output } });
  },
  noise: (run, response) => makeNoise(response, `: ${"x".repeat(64 * 1024)}\n\n`, () => answer(run, response, "heard")),
  tool: (run, response) => {
    const call = say(run, "", { tool_calls: [{ id: "call-1", name: "search", args: { q: "tides" } }] });
    const result = { type: "tool", id: randomUUID(), tool_call_id: "call-1", content: "high at noon", status: "success" };
    write(response, "updates", { model: { messages: [call] } });
    write(response, "updates", { tools: { messages: [result] } });
    answer(run, response, "High at noon.");
  },
  ask: (run, response) => interrupt(run, response, { question: "Which colour?" }, (reply) => `You said ${JSON.stringify(reply)}`),
  review: (run, response) =>
    interrupt(
      run,
      response,
      { action_requests: [{ name: "delete_file", args: { path: "a" } }], review_configs: [] },
      (reply) => `Decided ${JSON.stringify(reply)}`,
    ),
  page: (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<p>Not a stream</p>"),
  status: (run, response, said) => {
    run.status = "error";
    json(response, Number(said.split(" ")[1]), { detail: "as you asked" }, { "retry-after": "7" });
  },
};

function interrupt(run, response, value, reply) {
  run.thread.waiting = { interrupt: { id: randomUUID(), value }, reply };
  write(response, "updates", { __interrupt__: [run.thread.waiting.interrupt] });
  end(run, response, "interrupted");
}

function startRun(thread, asked, headers, response) {
  const run = { run_id: randomUUID(), thread, status: "running", said: 0, asked: { body: asked, headers }, metadata: asked.metadata };
  runs.set(run.run_id, run);
  const added = asked.input?.messages ?? [];
  thread.messages.push(...added.map((message) => ({ type: "human", id: randomUUID(), ...message })));
  const said = textOf(thread.messages.findLast((message) => message.type === "human") ?? {});
  const behaviour = said.split(/\s/)[0];
  if (!["status", "page"].includes(behaviour)) {
    response.writeHead(200, { "content-type": "text/event-stream", "content-location": `/threads/${thread.thread_id}/runs/${run.run_id}` });
    write(response, "metadata", { run_id: run.run_id, attempt: 1 });
  }
  const waiting = thread.waiting;
  thread.waiting = undefined;
  if (waiting && asked.command) return answer(run, response, waiting.reply(asked.command.resume));
  (behaviours[behaviour] ?? behaviours.echo)(run, response, said);
}

const routes = [
  ["GET", /^\/ok$/, (response) => json(response, 200, { ok: true })],
  [
    "GET",
    /^\/open$/,
    (response) => json(response, 200, { open: [...runs.values()].filter((run) => GOING.includes(run.status) && !run.dead && !run.later).length }),
  ],
  ["GET", /^\/log$/, (response) => json(response, 200, log)],
  ["POST", /^\/assistants\/search$/, (response) => json(response, 200, assistants)],
  [
    "POST",
    /^\/threads$/,
    (response, _, body) => {
      const thread = { thread_id: randomUUID(), metadata: body.metadata, messages: [] };
      threads.set(thread.thread_id, thread);
      json(response, 200, { thread_id: thread.thread_id, status: "idle" });
    },
  ],
  [
    "GET",
    /^\/threads\/([^/]+)\/state$/,
    (response, [id]) => {
      const thread = threads.get(id);
      if (!thread) return json(response, 404, { detail: "Thread not found" });
      if (thread.rawState) return response.writeHead(200, { "content-type": "application/json" }).end(thread.rawState);
      const waiting = thread.waiting ? [thread.waiting.interrupt] : [];
      const tasks = thread.waiting || thread.problem ? [{ id: "t", name: "model", interrupts: waiting, error: thread.problem ?? null }] : [];
      return json(response, 200, { values: { messages: thread.messages, total: thread.messages.length }, next: tasks.map(({ name }) => name), tasks });
    },
  ],
  [
    "POST",
    /^\/threads\/([^/]+)\/runs\/stream$/,
    (response, [id], body, request) => {
      const thread = threads.get(id);
      if (!thread) return json(response, 404, { detail: "Thread not found" });
      if (!assistants.some((one) => one.graph_id === body.assistant_id || one.assistant_id === body.assistant_id))
        return json(response, 404, { detail: `No assistant ${body.assistant_id}` });
      return startRun(thread, body, request.headers, response);
    },
  ],
  [
    "GET",
    /^\/threads\/([^/]+)\/runs\/([^/]+)\/stream$/,
    (response, [, id]) => {
      const run = runs.get(id);
      response.writeHead(200, { "content-type": "text/event-stream" });
      if (run.later) {
        const message = run.later();
        run.later = undefined;
        write(response, "updates", { model: { messages: [message] } }, "2");
        run.status = "success";
      }
      response.end();
    },
  ],
  [
    "GET",
    /^\/threads\/([^/]+)\/runs\/([^/]+)$/,
    (response, [, id]) => {
      const run = runs.get(id);
      if (run?.dead) return response.socket.resetAndDestroy();
      return run ? json(response, 200, { run_id: id, status: run.status }) : json(response, 404, { detail: "Run not found" });
    },
  ],
  [
    "POST",
    /^\/threads\/([^/]+)\/runs\/([^/]+)\/cancel$/,
    (response, [, id]) => {
      const run = runs.get(id);
      if (run && GOING.includes(run.status)) run.status = "interrupted";
      response.writeHead(202).end();
    },
  ],
];

const server = createServer((request, response) => {
  let text = "";
  request.setEncoding("utf8");
  request.on("data", (chunk) => {
    text += chunk;
  });
  request.on("end", () => {
    const path = new URL(request.url, "http://server").pathname;
    if (path !== "/log" && path !== "/open") log.push(`${request.method} ${path.replace(/[0-9a-f-]{36}/g, "ID")}`);
    for (const [method, pattern, handle] of routes) {
      const match = method === request.method ? pattern.exec(path) : null;
      if (match) return handle(response, match.slice(1), text === "" ? {} : JSON.parse(text), request);
    }
    return json(response, 404, { detail: "Not Found" });
  });
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`));
process.stdin.on("end", () => process.exit(0)).resume();
