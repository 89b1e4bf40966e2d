// Starts a tool server that is a program and calls one of its tools, by hand: what a coding agent does with one it was handed.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** @returns the text of the answer */
export const callTool = (server, name, given) => (server.type === "http" ? callByHttp(server, name, given) : callProgram(server, name, given));

async function callByHttp({ url, headers }, name, given) {
  const own = Object.fromEntries(headers.map((one) => [one.name, one.value]));
  const ask = async (message) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...own, "content-type": "application/json", accept: "application/json, text/event-stream", "mcp-protocol-version": "2025-06-18" },
      body: JSON.stringify({ jsonrpc: "2.0", ...message }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${text}`);
    // One event, or the message itself.
    return text === "" ? undefined : JSON.parse(text.startsWith("{") ? text : (/^data: (.*)$/m.exec(text)?.[1] ?? "{}")).result;
  };
  await ask({ id: 1, method: "initialize", params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "fake", version: "1.0.0" } } });
  await ask({ method: "notifications/initialized" });
  return (await ask({ id: 2, method: "tools/call", params: { name, arguments: given } })).content[0].text;
}
async function callProgram({ command, args, env }, name, given) {
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
