// Notices: people who do not look are told of what needs them, by Web Push. Who is told is a row for each browser, with how far in the log it was told;
// of several servers one at a time takes such a row, sends what came since, and moves it on once the push service has taken it: cut off between the two
// the browser is told again, and shows the same tag once. Between two notices a browser is left in peace: what comes meanwhile is told as one.
import { type Notice, type PushSubscription, type PushSubscriptionInput, Refusal, toNotice } from "@baton/contract";
import { EVERYWHERE, findPerson, type Identity, isLoopback } from "../access/access.ts";
import type { Clock } from "../std/clock.ts";
import { iso, isoOrNull } from "../std/clock.ts";
import { openFlood } from "../std/flood.ts";
import type { Log } from "../std/log.ts";
import type { Seal } from "../std/seal.ts";
import type { Db } from "../store/db.ts";
import { encryptPush, makeVapidKey, signPush, type VapidKey } from "./encrypt-push.ts";
import * as rows from "./push-rows.ts";

export interface Posted {
  status: number;
  retryAfterMs: number | undefined;
}
export interface NoticesWorld {
  db: Db;
  clock: Clock;
  newId(): string;
  log: Log;
  seal: Seal;
  /** By the guard that every outgoing call passes. @throws Refusal `unsafe_endpoint`; Error when nobody answers in time. */
  post(url: string, headers: Readonly<Record<string, string>>, body: Buffer): Promise<Posted>;
  /** Whether what a fact is about is there for who acts in these projects. */
  sees(scope: Identity["scope"], event: rows.Noticed["event"]): Promise<boolean>;
  /** Whether people have to say who they are. */
  requireAuth: boolean;
  contact: string | undefined;
  pollMs: number;
}
export interface Notices {
  publicKey(): Promise<string>;
  list(who: Identity): Promise<PushSubscription[]>;
  /** @throws Refusal `conflict`, `unsafe_endpoint`, `bad_input` also when the browser cannot be reached, `too_many_requests`. */
  subscribe(who: Identity, input: PushSubscriptionInput): Promise<PushSubscription>;
  /** @throws Refusal `not_found` */
  unsubscribe(who: Identity, id: string): Promise<void>;
  close(): Promise<void>;
}
const MOST_OF_ONE = 20;
const MOST = 5000;
const AT_ONCE = 20;
const READ_AT_ONCE = 200;
const TOLD_AT_ONCE = 4;
/** Others keep away so long from a browser that is being told. */
const CLAIM_MS = 60_000;
const PEACE_MS = 5000;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** About two days of trying. */
const MOST_FAILURES = 50;
/** How long a push service keeps it for a device that is off. */
const KEPT_S = 86_400;
const HELLO: Notice = {
  title: "Notifications are on",
  body: "You are told here when a question waits for you, a task fails, or work trees overlap.",
  url: "/settings",
  tag: "notices-on",
};
/** 404 and 410: the browser does not want it any more. */
const isGone = ({ status }: Posted): boolean => status === 404 || status === 410;
const isTaken = ({ status }: Posted): boolean => status >= 200 && status < 300;

export function openNotices(world: NoticesWorld): Notices {
  const { db, clock } = world;
  const asked = openFlood(world, { what: "subscriptions", perSecond: 1 / 30, burst: 30 });
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let looking = Promise.resolve();

  async function send(browser: { endpoint: string; p256dh: string; auth: string }, notice: Notice): Promise<Posted> {
    const body = encryptPush(JSON.stringify(notice), browser);
    const authorization = await signPush(await keyOf(world), browser.endpoint, clock.now(), world.contact);
    const headers = { authorization, ttl: String(KEPT_S), urgency: "high", "content-encoding": "aes128gcm", "content-type": "application/octet-stream" };
    return world.post(browser.endpoint, headers, body);
  }
  async function tell(row: rows.SubscriptionRow): Promise<void> {
    const now = clock.now();
    if (!(await db.transaction((tx) => rows.claim(tx, row, now, now + CLAIM_MS)))) return;
    const who =
      row.user_id === null ? (world.requireAuth ? undefined : { scope: EVERYWHERE, rights: ["approval.decide"] }) : await findPerson(world, row.user_id);
    if (who === undefined) return void (await db.transaction((tx) => rows.deleteSubscription(tx, row.id)));
    const noticed = await rows.selectNoticeable(db, row.seen_seq, READ_AT_ONCE);
    const notices: Notice[] = [];
    for (const { event, title, isOver } of noticed) {
      const mayAnswer = event.type !== "approval.opened" || who.rights.some((right) => right === "approval.decide");
      const notice = isOver || !mayAnswer || !(await world.sees(who.scope, event)) ? undefined : toNotice(event, title?.slice(0, 200));
      if (notice) notices.push(notice);
    }
    const seen = { ...row, seen_seq: noticed.at(-1)?.event.seq ?? row.seen_seq };
    const [first] = notices;
    if (first === undefined) return void (await db.transaction((tx) => rows.settle(tx, seen)));
    await settle(row, seen, await send(row, cut(notices.length === 1 ? first : toOne(notices))).catch((error: unknown) => toReason(error)));
  }
  async function settle(row: rows.SubscriptionRow, seen: rows.SubscriptionRow, posted: Posted | string): Promise<void> {
    const now = clock.now();
    const isOver = typeof posted !== "string" && isGone(posted);
    if (typeof posted !== "string" && isTaken(posted)) {
      await db.transaction((tx) => rows.settle(tx, { ...seen, next_at: now + PEACE_MS, failures: 0, failure: null, last_sent_at: now }));
    } else if (isOver || row.failures >= MOST_FAILURES) {
      await db.transaction((tx) => rows.deleteSubscription(tx, row.id));
      world.log.info({ browser: row.label, reason: reasonOf(posted) }, "a browser is told nothing more: it is gone");
    } else {
      const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(row.failures, 10));
      const wait = Math.max(pause, typeof posted === "string" ? 0 : Math.min(posted.retryAfterMs ?? 0, 24 * LONGEST_PAUSE_MS));
      await db.transaction((tx) => rows.settle(tx, { ...row, next_at: now + wait, failures: row.failures + 1, failure: reasonOf(posted) }));
    }
  }
  async function look(): Promise<void> {
    try {
      await Promise.all((await rows.selectDue(db, clock.now(), AT_ONCE)).map(tell));
    } catch (error) {
      world.log.warn({ error: String(error) }, "browsers could not be told what happened; the next look follows");
    }
    if (!stopped) timer = setTimeout(begin, world.pollMs);
  }
  function begin(): void {
    looking = look();
  }
  begin();
  return {
    publicKey: async () => (await keyOf(world)).publicKey,
    list: async (who) => (await rows.selectSubscriptions(db, await ownerOf(world, who))).map(toSubscription),
    subscribe: async (who, { endpoint, keys, label }) => {
      const owner = await ownerOf(world, who);
      await asked.take(who.name);
      refuseOpen(endpoint);
      const { own, all } = await rows.selectCounts(db, owner, endpoint);
      if (own >= MOST_OF_ONE) throw new Refusal("conflict", `You have ${MOST_OF_ONE} browsers that are told already. Remove one of them first.`);
      if (all >= MOST) throw new Refusal("conflict", `This installation tells ${MOST} browsers already, and no more.`);
      refuseUnreached(endpoint, await send({ endpoint, ...keys }, HELLO).catch(refuseKey));
      const now = clock.now();
      const login_id = who.by !== undefined && "login" in who.by ? who.by.login : null;
      const row = { id: world.newId(), user_id: owner, login_id, endpoint, ...keys, label, next_at: now, last_sent_at: now, created_at: now };
      return toSubscription(await db.transaction((tx) => rows.putSubscription(tx, row)));
    },
    unsubscribe: async (who, id) => {
      const owner = await ownerOf(world, who);
      if (!(await db.transaction((tx) => rows.deleteOwnSubscription(tx, owner, id))))
        throw new Refusal("not_found", `You have no push subscription ${id}. GET /api/v1/push/subscriptions lists yours.`);
    },
    close: async () => {
      stopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
}
/** Made when it is first asked for; of servers that ask at once, all take the one that was stored. */
async function keyOf({ db, clock, seal }: NoticesWorld): Promise<VapidKey> {
  const found = await rows.selectKey(db);
  if (found) return { publicKey: found.public_key, privateKey: seal.open(found.private_key) };
  const made = makeVapidKey();
  await db.transaction((tx) => rows.insertKey(tx, { public_key: made.publicKey, private_key: seal.seal(made.privateKey) }, clock.now()));
  const { public_key, private_key } = (await rows.selectKey(db)) as NonNullable<Awaited<ReturnType<typeof rows.selectKey>>>;
  return { publicKey: public_key, privateKey: seal.open(private_key) };
}
/** @returns null where nobody is asked who they are. @throws Refusal `conflict` for programs. */
async function ownerOf(world: NoticesWorld, who: Identity): Promise<string | null> {
  if (who.kind === "local") return null;
  const person = who.kind === "user" ? await findPerson(world, who.name) : undefined;
  if (person === undefined) throw new Refusal("conflict", `${who.name} is no user, and only people are told. Log in with a name and a password.`);
  return person.id;
}
function refuseOpen(endpoint: string): void {
  const { protocol, hostname } = new URL(endpoint);
  if (protocol === "https:" || isLoopback(hostname.replace(/^\[|\]$/g, ""))) return;
  const message = "must be https";
  throw new Refusal("bad_input", `body.endpoint ${message}.`, { issues: [{ path: "body.endpoint", message }] });
}
/** What went wrong before anything was sent: the browser's key is none, or its address is not to be called. */
function refuseKey(error: unknown): string {
  if (error instanceof Refusal) throw error;
  if ((error as { code?: unknown }).code !== "ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY") return toReason(error);
  const message = "is no point of the curve P-256";
  throw new Refusal("bad_input", `body.keys.p256dh ${message}.`, { issues: [{ path: "body.keys.p256dh", message }] });
}
function refuseUnreached(endpoint: string, posted: Posted | string): void {
  if (typeof posted !== "string" && isTaken(posted)) return;
  const message = `leads to ${new URL(endpoint).host}, which did not take a notice: ${reasonOf(posted)}`;
  throw new Refusal("bad_input", `body.endpoint ${message}`, { issues: [{ path: "body.endpoint", message }] });
}
const reasonOf = (posted: Posted | string): string => (typeof posted === "string" ? posted : `It answered ${posted.status}.`);
const toReason = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 300);
/** A push service takes 4 KiB. */
const cut = (notice: Notice): Notice => ({ ...notice, title: notice.title.slice(0, 150), body: notice.body.slice(0, 600) });
function toOne(notices: readonly Notice[]): Notice {
  const lines = notices.slice(0, TOLD_AT_ONCE).map(({ title, body }) => `${title}: ${body}`.slice(0, 140));
  const [first] = notices as [Notice, ...Notice[]];
  const isOnePlace = notices.every(({ url }) => url === first.url);
  return {
    title: `${notices.length === READ_AT_ONCE ? "More than " : ""}${notices.length} things need you`,
    body: lines.join("\n"),
    url: isOnePlace ? first.url : "/",
    tag: (notices.at(-1) as Notice).tag,
  };
}
const toSubscription = (row: rows.SubscriptionRow): PushSubscription => ({
  id: row.id,
  label: row.label,
  endpoint: row.endpoint,
  createdAt: iso(row.created_at),
  lastSentAt: isoOrNull(row.last_sent_at),
  failure: row.failure,
});
