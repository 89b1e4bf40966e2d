// This browser's subscription to notices that reach it while no page is open.
import type { Client } from "@baton/client";
import { canNotify } from "../shell/notices.ts";

export const canPush = (): boolean => canNotify() && "PushManager" in window;

/** Its endpoint, if it has one; whether the server still tells it, the server knows. */
export async function findEndpoint(): Promise<string | null> {
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription())?.endpoint ?? null;
}
/** @throws Refusal when the server cannot reach it; Error when the browser or its push service do not let it subscribe. */
export async function subscribe(client: Client): Promise<void> {
  const [{ publicKey }, { pushManager }] = [await client.getPushKey(), await navigator.serviceWorker.ready];
  // It may be one to another key, of a server that was here before.
  await (await pushManager.getSubscription())?.unsubscribe();
  const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
  const { endpoint = "", keys = {} } = made.toJSON();
  const { p256dh = "", auth = "" } = keys;
  await client.createPushSubscription({ body: { endpoint, keys: { p256dh, auth }, label: nameBrowser(navigator.userAgent) } });
}

const browsers = [
  [/Firefox|FxiOS/, "Firefox"],
  [/Edg/, "Edge"],
  [/OPR/, "Opera"],
  [/Chrom|CriOS/, "Chrome"],
  [/Safari/, "Safari"],
] as const;
const systems = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iPhone or iPad"],
  [/Windows/, "Windows"],
  [/Mac/, "macOS"],
  [/Linux|X11/, "Linux"],
] as const;
/** Such as “Firefox on Android”: for people, who know which of theirs that is. */
export function nameBrowser(userAgent: string): string {
  const nameIn = (table: readonly (readonly [RegExp, string])[]) => table.find(([mark]) => mark.test(userAgent))?.[1];
  return `${nameIn(browsers) ?? "A browser"} on ${nameIn(systems) ?? "a device"}`;
}
