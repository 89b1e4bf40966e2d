// How push services are called: by the guard that every outgoing call passes, within a time, and of what they say only whether they took it.
import { request } from "undici";
import { openOutbound, type OutboundSettings } from "../connectors/outbound.ts";
import type { NoticesWorld } from "../notices/notices.ts";

const PATIENCE_MS = 20_000;
const MAX_ANSWER_BYTES = 64 * 1024;

export function openPushPost(settings: OutboundSettings): { post: NoticesWorld["post"]; close(): Promise<void> } {
  const outbound = openOutbound(settings);
  return {
    post: async (url, headers, body) => {
      await outbound.check(url);
      const answer = await request(url, { method: "POST", headers, body, dispatcher: outbound.dispatcher, signal: AbortSignal.timeout(PATIENCE_MS) });
      await answer.body.dump({ limit: MAX_ANSWER_BYTES });
      const seconds = Number(answer.headers["retry-after"] ?? Number.NaN);
      return { status: answer.statusCode, retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined };
    },
    close: () => outbound.close(),
  };
}
