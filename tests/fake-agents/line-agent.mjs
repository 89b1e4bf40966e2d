// A tiny agent for tests that lives in a terminal and is spoken to line by line. The first word of a line says how it behaves.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { makeNoise } from "./lies.mjs";

const PROMPT = "you> ";
const say = (text) => void process.stdout.write(`${text}\n`);
/** With --status each turn ends as one in a shell can: with a line that says how. */
const prompt = (status = 0) => process.stdout.write(process.argv.includes("--status") ? `[exit ${status}]\n${PROMPT}` : PROMPT);
let swallow = process.argv.includes("--swallow");
let working = false;

const behaviours = {
  echo: (line) => say(line),
  reveal: () => say(JSON.stringify({ environment: process.env, cwd: process.cwd() })),
  fail: () => {
    say("I cannot do that");
    return 1;
  },
  hang: () => true,
  brood: () => {
    say("I brood over it.");
    return true;
  },
  once: () => {
    const file = `${process.env.HOME}/tried`;
    const before = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    writeFileSync(file, `${process.pid}\n`, { flag: "a" });
    if (before.length === 0) return behaviours.brood();
    say(before[0] === String(process.pid) ? "the same" : "another");
  },
  spin: (line) => {
    const { user } = process.cpuUsage();
    const until = Date.now() + Number(line.split(" ")[1]);
    while (Date.now() < until);
    say(`${Math.round((process.cpuUsage().user - user) / 1000)}`);
  },
  stubborn: () => {
    process.removeAllListeners("SIGINT");
    process.on("SIGINT", () => undefined);
    process.on("SIGTERM", () => undefined);
    say("I do not listen.");
    return true;
  },
  flood: () => {
    const line = `${"x".repeat(8 * 1024)}\n`;
    const write = () => {
      while (process.stdout.write(line));
      process.stdout.once("drain", write);
    };
    write();
    return true;
  },
  // Colours and clears its line: much is written, and nothing is to be seen of it.
  noise: () => {
    say("Hear me.");
    makeNoise(process.stdout, "\u001b[31m\u001b[0m\r\u001b[K".repeat(4_000), () => undefined);
    return true;
  },
  die: () => void process.stdout.write("half a sen", () => process.exit(3)),
  twice: () => {
    say("first");
    prompt();
    setTimeout(() => say("other"), 0);
  },
  many: () => {
    for (let n = 1; n <= 300; n++) say(`line ${n}`);
  },
  wide: () => say("w".repeat(900)),
  slow: () => {
    say("working on it");
    setTimeout(() => {
      say("done");
      working = false;
      prompt();
    }, 400);
    return true;
  },
  child: () => {
    const child = spawn("sleep", ["1000"], { detached: true, stdio: "ignore" });
    say(`${process.pid} ${child.pid}`);
  },
  helper: () => {
    const child = spawn("sleep", ["1000"], { stdio: "ignore" });
    say(`${process.pid} ${child.pid}`);
  },
  tidy: (line) => {
    const file = `${process.env.HOME}/tidy`;
    writeFileSync(file, "in the middle");
    process.once("SIGTERM", () => setTimeout(() => (writeFileSync(file, "tidied up"), process.exit(0)), Number(line.split(" ")[1])));
    say(file);
  },
  memory: () => {
    const blocks = [];
    setInterval(() => blocks.push(Buffer.alloc(16 * 2 ** 20, 1)), 20);
    return true;
  },
};

process.on("SIGINT", () => {
  if (!working) return;
  working = false;
  say("^C interrupted");
  prompt();
});
createInterface({ input: process.stdin }).on("line", (line) => {
  if (swallow) {
    // As a screen that was just being drawn does: the line is still there, its end is lost.
    swallow = false;
    process.stdout.write(`\u001b[1A\r\u001b[2K${PROMPT}${line}`);
    pending = line;
    return;
  }
  const text = pending === "" ? line : pending;
  pending = "";
  const came = (behaviours[text.split(" ")[0]] ?? behaviours.echo)(text);
  working = came === true;
  if (!working) prompt(typeof came === "number" ? came : 0);
});
let pending = "";
say("A line-by-line agent. Say something.");
setTimeout(prompt, process.argv.includes("--late") ? 700 : 0);
