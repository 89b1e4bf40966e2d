// One HTTP exchange exactly as given: no URL is normalised, no header is mended, and whoever does not answer in time has failed.
import { Agent, type IncomingHttpHeaders, request } from "node:http";

export const ANSWER_WITHIN_MS = 2000;
const connections = new Agent({ keepAlive: true });

export interface Sent {
  method: string;
  /** Path and query as they go on the wire. */
  path: string;
  headers?: Record<string, string>;
  body?: string | Buffer | undefined;
}
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** @throws Error when the whole answer is not there in time. */
export function exchange(url: string, sent: Sent): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const body = sent.body === undefined ? undefined : Buffer.from(sent.body);
  const framing = body === undefined ? {} : { "content-length": String(body.length) };
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => outgoing.destroy(new Error(`No answer to ${sent.method} ${sent.path.slice(0, 200)} within ${ANSWER_WITHIN_MS} ms.`)),
      ANSWER_WITHIN_MS,
    );
    const outgoing = request(
      { hostname, port, method: sent.method, path: sent.path, headers: { ...framing, ...sent.headers }, agent: connections },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", fail);
        incoming.on("end", () => {
          clearTimeout(late);
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text: Buffer.concat(chunks).toString() });
        });
      },
    );
    const fail = (error: Error): void => {
      clearTimeout(late);
      reject(error);
    };
    outgoing.on("error", fail);
    outgoing.end(body);
  });
}
