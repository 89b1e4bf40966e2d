// What is hardly HTTP any more, byte by byte: answered with a problem document where there is somebody to answer, never a hang.
import { problem } from "@baton/contract";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ANSWER_WITHIN_MS } from "./exchange.ts";
import { type InhabitedServer, openInhabitedServer } from "./server.fixture.ts";

let server: InhabitedServer;
beforeAll(async () => {
  server = await openInhabitedServer();
});
afterAll(() => server.close());

/** Everything the server says until it hangs up or is silent for the rest of the time. */
function say(bytes: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let said = "";
    const late = setTimeout(() => socket.destroy(new Error(`Neither an answer nor an end within ${ANSWER_WITHIN_MS} ms; so far: ${said}`)), ANSWER_WITHIN_MS);
    socket.on("data", (chunk) => (said += String(chunk)));
    socket.on("error", reject);
    socket.on("close", () => {
      clearTimeout(late);
      resolve(said);
    });
    socket.write(bytes);
  });
}
const head = (line: string, ...headers: string[]): string => `${[line, "host: localhost", ...headers, "connection: close"].join("\r\n")}\r\n\r\n`;

const cases: [what: string, bytes: string | Buffer, status: number][] = [
  ["no HTTP at all", "hello\r\n\r\n", 400],
  ["bytes without meaning", Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x0d, 0x0a]), 400],
  ["a method nobody knows", head("DANCE /api/v1/tasks HTTP/1.1"), 400],
  ["a header of 20 KiB", head("GET /api/v1/tasks HTTP/1.1", `x-long: ${"x".repeat(20_000)}`), 431],
  ["a thousand headers", head("GET /api/v1/tasks HTTP/1.1", ...Array.from({ length: 1000 }, (_, at) => `x-${at}: ${"y".repeat(20)}`)), 431],
  ["a path of 20 KiB", head(`GET /api/v1/tasks/${"x".repeat(20_000)} HTTP/1.1`), 431],
  ["two lengths", head("POST /api/v1/tasks HTTP/1.1", "content-length: 2", "content-length: 3"), 400],
  [
    "a length and chunks",
    `${head("POST /api/v1/tasks HTTP/1.1", "content-type: application/json", "content-length: 4", "transfer-encoding: chunked")}0\r\n\r\n`,
    400,
  ],
  ["a chunk without size", `${head("POST /api/v1/tasks HTTP/1.1", "content-type: application/json", "transfer-encoding: chunked")}zz\r\n\r\n`, 400],
  ["another host's name", `GET /api/v1/tasks HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n`, 403],
  ["no host", "GET /api/v1/tasks HTTP/1.1\r\nconnection: close\r\n\r\n", 400],
  ["two hosts", head("GET /api/v1/tasks HTTP/1.1", "host: evil.example"), 400],
  ["a whole address for a path", head("GET http://localhost/api/v1/nothing HTTP/1.1"), 404],
  ["two slashes", head("GET //api/v1/tasks HTTP/1.1"), 404],
  ["dots in the path", head("GET /api/v1/../../etc/passwd HTTP/1.1"), 404],
  ["a proxy's request", head("CONNECT example.com:443 HTTP/1.1"), 0],
  ["an upgrade to something else", head("GET /api/v1/live HTTP/1.1", "upgrade: dance", "connection: upgrade"), 400],
];
test.each(cases)("%s", async (_, bytes, status) => {
  const answer = await say(bytes);
  if (status === 0) return expect(answer).toBe("");
  expect(answer).toContain(`HTTP/1.1 ${status} `);
  expect(answer.toLowerCase()).toContain("content-type: application/problem+json");
  const body = answer.slice(answer.indexOf("\r\n\r\n") + 4);
  expect(problem.parse(JSON.parse(body.slice(body.indexOf("{"), body.lastIndexOf("}") + 1))).status).toBe(status);
});

test("nothing of it was logged as a bug", () => expect(server.errors()).toBe(""));
