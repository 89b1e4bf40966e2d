// A tiny HTTP agent for tests. The first word of the description says how it behaves; it ends when its stdin does.
// Says {"port": n} on stdout when it listens on 127.0.0.1. GET /open tells how many calls it is still working on.
import { createServer } from "node:http";
import { makeNoise, toldBy } from "./lies.mjs";

let open = 0;

const json = (response, status, body, headers = {}) => response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));

/** Writes until the other side hangs up. */
function flood(response) {
  const block = "x".repeat(64 * 1024);
  const write = () => {
    while (!response.destroyed && response.write(block));
    if (!response.destroyed) response.once("drain", write);
  };
  response.writeHead(200, { "content-type": "application/json" });
  response.write('{"result":"');
  write();
}

const behaviours = {
  echo: (call, response) => json(response, 200, { status: "success", result: call.description }),
  reveal: (call, response) => json(response, 200, { status: "success", result: call }),
  fail: (_, response) => json(response, 200, { status: "error", error: "I cannot do that" }),
  flag: (_, response) => json(response, 200, { status: "FAILED", result: "half done" }),
  bare: (_, response) => json(response, 200, { answer: 42 }),
  usage: (_, response) => json(response, 200, { result: "counted", usage: { prompt_tokens: 14, completion_tokens: 8 } }),
  status: (call, response) => json(response, Number(call.description.split(" ")[1]), { error: "as you asked" }, { "retry-after": "7" }),
  redirect: (_, response) => response.writeHead(302, { location: "http://169.254.169.254/" }).end(),
  text: (_, response) => response.writeHead(200, { "content-type": "text/plain" }).end("just words"),
  empty: (_, response) => response.writeHead(204).end(),
  deep: (_, response) => response.writeHead(200, { "content-type": "application/json" }).end(`${"[".repeat(100_000)}${"]".repeat(100_000)}`),
  nul: (_, response) => json(response, 200, { status: "success", result: "a\u0000b" }),
  hang: () => undefined,
  trickle: (_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const timer = setInterval(() => response.write(" "), 20);
    response.on("close", () => clearInterval(timer));
  },
  flood: (_, response) => flood(response),
  noise: (_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    makeNoise(response, " ".repeat(64 * 1024), () => response.end('{"result":"heard"}'));
  },
  lie: (call, response) => {
    const { input, output } = toldBy(call.description.split(" ")[1]).at(-1);
    json(response, 200, { result: "told", usage: { prompt_tokens: input, completion_tokens: output } });
  },
  die: (_, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
    response.write('{"status":"succ', () => response.socket.resetAndDestroy());
  },
  half: (_, response) => response.writeHead(200, { "content-type": "application/json" }).end('{"status":"succ'),
  twice: (_, response) => {
    const body = '{"status":"success","result":"first"}';
    const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    response.socket.end(head + body + head + body.replace("first", "other"));
  },
  garbage: (_, response) => response.socket.end("this is no HTTP\r\n\r\n"),
};

/** Finds the description wherever a mapping may have put it. */
const describe = (body, url) =>
  body?.description ?? body?.query ?? body?.inputs?.topic ?? body?.messages?.[0]?.content ?? body?.content?.description ?? url.searchParams.get("query") ?? "";

function answer(request, response, text) {
  const url = new URL(request.url, "http://agent");
  if (url.pathname === "/open") json(response, 200, { open });
  else if (url.pathname === "/health") json(response, 200, { status: "ok" });
  else if (url.pathname.startsWith("/health/")) json(response, Number(url.pathname.slice("/health/".length)), {});
  else work(request, response, url, text);
}

function work(request, response, url, text) {
  const body = text === "" ? undefined : JSON.parse(text);
  const call = { description: describe(body, url), method: request.method, url: request.url, headers: request.headers, body };
  open++;
  response.once("close", () => open--);
  const behave = behaviours[call.description.split(" ")[0]] ?? behaviours.echo;
  behave(call, response);
}

const server = createServer((request, response) => {
  let text = "";
  request.setEncoding("utf8");
  request.on("data", (chunk) => {
    text += chunk;
  });
  request.on("end", () => answer(request, response, text));
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`));
process.stdin.on("end", () => process.exit(0)).resume();
