// Notifications of a real file system, and what is done without them.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { silent } from "../tasks/tasks.testkit.ts";
import { isDue } from "./look-around.ts";
import { watchTree } from "./watch-tree.ts";

test("what changes below a directory is told, new directories as such, and what is ignored is not", async () => {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "baton-watch-")));
  onTestFinished(() => rmSync(path, { recursive: true }));
  for (const name of ["src/deep", "built"]) mkdirSync(join(path, name), { recursive: true });
  const told: boolean[] = [];
  const watch = await watchTree(silent, { path, ignore: [join(path, "built")], changed: (hasNew) => told.push(hasNew), failed: () => undefined });
  onTestFinished(async () => watch?.close());
  mkdirSync(join(path, "built", "new"));
  writeFileSync(join(path, "src", "deep", "x"), "x");
  await expect.poll(() => told).toContain(false);
  expect(told).not.toContain(true);
  mkdirSync(join(path, "src", "more"));
  await expect.poll(() => told).toContain(true);
});

test("a work tree that cannot be watched, or could not be read, is read every 20 s, others every 5 min", async () => {
  const watch = await watchTree(silent, { path: "/nothing/is/here", ignore: [], changed: () => undefined, failed: () => undefined });
  expect(watch).toBeUndefined();
  const changes = { tree: "", head: "", base: "", target: "", files: new Map(), landed: new Set<string>(), directory: "" };
  const watched = { close: async () => undefined };
  expect([isDue({ changes, watch, readAt: 0 }, 19_999), isDue({ changes, watch, readAt: 0 }, 20_000)]).toEqual([false, true]);
  expect([isDue({ changes, watch: watched, readAt: 0 }, 299_999), isDue({ changes, watch: watched, readAt: 0 }, 300_000)]).toEqual([false, true]);
  expect([isDue({ changes: undefined, watch: watched, readAt: 0 }, 19_999), isDue({ changes: undefined, watch: watched, readAt: 0 }, 20_000)]).toEqual([
    false,
    true,
  ]);
});
