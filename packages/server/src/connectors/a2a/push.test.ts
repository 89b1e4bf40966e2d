// Agents that tell when their task has moved: who hears it, and who does not.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { attemptContext, workFor } from "../connector.testsuite.ts";
import { startFakeAgent } from "../fake-agent.testkit.ts";
import { type A2aHands, openA2aConnector } from "./a2a.ts";
import { a2aAgent, openWorld } from "./a2a.testkit.ts";
import { openPushDoor } from "./push.ts";

let hands: A2aHands;
const pushed: { token: string; heard: boolean }[] = [];
const server = createServer((request, response) => {
  const token = decodeURIComponent(request.url?.split("/").at(-1) ?? "");
  pushed.push({ token, heard: hands.onPush(token) });
  request.resume().on("end", () => response.writeHead(204).end());
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

test("an agent that tells is not looked after meanwhile, and what it told is looked up", async () => {
  const fake = await startFakeAgent("a2a-agent.mjs");
  const world = openWorld({ publicUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
  hands = openA2aConnector(world);
  const startedAt = performance.now();
  const outcome = await hands.carryOut(a2aAgent(`http://127.0.0.1:${fake.port}/push`, { push: true }), workFor("later"), attemptContext());
  expect(outcome).toMatchObject({ ok: true, output: "later" });
  // Without being told, it would have been looked for after 10 s.
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(pushed).toMatchObject([{ heard: true }]);
  expect(hands.onPush(pushed[0]?.token ?? "")).toBe(false);
  await world.outbound.close();
  await fake.close();
});

test("only who has an attempt's own secret is heard, and only while the attempt goes on", async () => {
  const door = openPushDoor("https://baton.example.com/base/");
  const one = door.open("one");
  const two = door.open("two");
  expect(one?.url).toMatch(/^https:\/\/baton\.example\.com\/base\/api\/v1\/a2a\/push\/one~[\w-]{43}$/);
  const secret = two?.token.split("~")[1] ?? "";
  for (const wrong of ["", "one", "one~", `one~${secret}`, `three~${secret}`, `${one?.token}x`]) expect(door.onPush(wrong)).toBe(false);
  let woken = false;
  const waiting = one?.wait(60_000, new AbortController().signal).then(() => (woken = true));
  expect(door.onPush(one?.token ?? "")).toBe(true);
  await waiting;
  expect(woken).toBe(true);
  // A hint that came while nobody waited is not lost.
  door.onPush(one?.token ?? "");
  await one?.wait(60_000, new AbortController().signal);
  one?.close();
  expect(door.onPush(one?.token ?? "")).toBe(false);
  await expect(two?.wait(60_000, AbortSignal.abort("over"))).rejects.toBe("over");
});

test("without an address of ours nobody is told of it", () => expect(openPushDoor(undefined).open("one")).toBeUndefined());
