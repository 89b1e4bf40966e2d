// A notice of the system when a question waits, or a task failed, while nobody looks at the page. Asked for in the settings, never by itself.
import type { Event } from "@baton/contract";
import { useEffect } from "react";
import { useWorld } from "../api/world.ts";

export const canNotify = (): boolean => "Notification" in window && "serviceWorker" in navigator;

export function useNotices(): void {
  const { recentEvents } = useWorld();
  useEffect(() => {
    let seen = recentEvents.get()[0]?.seq ?? 0;
    return recentEvents.subscribe(() => {
      const fresh = recentEvents.get().filter(({ seq }) => seq > seen);
      seen = fresh[0]?.seq ?? seen;
      if (document.visibilityState === "visible" || !canNotify() || Notification.permission !== "granted") return;
      for (const event of fresh.toReversed()) void tell(event);
    });
  }, [recentEvents]);
}

async function tell(event: Event): Promise<void> {
  const notice = toNotice(event);
  if (notice === undefined) return;
  const registration = await navigator.serviceWorker.ready;
  await registration.showNotification(notice.title, { body: notice.body, tag: notice.url, icon: "/icon-192.png", data: { url: notice.url } });
}

export function toNotice({ type, taskId, data }: Event): { title: string; body: string; url: string } | undefined {
  const detail = data["title"] ?? data["detail"] ?? data["reason"];
  const body = typeof detail === "string" ? detail : "";
  if (type === "approval.opened") return { title: "A question waits for you", body, url: "/inbox" };
  if (type === "task.failed") return { title: "A task failed", body, url: `/tasks/${taskId}` };
  return undefined;
}
