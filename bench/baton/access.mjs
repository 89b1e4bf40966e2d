// What it costs to know who asks, whether they may, and to keep it in the audit log: a server here with its own door, and beside it a second door to
// the same rooms that asks nobody and keeps nothing. The load is in a process of its own.
import { runApart } from "../harness/child.mjs";
import { importBuilt } from "./built.mjs";
import { startBaton } from "./start.mjs";

const USER = { name: "ada", password: "a password that is long" };

/** @returns by way (`none`, `key`, `token`, `cookie`): `{read, change}` ms of each request, `perSecond` of readings on 50 connections */
export async function access({ place, ...load }) {
  const baton = await startBaton(place, undefined, { passwordCost: 2 ** 10, rateLimit: { max: 10_000_000, windowMs: 10_000 } });
  const open = await openUnguarded(baton.world);
  const post = async (path, body) => {
    const answer = await fetch(`${baton.url}/api/v1${path}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return answer;
  };
  await post("/users", { ...USER, role: "user" });
  const { key } = await (await post("/auth/keys", { name: "bench", role: "user" })).json();
  const { accessToken } = await (await post("/auth/token", USER)).json();
  const [cookie] = (await post("/auth/login", USER)).headers.getSetCookie()[0].split(";");
  const ways = {
    none: { url: open.address, headers: {} },
    key: { url: baton.url, headers: { authorization: `Bearer ${key}` } },
    token: { url: baton.url, headers: { authorization: `Bearer ${accessToken}` } },
    cookie: { url: baton.url, headers: { cookie, origin: baton.url, "sec-fetch-site": "same-origin" } },
  };
  const result = await runApart({ file: "baton/access-load.mjs", verb: "load", params: { ways, ...load } });
  await open.close();
  await baton.stop();
  return result;
}

async function openUnguarded(world) {
  const [{ openHttp }, { toHandlers }] = await Promise.all([importBuilt("api/http.js"), importBuilt("api/handlers.js")]);
  const refuse = () => Promise.reject(new Error("Nobody is behind this door."));
  const http = await openHttp({
    handlers: toHandlers({ ...world, publicUrl: undefined, testConnection: refuse, detect: refuse, onPush: refuse, version: "bench" }),
    events: world.events,
    hub: {},
    monitor: {},
    mail: {},
    tools: {},
    dialin: {},
    requests: { take: () => undefined },
    config: { ...world.config, port: 0, requireAuth: false },
    log: world.log.child({}, { level: "error" }),
    newId: world.newId,
    version: "bench",
  });
  await http.listen();
  return http;
}
