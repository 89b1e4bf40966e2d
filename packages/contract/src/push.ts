// Notices on people's devices by Web Push (RFC 8030), also while no page is open: what a browser subscribes with, and what it is told.
import { z } from "zod";
import type { Event } from "./event.ts";
import { httpUrl, instant, label } from "./json.ts";

/** So many bytes in base64url without padding. */
const bytes = (count: number) =>
  z.string().regex(new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((count * 4) / 3)}}$`), `must be ${count} bytes in base64url without padding`);

/** What `PushSubscription.toJSON()` says in a browser, and what its owner calls it. */
export const pushSubscriptionInput = z.strictObject({
  /** https, but on this machine. */
  endpoint: httpUrl,
  keys: z.strictObject({ p256dh: bytes(65), auth: bytes(16) }),
  label: label.default("A browser"),
});
export type PushSubscriptionInput = z.output<typeof pushSubscriptionInput>;
export const pushSubscription = z.object({
  id: z.string(),
  label: z.string(),
  endpoint: z.string(),
  createdAt: instant,
  lastSentAt: instant.nullable(),
  /** Why the last try did not reach it; null: it did. */
  failure: z.string().nullable(),
});
export type PushSubscription = z.infer<typeof pushSubscription>;
/** What browsers subscribe with: the uncompressed P-256 key by which this installation signs (VAPID, RFC 8292), in base64url. */
export const pushKey = z.object({ publicKey: z.string() });

/** What a service worker is told. `url`: where a click leads, on the page. */
export interface Notice {
  title: string;
  body: string;
  url: string;
  /** The same of the same: it is shown once, whoever tells of it. */
  tag: string;
}
const words = (value: unknown): string => (typeof value === "string" ? value : "");
/** Undefined: nobody needs to be disturbed. @param title of the task it is about */
export function toNotice({ seq, type, taskId, data }: Event, title?: string): Notice | undefined {
  const tag = `event-${seq}`;
  if (type === "approval.opened") return { title: "A question waits for you", body: words(data["title"]), url: "/inbox", tag };
  if (type === "task.failed") {
    const body = [title, words(data["detail"])].filter(Boolean).join(": ");
    return { title: "A task failed", body, url: `/tasks/${taskId}`, tag };
  }
  if (type !== "conflict.detected") return undefined;
  const files = Array.isArray(data["files"]) ? data["files"].map(words).join(", ") : "";
  return { title: "Two work trees overlap", body: files, url: "/workspaces", tag };
}
