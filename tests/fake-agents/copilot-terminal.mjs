// A tiny stand-in for GitHub Copilot in a terminal: draws a full screen with a prompt, asks in boxes with numbered answers, and writes its
// events into a file of its HOME. The first word of a prompt says how it behaves. --odd: it asks something else at its start.
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";

const id = process.argv[process.argv.indexOf("--session-id") + 1];
const folder = `${process.env.HOME}/.copilot/session-state/${id}`;
const WIDTH = 100;
const HEIGHT = 30;
const said = ["A stand-in for Copilot."];
let typed = "";
let box;
let working = false;
let asked = 0;
let escapes = 0;

function tell(type, data = {}) {
  mkdirSync(folder, { recursive: true });
  appendFileSync(`${folder}/events.jsonl`, `${JSON.stringify({ type, data, id: "x", timestamp: new Date().toISOString() })}\n`);
}
const framed = (text) => `│ ${text.padEnd(WIDTH - 4)} │`;
function draw() {
  const rule = "─".repeat(WIDTH);
  const lower = box
    ? [`╭${"─".repeat(WIDTH - 2)}╮`, framed(box.title), framed("─".repeat(WIDTH - 4)), ...box.text.map(framed), framed("")].concat(
        box.options.map((label, at) => framed(`${at === box.selected ? "❯" : " "} ${at + 1}. ${label}`)),
        [framed(""), framed("↑/↓ to navigate · enter to select · esc to cancel"), `╰${"─".repeat(WIDTH - 2)}╯`],
      )
    : [
        " /here",
        rule,
        `❯ ${typed.replaceAll("\n", " ")}`.trimEnd(),
        rule,
        working ? " ○ Working · esc esc interrupt" : " ← open sidebar · / commands · ? help",
      ];
  const upper = said.slice(-(HEIGHT - lower.length)).map((line) => ` ${line}`);
  const blank = Array.from({ length: HEIGHT - lower.length - upper.length }, () => "");
  const rows = [...upper, ...blank, ...lower];
  process.stdout.write(rows.map((row, at) => `\u001b[${at + 1};1H\u001b[2K${row}`).join(""));
}
function show(title, text, options, selected, answer) {
  box = { title, text, options, selected, answer };
  draw();
}
function end() {
  working = false;
  tell("assistant.turn_end", { turnId: "0" });
  draw();
}
function answer(text) {
  said.push(`● ${text}`);
  tell("assistant.message", { content: text });
  if (text.startsWith("miscount")) tell("session.usage_record", { usage: { inputTokens: -60, outputTokens: 5 } });
  tell("session.usage_record", { usage: { inputTokens: 100, outputTokens: 20 } });
  end();
}
/** Asks as the real one does, and tells of it. */
function ask(request, prompt, boxes, whenAllowed) {
  const requestId = `request-${++asked}`;
  const toolCallId = `call-${asked}`;
  tell("tool.execution_start", { toolCallId, toolName: request.kind === "shell" ? "bash" : "create", arguments: request.arguments });
  tell("permission.requested", { requestId, permissionRequest: { ...request, toolCallId }, promptRequest: prompt });
  const next = ([one, ...more]) => {
    show(...one, (label) => {
      const allowed = label?.startsWith("Yes") === true;
      if (allowed && more.length > 0) return next(more);
      if (label !== undefined && label !== "Yes") said.push(`chose ${label}`);
      tell("permission.completed", { requestId, toolCallId, result: { kind: allowed ? "approved" : "denied-interactively-by-user" } });
      tell("tool.execution_complete", { toolCallId, success: allowed, ...(allowed ? {} : { error: { code: "rejected" } }) });
      if (allowed) return whenAllowed();
      said.push("● Operation cancelled by user");
      tell("abort", { reason: "user_initiated" });
      end();
    });
  };
  next(boxes);
}
const YES_OR_NO = ["Yes", "Yes, and don't ask again", "No, and tell Copilot what to do differently (Esc to stop)"];
const behaviours = {
  write: ([, path]) => {
    const request = { kind: "write", intention: "Create file", fileName: path, arguments: { path } };
    ask(request, request, [["Create file", [`Do you want to create ${path}?`], YES_OR_NO, 0]], () => {
      writeFileSync(path, "written");
      answer("It is written.");
    });
  },
  shell: (words) => {
    const command = words.slice(1).join(" ");
    const request = { kind: "shell", intention: "Run it", fullCommandText: command, arguments: { command } };
    // It stands on another answer than the first, as the real one does.
    const path = ["Allow path access", ["│ /etc │", "Do you want to allow this?"], ["Yes", "Yes, and remember this path for this session", "No (Esc)"], 1];
    ask(request, { kind: "path", paths: ["/etc"] }, [path, ["Run command", [command], YES_OR_NO, 2]], () => answer(`It ran ${command}.`));
  },
  untold: () => show("Leave plan mode", ["Go on with it?"], ["Yes", "No"], 1, (label) => answer(label === "Yes" ? "It goes on." : "It stays.")),
  choice: () => show("Pick a colour", ["Which?"], ["Red", "Green"], 0, (label) => answer(`Picked ${label}.`)),
  hang: () => draw(),
  fail: () => {
    tell("session.error", { errorType: "query", message: "429 You've hit your limit, try again in 2 hours", statusCode: 429 });
    end();
  },
  leave: () => process.exit(0),
};
function submit() {
  const text = typed.trim();
  typed = "";
  if (text === "") return;
  working = true;
  said.push(`❯ ${text.split("\n")[0]}`);
  tell("user.message", { content: text });
  const words = text.split("\n")[0].split(/\s+/);
  draw();
  if (Object.hasOwn(behaviours, words[0])) behaviours[words[0]](words);
  else answer(text);
}
function press(key) {
  if (!box) return;
  if (key === "down") box.selected = Math.min(box.selected + 1, box.options.length - 1);
  if (key === "up") box.selected = Math.max(box.selected - 1, 0);
  const { answer: tellIt, options, selected } = box;
  if (key === "enter" || key === "escape") {
    box = undefined;
    draw();
    return tellIt(key === "enter" ? options[selected] : undefined);
  }
  draw();
}
process.stdin.setRawMode(true);
process.stdin.on("data", (data) => {
  const text = String(data);
  const keys = { "\r": "enter", "\u001b": "escape", "\u001b[A": "up", "\u001b[B": "down", "\u001bOA": "up", "\u001bOB": "down" };
  if (box) return press(keys[text] ?? "");
  const [, pasted] = text.split("\u001b[200~");
  if (pasted !== undefined) {
    typed += pasted.replace("\u001b[201~", "").replaceAll("\r", "\n");
    return draw();
  }
  if (text === "\u001b") {
    if (working && ++escapes === 2) {
      escapes = 0;
      tell("abort", { reason: "user_abort" });
      end();
    }
    return;
  }
  for (const key of text) {
    if (key === "\r") submit();
    else typed += key;
  }
  draw();
});
process.stdout.write("\u001b[?1049h\u001b[?2004h");
const trust = [
  "Confirm folder trust",
  [`│ ${process.cwd()} │`, "Do you trust the files in this folder?"],
  ["Yes", "Yes, and remember this folder for future sessions", "No (Esc)"],
  0,
];
if (process.argv.includes("--odd")) show("Log in", ["Who are you?"], ["Me", "Somebody"], 0, () => process.exit(1));
else if (process.argv.includes("--resumed")) draw();
else show(...trust, (label) => (label === "Yes" ? draw() : process.exit(2)));
