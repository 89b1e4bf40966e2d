// What a command writes without end costs this server little, and is heard as far as it may be.
import { PassThrough } from "node:stream";
import type { Progress } from "@baton/contract";
import { expect, test } from "vitest";
import { collectOutput } from "./output.ts";

function open(maxBytes: number) {
  const run = { stdout: new PassThrough(), stderr: new PassThrough() };
  const said: Progress[] = [];
  let overflows = 0;
  const output = collectOutput(run, "json", maxBytes, { onProgress: (progress) => said.push(progress), onOverflow: () => overflows++ });
  const end = (): Promise<unknown> => Promise.all([run.stdout, run.stderr].map((stream) => new Promise((done) => stream.once("close", done).end())));
  return { ...run, said, output, overflows: () => overflows, end };
}

test("of a flood of short lines on stderr the last are said, and the end is kept", async () => {
  const { stderr, said, output, end } = open(1000);
  stderr.write("first\n");
  for (let n = 0; n < 16; n++) stderr.write("x\n".repeat(32_768));
  stderr.write("last\n");
  await end();
  expect([said[0], said.at(-1)]).toEqual([{ message: "first" }, { message: "last" }]);
  expect(said.length).toBeLessThan(16 * 4096);
  expect(output.stderr()).toMatch(/^\n?(x\n)+last\n$/);
  expect(output.stderr()).toHaveLength(4096);
});
test("progress without end is too much output, too", async () => {
  const line = '{"progress":{"fraction":0.5}}\n';
  const { stdout, said, output, overflows, end } = open(line.length * 100);
  for (let n = 0; n < 1_000; n++) stdout.write(line);
  await expect.poll(() => said.length).toBe(1000);
  expect(overflows()).toBe(0);
  stdout.write(line);
  await end();
  expect(overflows()).toBeGreaterThan(0);
  expect(output.stdout()).toBe("");
});
