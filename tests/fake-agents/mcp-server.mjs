// A tool server for tests, on the official SDK: `stdio`, or `http` on 127.0.0.1, where it says {"port": n} and GET /open tells how many calls
// it is still working on. `old` as well: it speaks the older generation of the protocol only, and ends at a question it does not know.
// The tool `work` behaves as the first word of its description says; what no SDK would send is written by hand.
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { createMcpHandler, inputRequired, McpServer } from "@modelcontextprotocol/server";
import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { z } from "zod";
import { makeNoise } from "./lies.mjs";

const [mode = "stdio", age = "new"] = process.argv.slice(2);
const text = (words) => ({ content: [{ type: "text", text: words }] });
const forEver = (signal) => new Promise((done) => signal.addEventListener("abort", () => done(text("cancelled")), { once: true }));

const behaviours = {
  reveal: (_, context) =>
    text(
      JSON.stringify({
        environment: process.env,
        cwd: process.cwd(),
        arguments: process.argv.slice(2),
        headers: Object.fromEntries(context.http?.req?.headers ?? []),
      }),
    ),
  progress: async (_, { mcpReq }) => {
    const { _meta: meta } = mcpReq;
    const progressToken = meta?.progressToken;
    if (progressToken !== undefined)
      await mcpReq.notify({ method: "notifications/progress", params: { progressToken, progress: 1, total: 2, message: "half way" } });
    return text("done");
  },
  fail: () => ({ isError: true, ...text("I cannot do that") }),
  hang: (_, { mcpReq }) => forEver(mcpReq.signal),
  nul: () => text("a\u0000b"),
  exit: () => process.exit(3),
  complain: () => {
    process.stderr.write("out of paper\n");
    process.exit(4);
  },
  chatter: () => {
    if (mode === "stdio") process.stdout.write("just words, no message\n");
    return text("spoke");
  },
};

function makeServer() {
  const server = new McpServer({ name: "tools-for-tests", version: "1.0.0", title: "Tools for tests" }, { instructions: "Use them with care." });
  server.registerTool("work", { description: "Behaves as it is told.", inputSchema: z.object({ description: z.string() }) }, ({ description }, context) => {
    const behave = behaviours[description.split(" ")[0]] ?? (() => text(description));
    return behave(description, context);
  });
  server.registerTool(
    "add",
    {
      description: "Adds two numbers.",
      inputSchema: z.object({ a: z.number(), b: z.number() }),
      outputSchema: z.object({ sum: z.number() }),
      annotations: { readOnlyHint: true },
    },
    ({ a, b }) => ({ ...text(String(a + b)), structuredContent: { sum: a + b } }),
  );
  server.registerTool(
    "remove",
    { description: "Removes a file.", inputSchema: z.object({ path: z.string() }), annotations: { destructiveHint: true } },
    ({ path }) => text(`removed ${path}`),
  );
  server.registerTool("picture", { description: "Draws." }, () => ({
    content: [
      { type: "text", text: "Here it is." },
      { type: "image", data: "aGVsbG8=", mimeType: "image/png" },
      { type: "resource", resource: { uri: "file:///notes.md", mimeType: "text/markdown", text: "# Notes" } },
      { type: "resource_link", uri: "file:///large.bin", name: "large.bin" },
    ],
  }));
  server.registerTool("greet", { description: "Asks who is there." }, (context) => {
    const answer = context.mcpReq.inputResponses?.name;
    if (answer !== undefined) return text(JSON.stringify(answer));
    return inputRequired({
      inputRequests: {
        name: inputRequired.elicit({
          message: "Who is there?",
          requestedSchema: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
        }),
      },
    });
  });
  server.registerTool("think", { description: "Wants to use the model of who calls." }, () =>
    inputRequired({
      inputRequests: { thought: inputRequired.createMessage({ messages: [{ role: "user", content: { type: "text", text: "Think." } }], maxTokens: 10 }) },
    }),
  );
  server.registerResource("notes", "file:///notes.md", { description: "Some notes", mimeType: "text/markdown" }, async () => ({
    contents: [{ uri: "file:///notes.md", text: "# Notes" }],
  }));
  server.registerPrompt("review", { description: "Reviews something." }, () => ({
    messages: [{ role: "user", content: { type: "text", text: "Review it." } }],
  }));
  return server;
}

/** Written past the SDK. `out` takes text; `end` breaks off. */
const byHand = {
  flood: (out) => {
    const block = `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"${"x".repeat(64 * 1024)}"}}`;
    const write = () => {
      while (!out.isGone() && out.write(block));
      if (!out.isGone()) out.onDrain(write);
    };
    write();
  },
  noise: (out, id) => {
    const line = `: ${"x".repeat(64 * 1024)}\n\n`;
    makeNoise(out.aside, line, () => out.write(`{"jsonrpc":"2.0","id":${id},"result":{"resultType":"complete","content":[{"type":"text","text":"heard"}]}}`));
  },
  die: (out) => out.part('{"jsonrpc":"2.0","id":', () => out.die()),
  half: (out) => out.part('{"jsonrpc":"2.0","id":7,"resu', () => out.end()),
  deep: (out, id) =>
    out.write(
      `{"jsonrpc":"2.0","id":${id},"result":{"content":[],"resultType":"complete","structuredContent":{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}}}`,
    ),
  twice: (out, id) => {
    for (const word of ["first", "other"])
      out.write(`{"jsonrpc":"2.0","id":${id},"result":{"resultType":"complete","content":[{"type":"text","text":"${word}"}]}}`);
    out.end();
  },
  silent: (out) => out.end(),
  broken: (out) => out.write('{"jsonrpc":"2.0","id":'),
};
const handFor = (message) => (message.method === "tools/call" ? byHand[String(message.params?.arguments?.description).split(" ")[0]] : undefined);

if (mode === "http") startHttp();
else startStdio();

function startStdio() {
  const out = {
    write: (line) => process.stdout.write(`${line}\n`),
    aside: process.stderr,
    part: (piece, then) => process.stdout.write(piece, then),
    onDrain: (write) => process.stdout.once("drain", write),
    isGone: () => false,
    die: () => process.kill(process.pid, "SIGKILL"),
    end: () => process.exit(0),
  };
  const forSdk = new PassThrough();
  const transport = new StdioServerTransport(forSdk, process.stdout);
  createInterface({ input: process.stdin })
    .on("line", (line) => {
      const message = JSON.parse(line);
      if (message.method === "notifications/cancelled" && process.env.CANCELLED_FILE) writeFileSync(process.env.CANCELLED_FILE, message.params.reason);
      if (age === "old" && message.method === "server/discover") process.exit(1);
      const hand = handFor(message);
      if (hand === undefined) forSdk.write(`${line}\n`);
      else hand(out, message.id);
    })
    .on("close", () => process.exit(0));
  if (age === "old") void makeServer().connect(transport);
  else serveStdio(makeServer, { transport });
}

function startHttp() {
  let open = 0;
  const handle = toNodeHandler(createMcpHandler(makeServer));
  const serve = async (request, response) => {
    if (request.url === "/open") return response.end(JSON.stringify({ open }));
    if (request.url === "/locked") return response.writeHead(401).end();
    if (request.url === "/busy") return response.writeHead(503).end("too much to do");
    let body = "";
    for await (const chunk of request) body += chunk;
    const message = body === "" ? undefined : JSON.parse(body);
    if (message?.method === "tools/call") {
      open++;
      response.once("close", () => open--);
    }
    const hand = message === undefined ? undefined : handFor(message);
    if (hand === undefined) return handle(request, response, message);
    response.writeHead(200, { "content-type": hand === byHand.half ? "application/json" : "text/event-stream" });
    const out = {
      write: (line) => response.write(`data: ${line}\n\n`),
      aside: response,
      part: (piece, then) => response.write(piece, then),
      onDrain: (write) => response.once("drain", write),
      isGone: () => response.destroyed,
      die: () => response.socket.resetAndDestroy(),
      end: () => response.end(),
    };
    hand(out, message.id);
  };
  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, "127.0.0.1", () => process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`));
  process.stdin.on("end", () => process.exit(0)).resume();
}
