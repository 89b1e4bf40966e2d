// How the place where people log in is called: by the guard that every outgoing call passes, no further than a few redirects' worth of nothing, and bounded.
import { Refusal } from "@baton/contract";
import { fetch as send, Headers, type RequestInit } from "undici";
import { readText } from "../connectors/exchange.ts";
import { openOutbound, type OutboundSettings } from "../connectors/outbound.ts";

const MAX_ANSWER_BYTES = 1024 * 1024;

export interface IssuerFetch {
  fetch(url: string, init: { method: string; headers: Record<string, string>; body?: unknown; signal?: AbortSignal }): Promise<Response>;
  close(): Promise<void>;
}
/** The issuer was named by the operator, so it may be wherever it is; whatever it names in turn is judged like any other address. */
export function openIssuerFetch(issuer: string, settings: OutboundSettings): IssuerFetch {
  const outbound = openOutbound({ ...settings, hosts: [...(settings.hosts ?? []), new URL(issuer).hostname.replace(/^\[|\]$/g, "")] });
  return {
    fetch: async (url, { method, headers, body, signal }) => {
      const init: RequestInit = { method, headers, redirect: "manual", dispatcher: outbound.dispatcher, signal: signal ?? null };
      const answer = await send(url, { ...init, body: (body ?? null) as RequestInit["body"] & object });
      const read = answer.body === null ? "" : await readText(answer.body as never, MAX_ANSWER_BYTES);
      if (read === undefined) throw new Refusal("too_large", `${new URL(url).host} said more than ${MAX_ANSWER_BYTES} bytes.`);
      return new Response([204, 205, 304].includes(answer.status) ? null : read, { status: answer.status, headers: [...new Headers(answer.headers)] });
    },
    close: () => outbound.close(),
  };
}
