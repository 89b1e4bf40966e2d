// A tiny command-line agent for tests: reads its work from stdin; the first word of the description says how it behaves.
import { spawn } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { makeNoise, toldBy } from "./lies.mjs";

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const waitForEver = () => setInterval(() => undefined, 1_000_000);
/** Children that would outlive an ordinary parent: one in the group, one in a session of its own. */
function spawnChildren() {
  const options = { stdio: "ignore" };
  const children = [spawn("sleep", ["300"], options), spawn("sleep", ["300"], { ...options, detached: true })];
  for (const child of children) child.unref();
  return children.map((child) => child.pid);
}

const behaviours = {
  echo: (work) => say({ output: work.description }),
  reveal: (work) =>
    say({ output: { work, environment: process.env, arguments: process.argv.slice(2), cwd: process.cwd(), files: readdirSync("/proc/self/fd") } }),
  /** Says of the variable it is told how long it is and how it begins. */
  length: (work) => {
    const value = process.env[work.description.split(" ")[1]] ?? "";
    say({ output: { length: value.length, begins: value.slice(0, 7) } });
  },
  /** Says the variable it is told, in several ways. */
  tell: (work) => {
    const value = process.env[work.description.split(" ")[1]];
    say({ progress: { message: `I have ${value}` } });
    say({ output: { plain: value, inside: `<${value}>`, inJson: JSON.stringify({ value }), encoded: Buffer.from(value).toString("base64"), [value]: 1 } });
  },
  progress: () => {
    say({ progress: { fraction: 0.5, message: "half way" } });
    process.stderr.write("a line of the log\n");
    say({ output: "done" });
  },
  fail: () => say({ error: "I cannot do that" }),
  busy: () => say({ error: { kind: "unavailable", detail: "come back later" } }),
  exit: (work) => {
    process.stderr.write(`${"a long story ".repeat(1_000)}and then it went wrong\n`);
    process.exitCode = Number(work.description.split(" ")[1]);
  },
  hang: waitForEver,
  family: () => {
    say({ progress: { message: JSON.stringify([process.pid, ...spawnChildren()]) } });
    waitForEver();
  },
  orphans: () => say({ output: spawnChildren() }),
  stubborn: () => {
    process.on("SIGTERM", () => undefined);
    say({ progress: { message: JSON.stringify([process.pid]) } });
    waitForEver();
  },
  tidy: () => {
    process.on("SIGTERM", () => {
      process.stderr.write("tidied up\n");
      process.exit(0);
    });
    process.stderr.write("ready\n");
    waitForEver();
  },
  flood: () => {
    const line = `${"x".repeat(64 * 1024)}\n`;
    const write = () => {
      while (process.stdout.write(line));
      process.stdout.once("drain", write);
    };
    write();
  },
  noise: () => makeNoise(process.stderr, `${"x".repeat(64 * 1024 - 1)}\n`, () => say({ output: "heard" })),
  lie: (work) => {
    const { input, output, money } = toldBy(work.description.split(" ")[1]).at(-1);
    say({ output: "told", usage: { inputTokens: input, outputTokens: output }, cost: { amount: money, currency: "USD" } });
  },
  die: () => process.stdout.write('{"output": "hal', () => process.kill(process.pid, "SIGKILL")),
  half: () => {
    say({ note: "a line of JSON before the answer" });
    process.stdout.write('{"output": "hal');
  },
  deep: () => process.stdout.write(`${"[".repeat(100_000)}${"]".repeat(100_000)}\n`),
  nul: () => say({ output: "a\u0000b" }),
  twice: () => {
    say({ output: "first" });
    say({ output: "other" });
  },
  plain: () => process.stdout.write("Starting …\nJust words.\n"),
  bare: () => process.stdout.write('loading\n{\n  "answer": 42\n}\nnot the end\n[1,2]\nDone.\n'),
  pretty: () => process.stdout.write(`${JSON.stringify({ answer: 42 }, null, 2)}\n`),
  rich: () =>
    say({
      output: { found: 3 },
      artifacts: [{ name: "report.md", type: "report", content: "# Report" }],
      usage: { inputTokens: 10, outputTokens: 20 },
      cost: { amount: 0.01, currency: "USD" },
    }),
  wrong: () => say({ output: 1, artifacts: [{ name: 7 }] }),
  file: () => {
    writeFileSync("report.md", "# Written to a file");
    say({ output: "see the report", artifacts: [{ name: "report.md" }, { name: "../../../etc/hostname" }] });
  },
  memory: () => {
    const blocks = [];
    setInterval(() => blocks.push(Buffer.alloc(16 * 2 ** 20, 1)), 20);
  },
  spin: (work) => {
    const until = Date.now() + Number(work.description.split(" ")[1]);
    while (Date.now() < until);
    const { user, system } = process.cpuUsage();
    say({ output: (user + system) / 1_000 });
  },
  deaf: () => say({ output: "did not listen" }),
};

if (process.argv[2] === "deaf") behaviours.deaf();
else {
  let text = "";
  process.stdin.setEncoding("utf8");
  process.stdin.on("data", (chunk) => {
    text += chunk;
  });
  process.stdin.on("end", () => {
    const work = JSON.parse(text);
    (behaviours[work.description.split(" ")[0]] ?? behaviours.echo)(work);
  });
}
