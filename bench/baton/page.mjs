// The page in a real browser, on a store of many tasks: what it takes to be there, and how evenly it draws while much happens and while one scrolls.
import { existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { fill } from "../contenders/baton-sqlite.mjs";
import { NotHere } from "../harness/child.mjs";
import { importBuilt } from "./built.mjs";
import { noopTask, startBaton } from "./start.mjs";

const ARGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"];
const dashboardDir = fileURLToPath(new URL("../../packages/dashboard/dist", import.meta.url));
const TICK_MS = 50;
/** Every 16 ms: two notches of a wheel, faster than one reads. */
const WHEEL_PX = 240;

export async function page({ place, tasks, loads, eventsPerSecond, burstSeconds, memoryMinutes }) {
  const executablePath = [process.env["BATON_TEST_CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => path && existsSync(path));
  if (executablePath === undefined) throw new NotHere("there is no Chromium here: install it, or set BATON_TEST_CHROMIUM to its path");
  await fill(place, tasks);
  const baton = await startBaton(place, undefined, { dashboardDir, rateLimit: { max: 1_000_000, windowMs: 10_000 } });
  const browser = await chromium.launch({ executablePath, args: ARGS });
  try {
    const { createClient } = await importBuilt("index.js", "client");
    const client = createClient({ url: baton.url });
    const first = [];
    for (let load = 0; load < loads; load++) first.push(await loadOnce(browser, baton.url));
    const visitor = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const scrolled = await scroll(visitor, baton.url, tasks);
    await visitor.goto(baton.url);
    await visitor.locator("[data-task]").first().waitFor();
    const [before, began] = [await baton.world.events.last(), performance.now()];
    const burst = await framesOf(visitor, () => tell(baton.world, client, eventsPerSecond, burstSeconds));
    const perSecond = ((await baton.world.events.last()) - before) / ((performance.now() - began) / 1000);
    const memory = await watchMemory(visitor, client, memoryMinutes);
    return { first, scrolled, burst: { ...burst, perSecond }, memory };
  } finally {
    await browser.close();
    await baton.stop();
  }
}

/** A browser that was never here: bytes of scripts and styles as they are sent, and ms until the newest tasks stand on the page and it takes a key. */
async function loadOnce(browser, url) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const visitor = await context.newPage();
  const network = await context.newCDPSession(visitor);
  await network.send("Network.enable");
  const wanted = new Set();
  let bytes = 0;
  network.on("Network.responseReceived", ({ requestId, type }) => ["Script", "Stylesheet"].includes(type) && wanted.add(requestId));
  network.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => (bytes += wanted.has(requestId) ? encodedDataLength : 0));
  await visitor.addInitScript(() => {
    const look = () => {
      if (document.querySelector("[data-task]") === null) return void requestAnimationFrame(look);
      // Drawn, and nothing stands in line before what one does next.
      requestAnimationFrame(() => setTimeout(() => (globalThis.readyAt = performance.now())));
    };
    look();
  });
  await visitor.goto(url);
  await visitor.waitForFunction(() => globalThis.readyAt !== undefined);
  const readyMs = await visitor.evaluate(() => globalThis.readyAt);
  await visitor.keyboard.press("Control+k");
  await visitor.getByRole("combobox", { name: "Find anything" }).waitFor();
  await context.close();
  return { readyMs, bytes };
}

/** How far apart frames were drawn while `work` went on, ms. */
async function framesOf(visitor, work) {
  await visitor.evaluate(() => {
    globalThis.frames = [];
    globalThis.isRecording = true;
    let last = performance.now();
    const next = (now) => {
      globalThis.frames.push(now - last);
      last = now;
      if (globalThis.isRecording) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  await work();
  const frames = await visitor.evaluate(() => {
    globalThis.isRecording = false;
    return globalThis.frames;
  });
  return { frames };
}
async function scroll(visitor, url, tasks) {
  await visitor.goto(`${url}/tasks`);
  await visitor.locator("[data-task]").first().waitFor();
  await visitor.mouse.move(700, 500);
  const scrolled = await framesOf(visitor, async () => {
    for (let turn = 0; turn < 200; turn++) {
      await visitor.mouse.wheel(0, WHEEL_PX);
      await pause(16);
    }
  });
  const began = performance.now();
  await visitor.evaluate(() => window.scrollTo(0, document.body.scrollHeight / 2));
  await visitor.locator(`[data-task][aria-posinset="${tasks / 2}"]`).waitFor();
  return { ...scrolled, middleMs: performance.now() - began };
}
/** Facts about the newest fifty tasks, as steps of theirs would leave them: it is the page that is measured, and not how fast a store takes tasks. */
async function tell({ db, events }, client, perSecond, seconds) {
  const { items } = await client.listTasks({ query: { limit: 50 } });
  const types = ["task.waiting", "task.resumed", "attempt.started", "attempt.progressed"];
  const began = performance.now();
  for (let told = 0; told < perSecond * seconds; await pause(TICK_MS)) {
    const due = Math.floor(Math.min(((performance.now() - began) / 1000) * perSecond, perSecond * seconds)) - told;
    const facts = Array.from({ length: due }, (_, at) => ({
      type: types[(told + at) % types.length],
      taskId: items[(told + at) % items.length].id,
      data: {},
    }));
    if (facts.length > 0) await db.transaction((tx) => events.append(tx, facts));
    events.committed();
    told += due;
  }
}
async function handIn(client, perSecond, seconds) {
  const until = performance.now() + seconds * 1000;
  const began = performance.now();
  let handed = 0;
  const onTheWay = new Set();
  while (performance.now() < until) {
    while (handed < ((performance.now() - began) / 1000) * perSecond) {
      const one = client.submitTask({ body: noopTask(handed++) }).finally(() => onTheWay.delete(one));
      onTheWay.add(one);
    }
    await pause(10);
  }
  await Promise.all(onTheWay);
}
/** JavaScript heap in MiB after a forced collection, a figure a minute, while ten tasks a second are handed in. */
async function watchMemory(visitor, client, minutes) {
  const session = await visitor.context().newCDPSession(visitor);
  const used = [];
  for (let minute = 0; minute <= minutes; minute++) {
    if (minute > 0) await handIn(client, 10, 60);
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    used.push(usedSize / 1024 / 1024);
  }
  return used;
}
