import { expect, test } from "vitest";
import { openLanes } from "./lanes.ts";

/** Jobs that write down when they begin and end, and end when told. */
function openJobs() {
  const log: string[] = [];
  const ends = new Map<string, () => void>();
  const job = (name: string) => () => {
    log.push(`${name} begins`);
    return new Promise<void>((resolve) => ends.set(name, resolve)).then(() => void log.push(`${name} ends`));
  };
  const end = async (name: string) => {
    ends.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { log, job, end, turn: () => new Promise((resolve) => setImmediate(resolve)) };
}

test("jobs of one lane run one after another, lanes side by side", async () => {
  const { log, job, end, turn } = openJobs();
  const lanes = openLanes(() => undefined);
  lanes.run("a", job("a1"));
  lanes.run("a", job("a2"));
  lanes.run("b", job("b1"));
  await turn();
  await end("a1");
  expect(log).toEqual(["a1 begins", "b1 begins", "a1 ends", "a2 begins"]);
});

test("a job alone waits for everything before it and holds everything after it", async () => {
  const { log, job, end, turn } = openJobs();
  const lanes = openLanes(() => undefined);
  lanes.run("a", job("a"));
  lanes.run("b", job("b"));
  lanes.runAlone(job("alone"));
  lanes.run("a", job("after"));
  await turn();
  await end("a");
  await end("b");
  await end("alone");
  expect(log).toEqual(["a begins", "b begins", "a ends", "b ends", "alone begins", "alone ends", "after begins"]);
});

test("what a job throws is told, and the next one gets its turn", async () => {
  const errors: unknown[] = [];
  const { log, job, turn } = openJobs();
  const lanes = openLanes((error) => errors.push(error));
  lanes.run("a", () => Promise.reject(new Error("broken")));
  lanes.run("a", job("next"));
  await turn();
  expect([errors.map(String), log]).toEqual([["Error: broken"], ["next begins"]]);
});
