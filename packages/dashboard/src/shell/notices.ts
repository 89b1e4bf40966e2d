// A notice of the system when something needs a person who does not look at the page. Asked for in the settings, never by itself.
// Where this browser subscribed to them (push.ts), the server tells of the same under the same tag, and it is shown once.
import { type Event, toNotice } from "@baton/contract";
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
  await registration.showNotification(notice.title, { body: notice.body, tag: notice.tag, icon: "/icon-192.png", data: { url: notice.url } });
}
