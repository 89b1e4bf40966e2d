// What an agent that speaks the Agent Client Protocol should not do, down to what the worst ones do; part of acp-agent.mjs.
import { spawn } from "node:child_process";
import { makeNoise, toldBy } from "./lies.mjs";

const forEver = () => new Promise(() => undefined);
const MEGABYTE = "x".repeat(1_000_000);
const flood = (piece) => {
  const more = () => {
    while (process.stdout.write(piece));
    process.stdout.once("drain", more);
  };
  more();
  return forEver();
};
const line = (sessionId, update) => `${JSON.stringify({ jsonrpc: "2.0", method: "session/update", params: { sessionId, update } })}\n`;

/** On a word, with the words, the prompt's id, and the means to speak. */
export const misbehaviours = {
  flood: (_, __, { sessionId }) => flood(line(sessionId, { sessionUpdate: "agent_message_chunk", content: { type: "text", text: MEGABYTE.slice(0, 60_000) } })),
  gabble: (_, __, { sessionId }) => flood(line(sessionId, { sessionUpdate: "of_tomorrow", words: MEGABYTE })),
  babble: () => flood(`${MEGABYTE}\n`),
  longline: () => flood(MEGABYTE),
  noise: (_, __, { text }) =>
    new Promise((done) =>
      makeNoise(process.stderr, `${MEGABYTE.slice(0, 65_535)}\n`, () => {
        text("heard");
        done();
      }),
    ),
  lie: (words, _, { text, update }) => {
    const tellings = toldBy(words.split(" ")[1]);
    for (const { money } of tellings) update({ sessionUpdate: "usage_update", used: 1, size: 2, cost: { amount: money, currency: "USD" } });
    text("told");
    const { input, output } = tellings.at(-1);
    return { usage: { inputTokens: input, outputTokens: output, totalTokens: 7 } };
  },
  beg: (_, __, { permission, edit }) => {
    for (let n = 0; n < 1_000; n++) void permission(edit("a.txt", { kind: "execute" }));
    return forEver();
  },
  die: (_, __, { text }) => {
    text("hal");
    process.stderr.write("a long story\nand then it went wrong\n", () => process.kill(process.pid, "SIGKILL"));
    return forEver();
  },
  exit: (words) => {
    process.stderr.write(`${words.slice(5)}\n`, () => process.exit(3));
    return forEver();
  },
  half: () => {
    process.stdout.write('{"jsonrpc":"2.0","id":2,"result":{"stopRea', () => process.exit(0));
    return forEver();
  },
  deep: () => {
    process.stdout.write(`{"jsonrpc":"2.0","method":"session/update","params":${"[".repeat(100_000)}${"]".repeat(100_000)}}\n`);
    return forEver();
  },
  broken: () => {
    process.stdout.write('{"jsonrpc":"2.0","method":"session/update","params":{"sess\n');
    return forEver();
  },
  twice: (_, id, { text, answer }) => {
    text("first");
    answer(id, { stopReason: "end_turn" });
    text("other");
  },
  neither: (_, id, { write }) => {
    write({ jsonrpc: "2.0", id });
    return forEver();
  },
  strange: async (_, __, { ask, notify, text, update, write }) => {
    process.stdout.write("Starting …\n[1,2]\n\n{ not JSON\n");
    write({ jsonrpc: "2.0", id: 4711, result: { stopReason: "refusal" } });
    write({ jsonrpc: "2.0", id: "2", error: { code: 1, message: "wrong id" } });
    notify("agent/of_tomorrow", { x: 1 });
    update({ sessionUpdate: "of_tomorrow", words: "?" });
    update({ sessionUpdate: "tool_call", title: "without an id" });
    update({ sessionUpdate: "agent_message_chunk", content: { type: "text", text: "of another" } }, "another");
    const { error } = await ask("terminal/create", { command: "ls" });
    text(`unshaken by ${error.code}`);
  },
  family: (_, __, { update }) => {
    const children = [spawn("sleep", ["300"], { stdio: "ignore" }), spawn("sleep", ["300"], { stdio: "ignore", detached: true })];
    for (const child of children) child.unref();
    update({ sessionUpdate: "tool_call", toolCallId: "f", title: JSON.stringify([process.pid, ...children.map((child) => child.pid)]) });
    return forEver();
  },
  stubborn: (_, __, { update }) => {
    process.on("SIGTERM", () => undefined);
    process.stdin.removeAllListeners("end");
    setInterval(() => undefined, 1_000_000);
    update({ sessionUpdate: "tool_call", toolCallId: "s", title: JSON.stringify([process.pid]) });
    return forEver();
  },
};
