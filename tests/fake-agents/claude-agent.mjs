// A tiny agent for tests that speaks Claude Code's stream-json: the first word of the prompt's first line it knows says how it behaves.
// Like the real one it keeps conversations in HOME by the directory they are held in, and ends when its input does.
import { copyFileSync, existsSync, mkdirSync, readFileSync, appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { makeNoise, toldBy } from "./lies.mjs";

const option = (name) => process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);
const sessionId = option("session-id");
const write = (line) => process.stdout.write(typeof line === "string" ? line : `${JSON.stringify({ ...line, session_id: sessionId, uuid: "u" })}\n`);
const folder = join(process.env.HOME, ".claude", "projects", process.cwd().replaceAll("/", "-"));
const fileOf = (id) => join(folder, `${id}.jsonl`);
const TOKENS = { input_tokens: 100, cache_read_input_tokens: 20, cache_creation_input_tokens: 3, output_tokens: 1 };
const pending = new Map();
let requests = 0;

const event = (body, more = {}) => write({ type: "stream_event", event: body, parent_tool_use_id: null, ...more });
const system = (subtype, more) => write({ type: "system", subtype, ...more });
const result = (text, more = {}) =>
  write({ type: "result", subtype: "success", is_error: false, api_error_status: null, num_turns: 1, result: text, permission_denials: [], ...more });
const use = (id, name, input) =>
  write({ type: "assistant", message: { id: `m-${id}`, content: [{ type: "tool_use", id, name, input }], usage: TOKENS }, parent_tool_use_id: null });
const used = (id, content, more = {}, toolUseResult) =>
  write({ type: "user", message: { content: [{ type: "tool_result", tool_use_id: id, content, ...more }] }, tool_use_result: toolUseResult });
/** Text as it comes: in pieces, then whole. */
function speak(text, kind = "text") {
  event({ type: "message_start", message: { id: "m1", usage: TOKENS } });
  event({ type: "content_block_start", index: 0, content_block: { type: kind, [kind]: "" } });
  for (const piece of text.match(/.{1,8}/gsu) ?? []) event({ type: "content_block_delta", index: 0, delta: { type: `${kind}_delta`, [kind]: piece } });
  write({ type: "assistant", message: { id: "m1", content: [{ type: kind, [kind]: text }], usage: TOKENS }, parent_tool_use_id: null });
  event({ type: "content_block_stop", index: 0 });
  event({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 7 } });
}
function answer(text) {
  speak(text);
  result(text);
}
/** An error of the model's API, as a success that is none. */
function apiError(status, code, text) {
  write({ type: "assistant", message: { id: "s", model: "<synthetic>", content: [{ type: "text", text }] }, error: code });
  result(text, { is_error: true, api_error_status: status, total_cost_usd: 0, modelUsage: {}, usage: { input_tokens: 0, output_tokens: 0 } });
  process.exitCode = 1;
}
function ask(request) {
  const id = `r${++requests}`;
  write({ type: "control_request", request_id: id, request });
  return new Promise((done) => pending.set(id, done));
}
const mayUse = (id, name, input) => ask({ subtype: "can_use_tool", tool_name: name, tool_use_id: id, input, permission_suggestions: [] });
const hook = (name, input) =>
  ask({ subtype: "hook_callback", callback_id: "permission", input: { hook_event_name: "PreToolUse", tool_name: name, tool_input: input } });
const end = (last) => process.stdout.write(last, () => process.exit());
const waitForEver = () => setInterval(() => undefined, 1_000_000);
function flood() {
  const line = `${JSON.stringify({ type: "stream_event", event: { type: "content_block_delta", delta: { type: "text_delta", text: "x".repeat(64 * 1024) } } })}\n`;
  while (process.stdout.write(line));
  process.stdout.once("drain", flood);
}
/** The waits the real one makes, but for the waiting. */
function retry(rest) {
  const [status, code, delay = "500"] = rest.split(" ");
  const again = (attempt) => {
    system("api_retry", { attempt, max_retries: 10, retry_delay_ms: Number(delay), error_status: Number(status) || null, error: code });
    if (attempt < 10) setImmediate(again, attempt + 1);
  };
  again(1);
}

const behaviours = {
  echo: (rest, line) => answer(line),
  reveal: () =>
    answer(
      JSON.stringify({
        environment: process.env,
        arguments: process.argv.slice(2),
        cwd: process.cwd(),
        servers: option("mcp-config") && JSON.parse(readFileSync(option("mcp-config"), "utf8")),
      }),
    ),
  fail: () => result("I cannot do that", { is_error: true }),
  hang: () => undefined,
  flood,
  die: () => process.stdout.write('{"type":"result","subtype":"suc', () => process.kill(process.pid, "SIGKILL")),
  half: () => end('{"type":"result","subtype":"success","result":"hal'),
  deep: () => end(`{"type":"result","subtype":"success","structured_output":${"[".repeat(100_000)}${"]".repeat(100_000)}}\n`),
  nul: () => result("a\u0000b"),
  twice: () => {
    result("first");
    result("other");
  },
  structured: () => result("in words", { structured_output: { found: 3 } }),
  think: () => {
    speak("Let me see, said the agent.", "thinking");
    answer("I have thought.");
  },
  whole: () => {
    write({ type: "assistant", message: { id: "w", content: [{ type: "text", text: "In one piece." }] }, parent_tool_use_id: null });
    result("In one piece.");
  },
  helper: () => {
    use("t1", "Agent", { description: "look around" });
    event({ type: "message_start", message: { id: "h1", usage: TOKENS } }, { parent_tool_use_id: "t1" });
    event({ type: "content_block_delta", delta: { type: "text_delta", text: "the helper's own words" } }, { parent_tool_use_id: "t1" });
    event({ type: "message_delta", usage: { output_tokens: 9 } }, { parent_tool_use_id: "t1" });
    used("t1", [{ type: "text", text: "It found nothing." }]);
    answer("Nothing there.");
  },
  edit: () => {
    const patch = { oldStart: 1, oldLines: 2, newStart: 1, newLines: 2, lines: [" alpha", "-beta", "+gamma", "\\ No newline at end of file"] };
    use("t1", "Edit", { file_path: "a.txt", old_string: "beta", new_string: "gamma" });
    used("t1", "The file was updated.", {}, { filePath: "/repo/a.txt", originalFile: "alpha\nbeta", structuredPatch: [patch] });
    use("t2", "Write", { file_path: "new.txt", content: "fresh" });
    used("t2", "Created.", {}, { type: "create", filePath: "new.txt", content: "fresh", structuredPatch: [], originalFile: null });
    use("t3", "Read", { file_path: "/none" });
    used("t3", "No such file.", { is_error: true }, "Error: No such file.");
    answer("Edited.");
  },
  file: () => {
    writeFileSync("report.md", "# Report");
    use("t1", "Write", { file_path: `${process.cwd()}/report.md`, content: "# Report" });
    used("t1", "Created.", {}, { type: "create", filePath: "report.md", content: "# Report", structuredPatch: [] });
    answer("Written.");
  },
  plan: () => {
    use("t1", "TodoWrite", {
      todos: [
        { content: "look", status: "completed" },
        { content: "do", status: "in_progress" },
      ],
    });
    used("t1", "ok");
    answer("Planned.");
  },
  tasks: () => {
    for (const [at, subject] of ["look", "do", "never mind"].entries()) {
      use(`t${at}`, "TaskCreate", { subject, description: subject });
      used(`t${at}`, "ok", {}, { task: { id: String(at), subject } });
    }
    use("u1", "TaskUpdate", { taskId: "0", status: "completed" });
    used("u1", "ok", {}, { success: true, taskId: "0" });
    use("u2", "TaskUpdate", { taskId: "2", status: "deleted" });
    used("u2", "ok", {}, { success: true, taskId: "2" });
    answer("Planned.");
  },
  /** may <tool> <JSON of its input>: asks whether it may; answers with what it was told. */
  may: async (rest) => {
    const [, name, input] = /^(\S+) (.*)$/.exec(rest);
    use("t1", name, JSON.parse(input));
    const told = await mayUse("t1", name, JSON.parse(input));
    used("t1", told.message ?? "done", told.behavior === "allow" ? {} : { is_error: true });
    const denials = told.behavior === "allow" ? [] : [{ tool_name: name, tool_use_id: "t1", tool_input: {} }];
    result(JSON.stringify(told), { permission_denials: denials });
  },
  hook: async (rest) => {
    const [, name, input] = /^(\S+) (.*)$/.exec(rest);
    result(JSON.stringify({ hello: hello ?? null, told: await hook(name, JSON.parse(input)) }));
  },
  strange: async () => result(JSON.stringify(await ask({ subtype: "mcp_message", server_name: "x", message: {} }))),
  denied: () => result("Done without it.", { permission_denials: [{ tool_name: "Bash", tool_use_id: "t9", tool_input: { command: "ls" } }] }),
  retry,
  api: (rest) => {
    const [status, code, ...text] = rest.split(" ");
    apiError(Number(status) || null, code, text.join(" "));
  },
  rejected: () => {
    write({ type: "rate_limit_event", rate_limit_info: { status: "rejected", resetsAt: 1_800_000_000, rateLimitType: "five_hour" } });
    apiError(429, "rate_limit", "You've hit your limit · resets 3pm (UTC)");
  },
  turns: () => {
    result(undefined, { subtype: "error_max_turns", is_error: true, errors: ["Reached maximum number of turns (1)"] });
    process.exitCode = 1;
  },
  cost: () => {
    speak("Dear.");
    const modelUsage = {
      "claude-big": { inputTokens: 10, outputTokens: 5, costBasis: "list", cacheReadInputTokens: 100, cacheCreationInputTokens: 1, costUSD: 0.5 },
      "claude-small": { inputTokens: 2, outputTokens: 1 },
    };
    result("Dear.", { total_cost_usd: 0.51, modelUsage, usage: { input_tokens: 10, output_tokens: 5 } });
  },
  /** As newer versions: the sums go on from earlier attempts, and what came since is beside them. */
  since: () => {
    for (const since of [0.5, 0.25])
      result("Dear.", {
        total_cost_usd: 9 + since,
        modelUsage: { big: { inputTokens: 9_000, outputTokens: 900, costUSD: 9 + since } },
        model_usage_since_last_result: { big: { inputTokens: since * 400, outputTokens: since * 40, costUSD: since, costBasis: "list" } },
      });
  },
  noise: () => makeNoise(process.stderr, `${"x".repeat(64 * 1024 - 1)}\n`, () => result("heard")),
  lie: (rest) => {
    const tellings = toldBy(rest);
    event({ type: "message_start", message: { id: "m1", usage: TOKENS } });
    for (const { input, output } of tellings) event({ type: "message_delta", usage: { input_tokens: input, output_tokens: output } });
    const { input, output, money } = tellings.at(-1);
    result("told", { total_cost_usd: money, modelUsage: { "claude-big": { inputTokens: input, outputTokens: output, costUSD: money } } });
  },
  unpriced: () => result("Dear.", { total_cost_usd: 0.5, modelUsage: { "gpt-5": { inputTokens: 10, outputTokens: 5, costUSD: 0.5 } } }),
  /** Answers while a helper works on, which then wants something, and answers again. */
  later: () => {
    system("task_started", { task_id: "h1", task_type: "local_agent" });
    result("A helper is on it.");
    const goOn = async () => {
      const told = await mayUse("t1", "Bash", { command: "ls" });
      system("task_notification", { task_id: "h1", status: "completed" });
      answer(`The helper was told: ${told.behavior}.`);
    };
    setImmediate(() => void goOn());
  },
  slow: () => {
    event({ type: "message_start", message: { id: "m1", usage: TOKENS } });
    event({ type: "message_delta", usage: { output_tokens: 7 } });
    waitForEver();
  },
  stubborn: () => {
    process.on("SIGTERM", () => undefined);
    keepsGoing = true;
    speak("No.");
    waitForEver();
  },
  /** Has answered, and does not end. */
  linger: () => {
    keepsGoing = true;
    result("Done.");
    waitForEver();
  },
  junk: () => {
    write("npm warn something on the way\n\n{}\n[1]\nnull\n");
    write({ type: "from_the_future", payload: { deep: [1, 2, 3] } });
    write({ type: "system", subtype: 7, attempt: "one" });
    write({ type: "assistant", message: { content: "not blocks" } });
    write({ type: "assistant", message: { content: [7, { type: 7 }, { type: "text", text: 7 }, { type: "tool_use", name: 7, input: "no" }] } });
    write({ type: "user", message: { content: [{ type: "tool_result", tool_use_id: "nobody's", content: { a: 1 } }] } });
    write({ type: "stream_event", event: { type: "content_block_delta", delta: "none" } });
    write({ result: "Still here.", type: "result", usage: "unknown", total_cost_usd: "much", modelUsage: [], permission_denials: "none" });
  },
  longline: () => {
    const piece = "x".repeat(1024 * 1024);
    const more = () => {
      while (process.stdout.write(piece));
      process.stdout.once("drain", more);
    };
    write('{"type":"result","result":"');
    more();
  },
  exit: (rest) => {
    process.stderr.write(`${rest}\n`);
    process.exit(3);
  },
  /** What was said in this conversation before. */
  recall: () =>
    answer(
      JSON.stringify(
        readFileSync(fileOf(sessionId), "utf8")
          .trim()
          .split("\n")
          .slice(0, -1)
          .map((line) => JSON.parse(line)),
      ),
    ),
};

let keepsGoing = false;
let hello;
function open() {
  const resumed = option("resume");
  mkdirSync(folder, { recursive: true });
  if (resumed === undefined) return true;
  if (existsSync(fileOf(resumed))) return copyFileSync(fileOf(resumed), fileOf(sessionId)) ?? true;
  process.stderr.write(`No conversation found with session ID: ${resumed}\n`);
  write({ type: "result", subtype: "error_during_execution", is_error: true, num_turns: 0, errors: [] });
  process.exitCode = 1;
  return false;
}
function take(message) {
  if (message.type === "control_response") return pending.get(message.response.request_id)?.(message.response.response ?? message.response);
  if (message.type === "control_request" && message.request.subtype === "initialize") {
    hello = message.request;
    return write({ type: "control_response", response: { subtype: "success", request_id: message.request_id, response: {} } });
  }
  if (message.type === "control_request" && message.request.subtype === "interrupt" && !keepsGoing) {
    write({ type: "control_response", response: { subtype: "success", request_id: message.request_id } });
    result(undefined, { subtype: "error_during_execution", is_error: true, total_cost_usd: 0, usage: { input_tokens: 0, output_tokens: 0 }, modelUsage: {} });
    return process.exit(1);
  }
  if (message.type !== "user") return undefined;
  system("init", { cwd: process.cwd(), tools: ["Bash"] });
  const text = message.message.content[0].text;
  appendFileSync(fileOf(sessionId), `${JSON.stringify(text.split("\n")[0])}\n`);
  const known = new RegExp(`^(${Object.keys(behaviours).join("|")})( .*)?$`, "mu").exec(text);
  const [line, word, rest = ""] = known ?? [text, "echo"];
  return behaviours[word](rest.trim(), line);
}

if (process.argv.includes("--version")) process.stdout.write("9.9.9 (Fake)\n");
else if (open())
  createInterface({ input: process.stdin })
    .on("line", (line) => take(JSON.parse(line)))
    .on("close", () => keepsGoing || setImmediate(end, ""));
