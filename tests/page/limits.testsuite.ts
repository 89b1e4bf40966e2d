// What the page costs: the first load, a list of 100,000 tasks, a burst of events.
import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { sql } from "../../packages/server/src/store/sql.ts";
import { addWorkers, openStage } from "./stage.fixture.ts";
import type { World } from "./world.fixture.ts";

const FIRST_LOAD = 250 * 1024;

export function limits({ theatre, stage }: World): void {
  describe("limits", () => {
    test("the first load is at most 250 KiB of scripts and styles, compressed", async () => {
      const { page } = await theatre().visit("about:blank", "desktop", { isStranger: true });
      const sizes = new Map<string, Promise<number>>();
      page.on("response", (response) => {
        if (/\.(js|css)$/.test(new URL(response.url()).pathname))
          sizes.set(
            response.url(),
            response.body().then((body) => gzipSync(body).length),
          );
      });
      await page.goto(stage().url);
      await page.getByRole("heading", { name: "Agents" }).waitFor();
      const total = (await Promise.all(sizes.values())).reduce((sum, size) => sum + size, 0);
      expect(total).toBeGreaterThan(0);
      expect(total).toBeLessThanOrEqual(FIRST_LOAD);
    });

    test("it can be installed, and opens as an app that says so when the server is away", async () => {
      const installed = await openStage(theatre().dist);
      onTestFinished(() => installed.close());
      await addWorkers(installed.client);
      const { page } = await theatre().visit(installed.url, "phone", { isStranger: true });
      const manifest = (await (await fetch(`${installed.url}/manifest.webmanifest`)).json()) as { display: string; icons: { src: string }[] };
      expect(manifest.display).toBe("standalone");
      for (const { src } of manifest.icons) expect((await fetch(installed.url + src)).status).toBe(200);
      await page.evaluate(() => navigator.serviceWorker.ready);
      await page.reload();
      await page.getByRole("link", { name: "scribe" }).waitFor();
      await installed.baton.stop();
      await page.reload();
      await page.getByRole("navigation", { name: "Pages" }).first().waitFor();
      await page.getByRole("alert").getByText("Baton does not answer").first().waitFor();
      expect(await page.getByRole("link", { name: "scribe" }).count()).toBe(0);
    });

    test("of 100,000 tasks only what is on the screen is drawn and asked for, at the top and far down", async () => {
      const crowd = await openStage(theatre().dist);
      onTestFinished(() => crowd.close());
      await addWorkers(crowd.client);
      const { id } = await crowd.client.submitTask({ body: { description: "echo one", title: "One of many", requirements: ["write"] } });
      await crowd.client.waitForTask(id);
      await multiply(crowd.baton.world.db, id, 99_999);
      const { page } = await theatre().visit(`${crowd.url}/tasks`);
      await page.getByText("100,000 tasks, newest first").waitFor();
      const rows = page.getByRole("list", { name: "Tasks" }).getByRole("listitem");
      await rows.first().waitFor();
      expect(await rows.count()).toBeLessThan(60);
      const asked: string[] = [];
      page.on("request", (request) => request.url().includes("/api/v1/tasks?") && asked.push(request.url()));
      await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight / 2));
      await page.locator('[data-task][aria-posinset="50000"]').waitFor();
      expect(await rows.count()).toBeLessThan(60);
      expect(asked.length).toBeLessThan(10);
    });

    test("a burst of events is drawn in few batches, and all of it is in the end", async () => {
      const { page } = await theatre().visit(`${stage().url}/tasks`);
      await page.getByRole("status").filter({ hasText: "Live" }).first().waitFor();
      const { items } = await stage().client.listTasks({ query: { limit: 1 } });
      const taskId = items[0]?.id ?? "";
      let asked = 0;
      page.on("request", (request) => (asked += request.url().includes("/api/v1/tasks?") ? 1 : 0));
      const { db, events } = stage().baton.world;
      for (let tenth = 0; tenth < 20; tenth++) {
        const told = Array.from({ length: 100 }, () => ({ type: "task.resumed" as const, taskId, data: {} }));
        await db.transaction((tx) => events.append(tx, told));
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const { id } = await stage().client.submitTask({ body: { description: "echo after", title: "After the burst", requirements: ["write"] } });
      await page.getByRole("link", { name: "After the burst" }).waitFor();
      await stage().client.waitForTask(id);
      expect(asked).toBeGreaterThan(0);
      expect(asked).toBeLessThan(20);
    });
  });
}

type Store = Awaited<ReturnType<typeof openStage>>["baton"]["world"]["db"];
/** Copies one task of the store in one statement: handing in as many would take the test's whole time. */
async function multiply(db: Store, id: string, times: number): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.run(sql`insert into tasks (seq, id, title, description, type, priority, status, pattern, spec, paused, steps_total, steps_left, tasks_needed, created_at, started_at, completed_at)
      with recursive n(i) as (select 1 union all select i + 1 from n where i < ${times})
      select t.seq + n.i, t.id || '-' || n.i, t.title || ' ' || n.i, t.description, t.type, t.priority, t.status, t.pattern, t.spec, t.paused, t.steps_total, t.steps_left, t.tasks_needed,
        t.created_at, t.started_at, t.completed_at from tasks t, n where t.id = ${id}`);
    await tx.run(sql`update task_counts set n = n + ${times} where status = 'completed'`);
  });
}
