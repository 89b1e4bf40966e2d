// The last calls the page made, for those who want to make them themselves: method, address, body, and what came of it.
import { type Observable, createObservable } from "../std/observable.ts";

export interface LoggedCall {
  n: number;
  at: number;
  method: string;
  path: string;
  body: string | undefined;
  status: number | "no answer";
  durationMs: number;
}
const KEPT = 100;

export interface CallLog {
  calls: Observable<readonly LoggedCall[]>;
  /** The same `fetch`, with what it sends written down. */
  watch(send: typeof globalThis.fetch): typeof globalThis.fetch;
}

export function openCallLog(): CallLog {
  const calls = createObservable<readonly LoggedCall[]>([]);
  let n = 0;
  return {
    calls,
    watch: (send) => async (url, init) => {
      const at = Date.now();
      const note = (status: LoggedCall["status"]) => {
        const { method = "GET", body } = init ?? {};
        const path = typeof url === "string" ? url : url instanceof URL ? url.pathname + url.search : url.url;
        const call = { n: ++n, at, method, path, body: typeof body === "string" ? body : undefined, status, durationMs: Date.now() - at };
        calls.set([call, ...calls.get().slice(0, KEPT - 1)]);
      };
      try {
        const response = await send(url, init);
        note(response.status);
        return response;
      } catch (error) {
        note("no answer");
        throw error;
      }
    },
  };
}

/** For a shell. The credential is named, never shown. */
export function toCurl({ method, path, body }: Pick<LoggedCall, "method" | "path" | "body">, needsKey: boolean): string {
  const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  return [
    `curl -X ${method} ${quote(window.location.origin + path)}`,
    ...(needsKey ? [`-H "authorization: Bearer $BATON_API_KEY"`] : []),
    ...(body === undefined ? [] : ["-H 'content-type: application/json'", `-d ${quote(body)}`]),
  ].join(" \\\n  ");
}
