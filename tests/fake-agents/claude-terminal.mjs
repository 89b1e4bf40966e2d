// A tiny stand-in for Claude Code in a terminal: draws a prompt, tells its hooks what happens, and asks them for permission. The first word
// of a prompt says how it behaves; one that begins with ! it runs in a shell, as the real one does.
import { execSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const settings = JSON.parse(readFileSync(process.argv[process.argv.indexOf("--settings") + 1], "utf8"));
const session = process.argv.includes("--resume") ? process.argv[process.argv.indexOf("--resume") + 1] : `session-${process.pid}`;
/** Runs the hooks of an event as the real one does, and answers with what they said. */
function tell(event, fields = {}) {
  const input = JSON.stringify({ hook_event_name: event, session_id: session, cwd: process.cwd(), ...fields });
  const said = (settings.hooks[event] ?? []).flatMap(({ hooks }) => hooks.map(({ command }) => execSync(command, { input, encoding: "utf8" })));
  return said.join("") === "" ? {} : JSON.parse(said.join(""));
}
const write = (text) => process.stdout.write(text);
const prompt = () => write("\r\n❯ ");
const say = (text) => write(`\r\n● ${text}`);
let typed = "";
let working = false;
let calls = 0;

function end(text) {
  say(text);
  tell("Stop", { last_assistant_message: text });
  working = false;
  prompt();
}
const behaviours = {
  write: ([, path]) => {
    const call = { tool_name: "Write", tool_input: { file_path: path, content: "written" } };
    const tool_use_id = `call-${++calls}`;
    tell("PreToolUse", { ...call, tool_use_id });
    const { decision } = tell("PermissionRequest", call).hookSpecificOutput ?? {};
    if (decision?.behavior !== "allow") return end(decision?.message ?? "not answered");
    writeFileSync(path, "written");
    tell("PostToolUse", { ...call, tool_use_id });
    end("It is written.");
  },
  hang: () => write("\r\nThinking … esc to interrupt"),
  deaf: () => {
    process.stdin.removeAllListeners("data");
    write("\r\nThinking … esc to interrupt");
  },
  fail: () => {
    tell("StopFailure", { error: "rate_limit", last_assistant_message: "You've hit your limit, try again in 2 hours" });
    working = false;
    prompt();
  },
  broken: () => {
    tell("StopFailure", { error: "unknown", last_assistant_message: "API Error: 400" });
    working = false;
    prompt();
  },
  leave: () => process.exit(0),
  arguments: () => end(JSON.stringify(process.argv.slice(2))),
};
function submit() {
  const text = typed.trim();
  typed = "";
  if (text === "") return;
  working = true;
  if (text.startsWith("!")) return end(execSync(text.slice(1), { encoding: "utf8" }));
  tell("UserPromptSubmit", { prompt: text });
  const words = text.split(/\s+/);
  if (Object.hasOwn(behaviours, words[0])) behaviours[words[0]](words);
  else end(text);
}
process.stdin.setRawMode(true);
process.stdin.on("data", (data) => {
  // A paste is one piece, its line ends included.
  const [, pasted] = String(data).split("\u001b[200~");
  if (pasted !== undefined) {
    typed += pasted.replace("\u001b[201~", "").replaceAll("\r", "\n");
    write(`[Pasted ${typed.length} characters]`);
    return;
  }
  for (const key of String(data)) {
    if (key === "\r") submit();
    else if (key === "\u0003") typed = "";
    else if (key === "\u001b" && working) {
      working = false;
      write("\r\u001b[2K  ⎿  Interrupted");
      prompt();
    } else if (!working) {
      typed += key;
      write(key);
    }
  }
});
write("\u001b[?2004hA stand-in for Claude Code.");
tell("SessionStart", { source: "startup" });
prompt();
