// Text that means something to whatever is behind the doors, in every place of the contract's table where text may stand: SQL in every query of
// a route and every part of a path, ways out of a directory in every part of a path, commands for a shell or for git in every text of a body.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@baton/client";
import { type Route, routes } from "@baton/contract";
import type { Config } from "@baton/server";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { z } from "zod";
import { exchange } from "./exchange.ts";
import { expectAnswer } from "./expect-answer.ts";
import { placesOf, replaceAt } from "./hostile.ts";
import { goodBody, routeNames } from "./requests.ts";
import { type InhabitedServer, openInhabitedServer } from "./server.fixture.ts";
import { expectWholeStore, factsOf } from "./store-facts.ts";

/** Each would answer more, break the statement, change something, or take long, if it ever were part of one. */
const SQL = [
  "'",
  "x' or '1'='1",
  "x' or 1=1 --",
  "x'/**/or/**/1=1/*",
  "x') or ('1'='1",
  "1 or 1=1",
  "1; drop table agents",
  "x'; delete from tasks; --",
  "x' union select null, null, null --",
  "x' || (select pg_sleep(3)) || '",
  "1 and 1=(select 1 from pg_sleep(3))",
  "x' and 1=randomblob(1000000000) --",
  "\\' or 1=1 --",
  "%",
  "_",
  "$1",
  "?",
  ":id",
  "created_at desc, (select 1)",
];
/** Towards what every system has, and towards what a data directory has. */
const WAYS_OUT = [
  "..",
  "../../../../etc/passwd",
  "..%2f..%2f..%2f..%2fetc%2fpasswd",
  "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
  "%252e%252e%252fetc%252fpasswd",
  "..%5c..%5cetc%5cpasswd",
  "....//....//etc/passwd",
  "%2fetc%2fpasswd",
  "..%00",
  "..%2fsecret.key",
  "..%2fbaton.db",
  "%c0%ae%c0%ae%2fetc%2fpasswd",
  "~root",
  "file:%2f%2f%2fetc%2fpasswd",
];
const SECRETS_OF_FILES = /root:.*:0:0:|SQLite format 3/;

const withQuery = routeNames.filter((name) => "query" in routes[name] && routes[name].method === "GET" && !("stream" in routes[name]));
const withParams = routeNames.filter((name) => routes[name].path.includes("{"));
const partsOf = ({ path }: Route): string[] => [...path.matchAll(/\{\w+\}/g)].map(([part]) => part);
const itemsOf = (text: string): number => {
  const { items, total } = JSON.parse(text) as { items?: unknown[]; total?: number };
  return total ?? items?.length ?? 0;
};

export function testInjection(store: string, settings: () => Promise<Partial<Config>>): void {
  describe(`injection on ${store}`, () => {
    let server: InhabitedServer;
    let canaries: string;
    beforeAll(async () => {
      canaries = mkdtempSync(join(tmpdir(), "baton-canaries-"));
      server = await openInhabitedServer(await settings());
    });
    afterAll(async () => {
      await server.close();
      rmSync(canaries, { recursive: true, force: true });
    });

    test.each(withQuery)("%s takes SQL in none of its queries", async (name) => {
      const route: Route = routes[name];
      const path = route.path.replace(/\{\w+\}/g, "worker");
      const before = await factsOf(server.baton);
      for (const field of Object.keys((route.query as z.ZodObject).shape)) {
        const ask = (value: string) => exchange(server.url, { method: "GET", path: `${path}?${field}=${encodeURIComponent(value)}` });
        const nobody = await ask("nobody-has-this");
        for (const payload of SQL) {
          const sent = { method: "GET", path: `${path}?${field}=${payload}` };
          const answer = await ask(payload);
          expectAnswer(route, sent, answer);
          // Where anything may be asked for, what nobody has finds as much as what nobody has.
          if (answer.status === 200 && nobody.status === 200) expect([sent.path, itemsOf(answer.text)]).toEqual([sent.path, itemsOf(nobody.text)]);
        }
      }
      expect(await factsOf(server.baton)).toEqual(before);
    });

    test.each(withParams)("%s takes neither SQL nor ways out in its path", async (name) => {
      const route: Route = routes[name];
      const before = await factsOf(server.baton);
      for (const part of partsOf(route))
        for (const payload of [...SQL.map(encodeURIComponent), ...WAYS_OUT]) {
          const path = route.path.replace(part, () => payload).replace(/\{\w+\}/g, "worker");
          const sent = { method: route.method, path, ...(route.body ? { headers: { "content-type": "application/json" }, body: "{}" } : {}) };
          const answer = await exchange(server.url, sent);
          expectAnswer(undefined, sent, answer);
          expect(answer.text).not.toMatch(SECRETS_OF_FILES);
          expect([path, answer.status]).toEqual([path, expect.toSatisfy((status) => (status as number) >= 300)]);
        }
      expect(await factsOf(server.baton)).toEqual(before);
    });

    test.each(routeNames.filter((name) => "body" in routes[name]))("%s runs nothing of what its body says, but commands", async (name) => {
      const route: Route = routes[name];
      const path = route.path.replace(/\{\w+\}/g, "worker");
      const touch = `touch ${join(canaries, name)}`;
      const shell = [
        `$(${touch})`,
        `\`${touch}\``,
        `x; ${touch}`,
        `x | ${touch}`,
        `x\n${touch}\n`,
        `--upload-pack=${touch}`,
        `ext::sh -c ${touch}`,
        `-c core.fsmonitor=${touch}`,
      ];
      for (const body of fc.sample(goodBody(route, true), { numRuns: 2, seed: 11 }))
        for (const place of placesOf(body).filter((one) => !one.some((key) => ["command", "args", "check", "gates"].includes(String(key)))))
          for (const payload of shell.slice(0, 4 + (place.length % 4))) {
            const sent = { method: route.method, path, headers: { "content-type": "application/json" }, body: replaceAt(body, place, JSON.stringify(payload)) };
            expectAnswer(route, sent, await exchange(server.url, sent));
          }
      expect(readdirSync(canaries)).toEqual([]);
    });

    test("a repository, branches and files whose names are commands are worked in, landed and shown, and nothing of it is run", async () => {
      const own = await openInhabitedServer(await settings());
      onTestFinished(() => own.close());
      const canary = join(canaries, "run");
      const parent = mkdtempSync(join(tmpdir(), "baton-injection-"));
      onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
      const touch = `touch\${IFS}${canary}`;
      const repository = join(parent, `$(touch canary);touch canary|\`touch canary\`--upload-pack=x`);
      const git = (...args: string[]) =>
        execFileSync("git", ["-C", repository, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", ...args], { encoding: "utf8" });
      execFileSync("git", ["init", "-q", "-b", "main", repository]);
      const target = `main;$(${touch})`;
      const source = `x|\`${touch}\`&&$(${touch})`;
      const commit = (file: string) => {
        writeFileSync(join(repository, file), "text\n");
        git("add", ".");
        git("commit", "-qm", `$(${touch})`);
      };
      writeFileSync(join(repository, "baton.yaml"), "gates:\n  - { name: size, kind: size, maxFiles: 50, maxLines: 2000 }\n");
      commit("$(touch canary);one");
      git("branch", target);
      git("checkout", "-qb", source);
      commit("--output=canary");
      git("checkout", "-q", "main");

      const client = createClient({ url: own.url });
      const { id } = await client.createLanding({ body: { repository, source, target, message: `--exec=${touch}\n$(${touch})` } });
      await expect.poll(async () => (await client.getLanding({ params: { id } })).state).toBe("landed");
      expect(git("show", `${target}:--output=canary`)).toBe("text\n");
      const task = await client.submitTask({ body: { description: `echo $(${touch})`, requirements: ["echoing"], repository, workspace: "task" } });
      expect(await client.waitForTask(task.id)).toMatchObject({ status: "completed" });
      expect(existsSync(canary)).toBe(false);
      expect([readdirSync(parent).length, existsSync(join(repository, "canary"))]).toEqual([1, false]);
    });

    test("after all of it the store is whole, and nothing was logged as a bug", async () => {
      await expectWholeStore(server.baton);
      expect(server.errors()).toBe("");
    });
  });
}
