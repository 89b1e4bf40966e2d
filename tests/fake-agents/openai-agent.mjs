// A tiny model service for tests: chat completions and Responses, streamed. The first word of what it is asked says how it behaves.
// Says {"port": n} on stdout when it listens on 127.0.0.1; it ends when its stdin does. GET /open tells how many answers it is still working on.
// `call <tool> <arguments>` calls a tool that is offered and answers with what came of it; `status <code> <JSON>` fails with headers and body.
import { createServer } from "node:http";
import { makeNoise, toldBy } from "./lies.mjs";

let open = 0;
const USED = { prompt: 10, completion: 5 };
const json = (response, status, body, headers = {}) => response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
const textOf = (content) => (typeof content === "string" ? content : (content ?? []).map((part) => part.text ?? "").join(""));

/** The two wires, each: how its events look, what a person said first and last, what tools said. */
const wires = {
  chat: {
    asked: (body) => body.messages.filter((one) => one.role === "user").map((one) => textOf(one.content)),
    results: (body) => body.messages.filter((one) => one.role === "tool").map((one) => one.content),
    text: (text) => ({ choices: [{ index: 0, delta: { content: text } }] }),
    thought: (text) => ({ choices: [{ index: 0, delta: { reasoning_content: text } }] }),
    refusal: (text) => ({ choices: [{ index: 0, delta: { refusal: text } }] }),
    call: (name, args, id) => [
      { choices: [{ index: 0, delta: { tool_calls: [{ index: 0, id, function: { name, arguments: args.slice(0, 3) } }] } }] },
      { choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: args.slice(3) } }] } }] },
    ],
    end: (reason, used) => [
      { choices: [{ index: 0, delta: {}, finish_reason: reason }] },
      ...(used === undefined ? [] : [{ choices: [], usage: { prompt_tokens: used.prompt, completion_tokens: used.completion } }]),
      "[DONE]",
    ],
    error: (code, message) => [{ error: { code, message } }],
  },
  responses: {
    asked: (body) => body.input.filter((one) => one.role === "user").map((one) => textOf(one.content)),
    results: (body) => body.input.filter((one) => one.type === "function_call_output").map((one) => one.output),
    text: (text) => ({ type: "response.output_text.delta", delta: text }),
    thought: (text) => ({ type: "response.reasoning_summary_text.delta", delta: text }),
    refusal: (text) => ({ type: "response.refusal.delta", delta: text }),
    call: (name, args, id) => [{ type: "response.output_item.done", item: { type: "function_call", id: "fc_1", call_id: id, name, arguments: args } }],
    end: (reason, used) => {
      const incomplete = { length: "max_output_tokens", content_filter: "content_filter" }[reason];
      const usage = used && { input_tokens: used.prompt, output_tokens: used.completion };
      const response = { id: `resp_${++answered}`, output: [], usage, incomplete_details: incomplete ? { reason: incomplete } : null };
      return [{ type: incomplete ? "response.incomplete" : "response.completed", response }];
    },
    error: (code, message) => [{ type: "response.failed", response: { id: "resp_0", output: [], error: { code, message } } }],
  },
};
let answered = 0;

const behaviours = {
  reveal: (say, { body, headers, url }) => say.answer(JSON.stringify({ body, headers, url })),
  fail: (say) => say.events(say.wire.refusal("I cannot do that"), ...say.wire.end("stop")),
  think: (say) => say.events(say.wire.thought("Let me "), say.wire.thought("see."), say.wire.text("42"), ...say.wire.end("stop", USED)),
  hang: (say) => say.events(say.wire.text("wait for it")),
  flood: (say) => say.flood(),
  die: (say) => say.part(`data: ${JSON.stringify(say.wire.text("hal"))}\n\ndata: {"cho`, () => say.response.socket.resetAndDestroy()),
  cut: (say) => say.part(`data: ${JSON.stringify(say.wire.text("hal"))}\n\n`, () => say.response.end()),
  half: (say) => say.part('data: {"choices":[{"del\n\ndata: [DONE]\n\n', () => say.response.end()),
  deep: (say) => say.part(`data: {"choices":${"[".repeat(100_000)}${"]".repeat(100_000)}}\n\n`, () => say.response.end()),
  nul: (say) => say.answer("a\u0000b"),
  twice: (say) => {
    say.events(say.wire.text("first"), ...say.wire.end("stop", USED), say.wire.text("other"), ...say.wire.end("stop", USED));
    say.response.end();
  },
  long: (say) => say.answer("and so on", "length"),
  filter: (say) => say.answer("", "content_filter"),
  uncounted: (say) => say.answer("done", "stop", undefined),
  lie: (say, { words }) => {
    const { input, output } = toldBy(words[1]).at(-1);
    say.answer("told", "stop", { prompt: input, completion: output });
  },
  noise: (say) => {
    say.part(": noise\n\n");
    makeNoise(say.response, `: ${"x".repeat(64 * 1024)}\n\n`, () => say.answer("heard"));
  },
  breakoff: (say, { words }) => say.events(say.wire.text("hal"), ...say.wire.error(words[1], "as you asked")),
  whole: (say) => json(say.response, 200, { choices: [{ message: { role: "assistant", content: "all at once" }, finish_reason: "stop" }] }),
  status: ({ response }, { words }) => {
    const { headers = {}, ...body } = JSON.parse(words.slice(2).join(" ") || '{"error":{"message":"as you asked"}}');
    json(response, Number(words[1]), body, headers);
  },
  echokey: ({ response }, { headers }) => json(response, 400, { error: { message: `What is ${headers.authorization}?` } }),
  /** Answers with the words after it; told that they do not fit, with the last of them. */
  shape: (say, { asked, words }) => {
    const [first, second] = words.slice(1).join(" ").split(" THEN ");
    say.answer(asked.at(-1).includes("does not fit") ? (second ?? first) : first);
  },
  /** Refuses what it does not know, one part after the other. */
  picky: (say, { body }) => {
    for (const [field, message] of [
      ["stream_options", "Unknown parameter: stream_options"],
      ["response_format", "response_format json_schema is not supported"],
      ["max_tokens", "Use max_completion_tokens in place of max_tokens"],
    ])
      if (body[field] !== undefined) return json(say.response, 400, { error: { message } });
    return say.answer('{"n":1}', "stop", undefined);
  },
  call: (say, { words, body, results }) => {
    const [, name, ...args] = words;
    const last = results.at(-1);
    if (last !== undefined) return say.answer(last);
    const offered = (body.tools ?? []).map((tool) => tool.function?.name ?? tool.name);
    return offered.includes(name) || name === "nothing" ? say.calls(name, args.join(" ")) : say.answer(`offered: ${offered.join(", ")}`);
  },
  again: (say) => say.calls("add", '{"a":1,"b":1}'),
};

function sayer(wire, response) {
  let isBegun = false;
  const part = (text, then) => {
    if (!isBegun) response.writeHead(200, { "content-type": "text/event-stream" });
    isBegun = true;
    return response.write(text, then);
  };
  const events = (...all) => all.forEach((event) => part(`data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`));
  const answer = (text, reason = "stop", ...used) => {
    for (let at = 0; at < text.length; at += 1_000) events(wire.text(text.slice(at, at + 1_000)));
    events(...wire.end(reason, used.length > 0 ? used[0] : USED));
    response.end();
  };
  const calls = (name, args) => {
    events(...wire.call(name, args, "call_1"), ...wire.end("tool_calls", USED));
    response.end();
  };
  const flood = () => {
    const event = `data: ${JSON.stringify(wire.text("x".repeat(64 * 1024)))}\n\n`;
    const write = () => {
      while (!response.destroyed && part(event));
      if (!response.destroyed) response.once("drain", write);
    };
    write();
  };
  return { wire, response, part, events, answer, calls, flood };
}

async function serve(request, response) {
  let text = "";
  for await (const chunk of request) text += chunk;
  const { pathname } = new URL(request.url, "http://model");
  if (pathname === "/open") return json(response, 200, { open });
  if (pathname === "/v1/models") return json(response, 200, { data: [{ id: "small" }, { id: "large" }] });
  const wire = pathname.endsWith("/chat/completions") ? wires.chat : pathname.endsWith("/responses") ? wires.responses : undefined;
  if (request.headers.authorization === "Bearer wrong") return json(response, 401, { error: { message: "Incorrect API key provided: wrong" } });
  if (wire === undefined) return json(response, 404, { error: { message: "no such route" } });
  const body = JSON.parse(text);
  if (body.previous_response_id === "resp_gone")
    return json(response, 400, { error: { code: "previous_response_not_found", message: "Previous response not found." } });
  open++;
  response.once("close", () => open--);
  const asked = wire.asked(body);
  const words = (asked[0] ?? "call add {}").split("\n\n")[0].split(" ");
  const say = sayer(wire, response);
  const call = { body, headers: request.headers, url: request.url, asked, words, results: wire.results(body) };
  return (behaviours[words[0]] ?? (() => say.answer(words.join(" "))))(say, call);
}
const server = createServer((request, response) => void serve(request, response));
server.listen(0, "127.0.0.1", () => process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`));
process.stdin.on("end", () => process.exit(0)).resume();
