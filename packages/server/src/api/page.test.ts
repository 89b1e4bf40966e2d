import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { HttpServer } from "./http.ts";
import { openTestHttp } from "./http.testkit.ts";

let directory: string;
let http: HttpServer;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "baton-page-"));
  await mkdir(join(directory, "assets"));
  await writeFile(join(directory, "index.html"), "<title>the page</title>");
  await writeFile(join(directory, "favicon.svg"), "<svg/>");
  await writeFile(join(directory, "assets", "index-BX3f9a1c.js"), "plain");
  await writeFile(join(directory, "assets", "index-BX3f9a1c.js.gz"), gzipSync("packed"));
  http = await openTestHttp({ config: { dashboardDir: directory } });
});
afterEach(async () => {
  await http.close();
  await rm(directory, { recursive: true });
});
const get = (path: string, headers: Record<string, string> = {}) => fetch(http.address + path, { headers });
const PAGE = { accept: "text/html,*/*" };

test("the page is served at / and asked for anew each time", async () => {
  const response = await get("/", PAGE);
  expect([await response.text(), response.headers.get("cache-control")]).toEqual(["<title>the page</title>", "no-cache"]);
});

test("a path of the page is the page, as it routes by itself", async () => {
  expect(await (await get("/tasks/17?tab=plan", PAGE)).text()).toBe("<title>the page</title>");
});

test("an address that older clients know, too, is the page for browsers, without a key, and for programs with one what they ask for", async () => {
  const locked = await openTestHttp({ config: { dashboardDir: directory, requireAuth: true, apiKeys: ["a-key"] } });
  try {
    for (const path of ["/agents", "/agents/17", "/tasks", "/tasks/17"]) {
      const page = await fetch(locked.address + path, { headers: { accept: "text/html,application/xhtml+xml,*/*;q=0.8" } });
      expect([await page.text(), page.headers.get("vary")]).toEqual(["<title>the page</title>", expect.stringMatching(/^accept\b/)]);
      expect((await fetch(locked.address + path)).status).toBe(401);
      const asked = await fetch(locked.address + path, { headers: { authorization: "Bearer a-key" } });
      expect([asked.status, asked.headers.get("content-type")]).toEqual([404, "application/problem+json; charset=utf-8"]);
    }
  } finally {
    await locked.close();
  }
});

test("a path of the API never is the page", async () => {
  const response = await get("/api/v1/nothing", PAGE);
  expect([response.status, response.headers.get("content-type")]).toEqual([404, "application/problem+json; charset=utf-8"]);
});

test("a file that is missing is missing", async () => {
  expect((await get("/assets/old-12345678.js", PAGE)).status).toBe(404);
});

test("files with their content's hash in their name may be kept for good", async () => {
  const { headers } = await get("/assets/index-BX3f9a1c.js");
  expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  expect((await get("/favicon.svg")).headers.get("cache-control")).toBe("no-cache");
});

test("a compressed file beside the plain one is preferred", async () => {
  expect(await (await get("/assets/index-BX3f9a1c.js", { "accept-encoding": "gzip" })).text()).toBe("packed");
  expect(await (await get("/assets/index-BX3f9a1c.js", { "accept-encoding": "identity" })).text()).toBe("plain");
});

test("nothing outside the page's directory is served", async () => {
  for (const path of ["/..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/..%5c..%5cx"]) {
    expect((await get(path)).status).toBeGreaterThanOrEqual(400);
  }
});

test("while the page is not built, a page says how to build it", async () => {
  const unbuilt = await openTestHttp({ config: { dashboardDir: join(directory, "missing") } });
  expect(await (await fetch(`${unbuilt.address}/agents`, { headers: PAGE })).text()).toContain("npm run build");
  await unbuilt.close();
});
