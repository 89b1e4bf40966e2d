// What those who carry messages ask of many mailboxes at once: whose have something, and more time for what they have in hand.
import { extendHanded, selectReadyOf } from "./lane-rows.ts";
import type { MessagesWorld } from "./messages-world.ts";

const AT_ONCE = 1000;

/** Of these recipients, those that have something to be handed out. */
export async function listReady({ db }: MessagesWorld, recipientIds: readonly string[]): Promise<string[]> {
  const ready: string[] = [];
  for (let at = 0; at < recipientIds.length; at += AT_ONCE) ready.push(...(await selectReadyOf(db, recipientIds.slice(at, at + AT_ONCE))));
  return ready;
}
export async function extendInHand({ db, clock }: MessagesWorld, recipientIds: readonly string[], leaseMs: number): Promise<void> {
  for (let at = 0; at < recipientIds.length; at += AT_ONCE)
    await db.transaction((tx) => extendHanded(tx, recipientIds.slice(at, at + AT_ONCE), clock.now() + leaseMs));
}
