// A tool server that is a program: MCP over its stdin and stdout, bounded. It ends with the attempt it was started for.
import { deserializeMessage, type JSONRPCMessage, serializeMessage, type Transport } from "@modelcontextprotocol/client";
import { describeExit, type GuardedRun } from "../programs/programs.ts";
import { MAX_ANSWER_BYTES } from "./agent-text.ts";
import { type Failure, fail } from "./time-limit.ts";

const STDERR_TAIL = 4_096;
/** How long a server may take to end after its stdin did, before it is told to; then it has 1.5 s more. */
const LEAVE_MS = 300;
const NEWLINE = 0x0a;

export interface ProgramTransport extends Transport {
  /** Both tell the SDK that this is a local program, which it asks for its version in another way than one behind HTTP. */
  stderr: NodeJS.ReadableStream;
  pid: number | null;
}

/** @param faulty is told once why nothing more can come of it, when that is not an answer to a request. */
export function openProgramTransport(run: GuardedRun, faulty: (failure: Failure) => void): ProgramTransport {
  let pending: Buffer[] = [];
  let bytes = 0;
  let tail = "";
  let started = false;
  const transport: ProgramTransport = { start, send, close, stderr: run.stderr, pid: run.group ?? null };

  let delivered: Promise<void> = Promise.resolve();
  const deliver = async (line: string): Promise<void> => {
    try {
      const message = deserializeMessage(line);
      transport.onmessage?.(message);
      // The SDK looks at a notification a moment later, and by then forgets what an answer right behind it has settled.
      if (!("id" in message)) await new Promise((done) => setImmediate(done));
    } catch (error) {
      // Some servers print words to stdout. What begins like a message and is none was one, and its request would wait for ever.
      if (line.startsWith("{")) faulty(fail("invalid_response", `The tool server wrote a line that is no message (${reasonOf(error)}): ${line.slice(0, 200)}`));
    }
  };
  const take = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) {
      pending = [];
      faulty(fail("limit", `The tool server wrote more than ${MAX_ANSWER_BYTES / 2 ** 20} MiB in answer to one request.`));
      run.kill();
      return;
    }
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      pending.push(chunk.subarray(start, end));
      const line = Buffer.concat(pending).toString("utf8").trim();
      pending = [];
      start = end + 1;
      if (line !== "") delivered = delivered.then(() => deliver(line));
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
  };

  /** The SDK starts it once to ask for the version and once more to use it. */
  async function start(): Promise<void> {
    if (started) return;
    started = true;
    run.stdout.on("data", take);
    run.stderr.on("data", (chunk: Buffer) => {
      tail = (tail + chunk.toString("utf8")).slice(-STDERR_TAIL);
    });
    // What a server that has ended was still told is lost; that it ended is told below.
    for (const stream of [run.stdin, run.stdout, run.stderr]) stream.on("error", () => undefined);
    void run.ended.then(async ({ code, startError }) => {
      await delivered;
      const said = tail.trim() === "" ? "" : `: ${tail.trim()}`;
      const how = startError?.message ?? `The tool server ended with ${code === null ? "a signal" : describeExit(code)}${said}`;
      const half = Buffer.concat(pending).toString("utf8").trim();
      faulty(
        code === 0 && half.startsWith("{") ? fail("invalid_response", `${how}, in the middle of a message: ${half.slice(0, 200)}`) : fail("agent_error", how),
      );
      transport.onclose?.();
    });
  }
  async function send(message: JSONRPCMessage): Promise<void> {
    if (isRequest(message)) bytes = 0;
    run.stdin.write(serializeMessage(message));
  }
  async function close(): Promise<void> {
    run.stdin.end();
    const leaving = setTimeout(run.stop, LEAVE_MS);
    await run.ended;
    clearTimeout(leaving);
  }
  return transport;
}

export const isRequest = (message: JSONRPCMessage): boolean => "method" in message && "id" in message;
const reasonOf = (error: unknown): string => (error instanceof SyntaxError ? error.message : "its shape is unknown");
