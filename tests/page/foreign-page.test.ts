// Pages of other origins in a real browser, whose visitor runs a server that demands no login: another site, another port of this very host, and a
// site whose name has come to mean this machine since its page was loaded (DNS rebinding). None of them reads or changes anything.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { LIVE_PATH, LIVE_PROTOCOL } from "@baton/contract";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { chromiumPath } from "../services.ts";
import { openStage, type Stage } from "./stage.fixture.ts";

const path = chromiumPath();
/** Else this browser itself keeps a page of who knows where from asking this machine; others do not. */
const OPEN_NETWORK = "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests";
const ARGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--host-resolver-rules=MAP *.example 127.0.0.1", OPEN_NETWORK];
const PAGE = "<!doctype html><title>a foreign page</title><p>Nothing to see here.";
const TASK = JSON.stringify({ description: "planted by a foreign page", requirements: ["writing"] });

let browser: Browser;
let stage: Stage;
let foreign: Server;
/** The last entry of the audit log before a page was visited: what is refused is in it, whatever the browser tells its page. */
let before = 0;
beforeAll(async () => {
  if (path === undefined) return;
  browser = await chromium.launch({ executablePath: path, args: ARGS });
  stage = await openStage("/nowhere");
  foreign = createServer((_, response) => response.setHeader("content-type", "text/html").end(PAGE));
  foreign.listen(0, "127.0.0.1");
  await once(foreign, "listening");
});
afterAll(async () => {
  await browser?.close();
  foreign?.close();
  await stage?.close();
});
const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const batonPort = (): string => new URL(stage.url).port;

async function visit(url: string): Promise<Page> {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto(url);
  before = (await recorded(0)).at(-1)?.seq ?? 0;
  return page;
}
const recorded = async (after: number) => (await stage.client.listAudit({ query: { after, limit: 1000 } })).items;
async function expectRefused(what: string, outcome: string): Promise<void> {
  expect(outcome).toMatch(/^(blocked|refused)/);
  // Where a browser asks for leave first, that is refused, and nothing comes after it.
  const leave = what.includes("JSON") && !outcome.startsWith("refused");
  if (!leave) await expect.poll(async () => (await recorded(before)).length).toBeGreaterThan(0);
  expect((await recorded(before)).filter(({ status }) => status !== 403)).toEqual([]);
  expect((await stage.client.listTasks({})).items).toEqual([]);
}
/** What a script of the page gets of Baton at `url`, whichever way it tries. */
const tries: [what: string, attempt: (at: { url: string; live: string; protocol: string; body: string }) => Promise<string>][] = [
  [
    "reads by fetch",
    async ({ url }) =>
      fetch(`${url}/api/v1/tasks`).then(
        async (r) => (r.ok ? await r.text() : `refused ${r.status}`),
        () => "blocked",
      ),
  ],
  [
    "reads without asking for the answer",
    async ({ url }) =>
      fetch(`${url}/api/v1/tasks`, { mode: "no-cors" }).then(
        async (r) => ((text) => (text.includes('"items"') ? text : `refused ${r.status}`))(await r.text()),
        () => "blocked",
      ),
  ],
  [
    "changes by JSON",
    async ({ url, body }) =>
      fetch(`${url}/api/v1/tasks`, { method: "POST", headers: { "content-type": "application/json" }, body }).then(
        (r) => (r.ok ? "done" : `refused ${r.status}`),
        () => "blocked",
      ),
  ],
  [
    "changes by what needs no leave",
    async ({ url, body }) =>
      fetch(`${url}/api/v1/tasks`, { method: "POST", mode: "no-cors", headers: { "content-type": "text/plain" }, body }).then(
        (r) => (r.ok ? "done" : `refused ${r.status}`),
        () => "blocked",
      ),
  ],
  ["changes by a beacon", async ({ url, body }) => `blocked, as far as it knows: ${navigator.sendBeacon(`${url}/api/v1/tasks`, body)}`],
  [
    "opens a WebSocket",
    ({ live, protocol }) =>
      new Promise((resolve) => {
        const socket = new WebSocket(live, protocol);
        socket.addEventListener("open", () => resolve("open"));
        socket.addEventListener("close", () => resolve("blocked"));
      }),
  ],
  [
    "follows events",
    ({ url }) =>
      new Promise((resolve) => {
        const source = new EventSource(`${url}/api/v1/events?after=0`);
        source.addEventListener("open", () => resolve("open"));
        source.addEventListener("error", () => resolve("blocked"));
      }),
  ],
  [
    "takes an answer for a script",
    ({ url }) =>
      new Promise((resolve) => {
        const script = document.createElement("script");
        script.src = `${url}/api/v1/tasks`;
        script.addEventListener("load", () => resolve("loaded"));
        script.addEventListener("error", () => resolve("blocked"));
        document.head.append(script);
      }),
  ],
];
const at = (url: string) => ({ url, live: url.replace("http", "ws") + LIVE_PATH, protocol: LIVE_PROTOCOL, body: TASK });

describe.skipIf(path === undefined)("a server without a login", () => {
  const origins: [what: string, origin: () => string][] = [
    ["another site", () => `http://evil.example:${portOf(foreign)}`],
    ["another port of this host", () => `http://127.0.0.1:${portOf(foreign)}`],
    ["another name of this host", () => `http://localhost:${portOf(foreign)}`],
  ];
  describe.each(origins)("visited from %s", (_, origin) => {
    test.each(tries)("refuses a page that %s", async (what, attempt) => {
      const page = await visit(origin());
      await expectRefused(what, await page.evaluate(attempt, at(stage.url)));
    });
    test("refuses a form, which the browser sends without asking", async () => {
      const page = await visit(origin());
      await page.evaluate(({ url, body }) => {
        const form = Object.assign(document.createElement("form"), { method: "POST", action: `${url}/api/v1/tasks`, enctype: "text/plain" });
        // What such a form makes of it is JSON.
        form.append(Object.assign(document.createElement("input"), { name: `${body.slice(0, -1)},"context":{"a":"`, value: '"}}' }));
        document.body.append(form);
        form.submit();
      }, at(stage.url));
      await page.waitForURL(`${stage.url}/api/v1/tasks`);
      expect(await page.textContent("body")).toContain("may not do this");
      await expectRefused("sends a form", "blocked");
    });
    test("is not shown in a frame of that page", async () => {
      const page = await visit(origin());
      await page.evaluate(
        ({ url }) =>
          new Promise((loaded) => {
            const frame = Object.assign(document.createElement("iframe"), { src: `${url}/docs`, onload: loaded });
            document.body.append(frame);
          }).then(() => undefined),
        at(stage.url),
      );
      await expect.poll(() => page.frames().map((frame) => frame.url())).toContain("chrome-error://chromewebdata/");
    });
  });

  describe("visited by a page whose name has come to mean this machine", () => {
    /** The page is a foreign server's; from then on its name and port are Baton's. */
    async function rebound(): Promise<{ page: Page; url: string }> {
      const url = `http://rebinding.example:${batonPort()}`;
      const context = await browser.newContext();
      onTestFinished(() => context.close());
      const page = await context.newPage();
      await page.route(`${url}/`, (route) => route.fulfill({ contentType: "text/html", body: PAGE }));
      await page.goto(`${url}/`);
      before = (await recorded(0)).at(-1)?.seq ?? 0;
      return { page, url };
    }
    test.each(tries)("refuses a page that %s", async (what, attempt) => {
      const { page, url } = await rebound();
      await expectRefused(what, await page.evaluate(attempt, at(url)));
    });
    test("says which names it answers to, to whoever goes there", async () => {
      const page = await visit(`http://rebinding.example:${batonPort()}/`);
      expect(await page.textContent("body")).toContain("this server answers to localhost");
    });
  });

  test("lets its own page do all of it", async () => {
    const page = await visit(`${stage.url}/docs`);
    const outcomes = new Map<string, string>();
    for (const [what, attempt] of tries) outcomes.set(what, await page.evaluate(attempt, at(stage.url)));
    expect([outcomes.get("reads by fetch"), outcomes.get("changes by JSON"), outcomes.get("opens a WebSocket"), outcomes.get("follows events")]).toEqual([
      expect.stringContaining('"items":'),
      "done",
      "open",
      "open",
    ]);
  });
});
