// Starts a tool server that is a program and calls one of its tools, by hand: what a coding agent does with one it was handed.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** @returns the text of the answer */
export async function callTool({ command, args, env }, name, given) {
  const own = Object.fromEntries(env.map((one) => [one.name, one.value]));
  const server = spawn(command, args, { env: { PATH: process.env.PATH, ...own }, stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const say = (message) => server.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const ask = async (id, method, params) => {
    say({ id, method, params });
    for (;;) {
      const { value, done } = await answers.next();
      if (done) throw new Error(`${command} ended.`);
      const message = JSON.parse(value);
      if (message.id === id) return message.result;
    }
  };
  await ask(1, "initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "fake", version: "1.0.0" } });
  say({ method: "notifications/initialized" });
  const result = await ask(2, "tools/call", { name, arguments: given });
  server.stdin.end();
  return result.content[0].text;
}
