// A tiny agent that speaks the Agent Client Protocol, for tests: plain JSON-RPC, one message a line, without any library, so that it can also
// say what no library would. The first word of the prompt says how it behaves. Arguments: `--load` keeps conversations in HOME; `--as=NAME`
// speaks the dialect of a known agent, in shapes recorded from the real one; `--log=FILE` writes down every message both ways.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { dialects } from "./acp-dialects.mjs";
import { callTool } from "./call-tool.mjs";
import { misbehaviours } from "./acp-misbehaviours.mjs";

const option = (name) => process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);
const has = (name) => process.argv.includes(`--${name}`);
const log = option("log");
const dialect = dialects[option("as")] ?? {};
const store = join(process.env.HOME ?? "/", ".acp-conversations.json");
const kept = () => (existsSync(store) ? JSON.parse(readFileSync(store, "utf8")) : {});

let sessionId;
const session = {};
let nextId = 0;
let cancelled = () => undefined;
const waiting = new Map();
const write = (message) => {
  const line = JSON.stringify(message);
  if (log !== undefined) appendFileSync(log, `< ${line}\n`);
  process.stdout.write(`${line}\n`);
};
const notify = (method, params) => write({ jsonrpc: "2.0", method, params });
const update = (what, id = sessionId) => notify("session/update", { sessionId: id, update: what });
const text = (words, more = {}) => update({ sessionUpdate: "agent_message_chunk", content: { type: "text", text: words }, ...more });
/** Ids of an agent's requests begin at 0, as those of its client do. */
const ask = (method, params) =>
  new Promise((answered) => {
    waiting.set(nextId, answered);
    write({ jsonrpc: "2.0", id: nextId++, method, params });
  });
const answer = (id, result) => write({ jsonrpc: "2.0", id, result });
const refuse = (id, code, message, data) => write({ jsonrpc: "2.0", id, error: { code, message, ...(data === undefined ? {} : { data }) } });
const forEver = () => new Promise(() => undefined);
const options = [
  { optionId: "no", kind: "reject_once", name: "No" },
  { optionId: "always", kind: "allow_always", name: "Always" },
  { optionId: "yes", kind: "allow_once", name: "Yes" },
];
const permission = (toolCall, offered = options) => ask("session/request_permission", { sessionId, toolCall, options: offered });
const edit = (path, more = {}) => ({
  toolCallId: "call-1",
  title: `Write ${path}`,
  kind: "edit",
  rawInput: { path },
  content: [{ type: "diff", path, oldText: null, newText: "new\n" }],
  ...more,
});

/** What it does on a word: tells updates, and returns how the turn ends. */
const behaviours = {
  echo: (words) => text(words),
  reveal: () => text(JSON.stringify({ environment: process.env, arguments: process.argv.slice(2), cwd: process.cwd(), session })),
  "reveal-and-hang": () => {
    text(JSON.stringify({ mcpServers: session.opened.mcpServers }));
    return forEver();
  },
  prompt: (words) => text(words),
  /** `use <tool> <arguments>`: starts the tool servers it was given, and calls it. */
  use: async (words) => {
    const [, tool, ...args] = words.split(" ");
    for (const server of session.opened.mcpServers) text(await callTool(server, tool, JSON.parse(args.join(" "))));
  },
  links: () => text(JSON.stringify(session.links)),
  progress: () => {
    update({
      sessionUpdate: "plan",
      entries: [
        { content: "begun", priority: "high", status: "completed" },
        { content: "half way", priority: "medium", status: "in_progress" },
      ],
    });
    text("done");
  },
  fail: () => ({ error: [-32603, "Internal error: I cannot do that"] }),
  error: (words) => ({ error: JSON.parse(words.split(" ").slice(1).join(" ")) }),
  hang: forEver,
  stop: (words) => {
    text("so far");
    return { stopReason: words.split(" ")[1] };
  },
  nul: () => text("a\u0000b"),
  rich: () => {
    update({ sessionUpdate: "agent_thought_chunk", content: { type: "text", text: "hm" } });
    text("I look.");
    update({
      sessionUpdate: "tool_call",
      toolCallId: "t1",
      title: "Read a.txt",
      kind: "read",
      status: "in_progress",
      rawInput: { path: "a.txt" },
      locations: [{ path: "a.txt" }],
    });
    update({
      sessionUpdate: "tool_call_update",
      toolCallId: "t1",
      status: "completed",
      content: [{ type: "content", content: { type: "text", text: "its text" } }],
    });
    update({
      sessionUpdate: "tool_call",
      toolCallId: "t2",
      title: "Change mode",
      kind: "switch_mode",
      status: "failed",
      rawOutput: { why: "no" },
      content: [{ type: "diff", path: "a.txt", oldText: "old", newText: "new" }],
    });
    text("I ");
    text("changed it. ");
    update({ sessionUpdate: "agent_message_chunk", content: { type: "resource_link", name: "a.txt", uri: "file:///a.txt" } });
    update({ sessionUpdate: "usage_update", used: 10, size: 100, cost: { amount: 0.5, currency: "USD" } });
    return { usage: { inputTokens: 10, outputTokens: 5, totalTokens: 15 } };
  },
  cached: () => {
    text("ok");
    return { usage: { inputTokens: 10, outputTokens: 5, totalTokens: 115, cachedReadTokens: 70, cachedWriteTokens: 30 } };
  },
  nothing: () => ({ usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 } }),
  may: async (words) => {
    const [, kind, path, ...offered] = words.split(" ");
    const asked = permission(
      edit(path, { kind }),
      offered.length === 0 ? options : offered.map((each) => ({ optionId: `id-${each}`, kind: each, name: each })),
    );
    const { result } = await asked;
    text(JSON.stringify(result));
  },
  mayknown: async () => {
    update({ sessionUpdate: "tool_call", toolCallId: "call-9", title: "Run the tests", kind: "execute", status: "pending", rawInput: { command: "npm test" } });
    const { result } = await permission({ toolCallId: "call-9" });
    update({ sessionUpdate: "tool_call_update", toolCallId: "call-9", status: "failed" });
    text(result.outcome.optionId ?? result.outcome.outcome);
  },
  sulk: async () => {
    await permission(edit("/etc/hosts"));
  },
  file: async (words) => {
    const [, method, ...args] = words.split(" ");
    const params = JSON.parse(args.join(" "));
    const { result, error } = await ask(`fs/${method}_text_file`, { sessionId, ...params });
    text(JSON.stringify(error ?? result));
  },
  asked: async (words) => {
    const [, method, ...args] = words.split(" ");
    const { result, error } = await ask(method, JSON.parse(args.join(" ")));
    text(JSON.stringify(error ?? result));
  },
  patient: async () => {
    update({ sessionUpdate: "usage_update", used: 1, size: 2, cost: { amount: 0.25, currency: "USD" } });
    await new Promise((done) => {
      cancelled = done;
    });
    text("tidied up");
    return { stopReason: "cancelled", usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7 } };
  },
  remember: (words) => {
    writeFileSync(store, JSON.stringify({ ...kept(), [sessionId]: { words, spent: (kept()[sessionId]?.spent ?? 0) + 1 } }));
    text(`after ${session.loaded?.words ?? "nothing"} in ${process.cwd()}`);
    update({ sessionUpdate: "usage_update", used: 1, size: 2, cost: { amount: kept()[sessionId].spent * 0.1, currency: "USD" } });
  },
};

const requests = {
  initialize: (id, params) => {
    if (has("mute")) return;
    session.client = params;
    answer(id, {
      protocolVersion: has("tomorrow") ? 2 : 1,
      agentInfo: { name: "fake", version: "1.0.0" },
      authMethods: [{ id: "key", name: "A key", description: "Set FAKE_KEY" }],
      agentCapabilities: { loadSession: has("load"), mcpCapabilities: { http: has("http") }, ...dialect.capabilities },
    });
  },
  authenticate: (id, { methodId }) => {
    session.authenticated = methodId;
    answer(id, {});
  },
  "session/new": (id, params) => {
    if (has("locked") && session.authenticated === undefined) return refuse(id, -32000, "Authentication required");
    sessionId = `session-${process.pid}`;
    session.opened = params;
    answer(id, {
      sessionId,
      ...dialect.session,
      ...(has("modes")
        ? {
            modes: {
              currentModeId: "ask",
              availableModes: [
                { id: "ask", name: "Ask" },
                { id: "code", name: "Code" },
              ],
            },
          }
        : {}),
    });
  },
  "session/load": (id, params) => {
    session.loaded = kept()[params.sessionId];
    if (session.loaded === undefined && dialect.loadsAnything) {
      sessionId = params.sessionId;
      return answer(id, {});
    }
    if (session.loaded === undefined) return refuse(id, -32002, "Resource not found", { sessionId: params.sessionId });
    sessionId = params.sessionId;
    update({ sessionUpdate: "user_message_chunk", content: { type: "text", text: session.loaded.words } });
    text("what was said long ago");
    answer(id, {});
  },
  "session/set_mode": (id, params) => setting(id, params),
  "session/set_model": (id, params) => setting(id, params),
  "session/set_config_option": (id, params) => setting(id, params, { configOptions: [] }),
  "session/prompt": async (id, params) => {
    const words = params.prompt.flatMap((block) => block.text ?? []).join("\n");
    session.links = params.prompt.flatMap((block) => block.uri ?? []);
    const [first] = words.split("\n\nThis is one step of a larger task");
    const behaviour = dialect.behaviours?.[words.split(/\s/)[0]] ?? behaviours[words.split(/\s/)[0]] ?? misbehaviours[words.split(/\s/)[0]] ?? behaviours.echo;
    const say = { text, update, ask, permission, notify, answer, write, edit, sessionId };
    const { error, ...result } = (await behaviour(words.startsWith("prompt") ? words : first, id, say)) ?? {};
    if (error === undefined) answer(id, { stopReason: "end_turn", ...result });
    else refuse(id, ...error);
  },
};
const setting = (id, params, result = {}) => {
  session.settings = [...(session.settings ?? []), params];
  answer(id, result);
};

createInterface({ input: process.stdin }).on("line", (line) => {
  if (log !== undefined) appendFileSync(log, `> ${line}\n`);
  const message = JSON.parse(line);
  if (message.method === "session/cancel") cancelled();
  else if (message.method === undefined) waiting.get(message.id)?.(message);
  else if (requests[message.method] === undefined) refuse(message.id, -32601, `"Method not found": ${message.method}`);
  else void requests[message.method](message.id, message.params);
});
process.stdin.on("end", () => process.exit(0));
if (has("deaf")) process.stderr.write("unknown option --acp\n", () => process.exit(2));
