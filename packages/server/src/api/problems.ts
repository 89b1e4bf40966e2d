// Whatever goes wrong at the HTTP door, as one problem document (RFC 9457): refusals as they are, the framework's own
// errors in the contract's words, and bugs without their insides, under a number that the log knows.
import type { Duplex } from "node:stream";
import { REFUSALS, Refusal, type RefusalCode, toProblem } from "@baton/contract";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";

export const PROBLEM_TYPE = "application/problem+json; charset=utf-8";

export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const refusal = toRefusal(error, request);
  if (refusal.code === "unauthorized") reply.header("www-authenticate", 'Bearer realm="baton"');
  if (refusal.retryAfterSeconds !== undefined) reply.header("retry-after", String(refusal.retryAfterSeconds));
  const instance = refusal.code === "internal" ? `urn:baton:request:${request.id}` : undefined;
  return reply
    .status(refusal.status)
    .header("content-type", PROBLEM_TYPE)
    .send(JSON.stringify(toProblem(refusal, instance)));
}

/** Refusals by the framework's own error codes; `undefined` keeps the message the framework gives. */
const FRAMEWORK: Record<string, readonly [RefusalCode, string | undefined]> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ["unsupported_media", "Send the body as application/json."],
  FST_ERR_CTP_BODY_TOO_LARGE: ["too_large", undefined],
  FST_ERR_CTP_INVALID_JSON_BODY: ["bad_input", "The body is not JSON."],
  FST_ERR_CTP_EMPTY_JSON_BODY: ["bad_input", "The body is empty."],
  FST_ERR_HANDLER_TIMEOUT: ["unavailable", "This took too long and was given up; what was begun may still complete."],
  FST_ERR_BAD_URL: ["bad_input", "The path is not a valid URL."],
  FST_ERR_MAX_PARAM_LENGTH: ["bad_input", "A part of the path is too long."],
};

function toRefusal(error: unknown, request: FastifyRequest): Refusal {
  if (error instanceof Refusal) return error;
  const { code = "", statusCode = 500, message = "" } = error as Partial<FastifyError>;
  const known = Object.hasOwn(FRAMEWORK, code) ? FRAMEWORK[code] : undefined;
  if (known) return new Refusal(known[0], known[1] ?? `${message}.`, withIssues(known[0], known[1] ?? message, OF_THE_PATH.has(code) ? "path" : "body"));
  if (error instanceof SyntaxError && statusCode === 400)
    return new Refusal("bad_input", "The body is not acceptable JSON.", withIssues("bad_input", message, "body"));
  if (statusCode >= 400 && statusCode < 500) return new Refusal(codeFor(statusCode), message);
  request.log.error({ err: error, reference: request.id, route: request.routeOptions.url }, "a request failed inside");
  return new Refusal("internal", `Something went wrong inside Baton. Its log knows this as ${request.id}.`);
}

const OF_THE_PATH = new Set(["FST_ERR_BAD_URL", "FST_ERR_MAX_PARAM_LENGTH"]);
const withIssues = (code: RefusalCode, message: string, path: "body" | "path") => (code === "bad_input" ? { issues: [{ path, message }] } : {});

const codeFor = (status: number): RefusalCode => (Object.keys(REFUSALS) as RefusalCode[]).find((code) => REFUSALS[code][0] === status) ?? "bad_input";

/** For what is not even HTTP, or too big a head: there is no request yet, so the answer is written by hand. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "ECONNRESET" || socket.destroyed || !socket.writable) return void socket.destroy();
  const [line, code, detail] = BROKEN[error.code ?? ""] ?? NOT_HTTP;
  answerSocket(socket, line, new Refusal(code, detail));
}
/** Before anything came over it. */
export function refuseSocket(socket: Duplex, code: RefusalCode, detail: string): void {
  const [status, title] = REFUSALS[code];
  answerSocket(socket, `${status} ${title}`, new Refusal(code, detail));
}
function answerSocket(socket: Duplex, line: string, refusal: Refusal): void {
  const status = Number(line.slice(0, 3));
  const body = JSON.stringify({ ...toProblem(refusal), status, status_code: status });
  const head = `HTTP/1.1 ${line}\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n`;
  // Not only ended: who keeps a connection half open after that would keep it.
  socket.end(head + body, () => socket.destroy());
}
type Answered = readonly [line: string, code: RefusalCode, detail: string];
const NOT_HTTP: Answered = ["400 Bad Request", "bad_input", "This is not a valid HTTP request."];
const BROKEN: Record<string, Answered> = {
  HPE_HEADER_OVERFLOW: ["431 Request Header Fields Too Large", "too_large", "The head of the request is larger than 16 KiB."],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "bad_input", "The request did not arrive in time."],
};
