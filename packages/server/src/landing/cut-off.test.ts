// Servers that are killed while they bring along the work tree that has the target checked out, and what people do there before the next one goes on.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Landing } from "@baton/contract";
import { afterEach, describe, expect, test } from "vitest";
import { sqliteStores } from "../tasks/tasks.testkit.ts";
import { batonYaml, createRepository, openLandingServer, shell, type TestRepository } from "./landing.testkit.ts";

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
type Cut = (repository: TestRepository) => void;
/** Nothing of the files is changed by git any more, but what `cut` does in its place. */
const half: Cut = (repository) => {
  repository.write("a.txt", "better\n");
  repository.write("new.txt", "new\n");
};
const whole: Cut = (repository) => void repository.git("read-tree", "-m", "-u", "main", repository.git("merge-tree", "--write-tree", "main", "work"));

/** A landing whose server dies at `read-tree`; `meanwhile` the next one comes. */
async function landAfter(cut: Cut, meanwhile: (repository: TestRepository) => void): Promise<{ repository: TestRepository; landing: Landing }> {
  const stores = sqliteStores();
  const server = await openLandingServer(stores.open, { isIdle: true });
  const repository = createRepository({ "a.txt": "a\n", "b.txt": "b\n", "c.txt": "c\n", "baton.yaml": batonYaml(shell("tests", "true")) });
  ends.push(stores.remove, repository.remove, server.stopAll);
  repository.branch("work", { "a.txt": "better\n", "b.txt": null, "new.txt": "new\n", "newer.txt": "newer\n" });
  const { id } = await server.land({ repository: repository.path, source: "work" });
  let tellKilled: () => void = () => undefined;
  const killed = new Promise<void>((resolve) => (tellKilled = resolve));
  const stop = await server.startWorker({
    run: (call) => {
      if (call.args[0] !== "read-tree" || call.cwd !== repository.path) return server.git.run(call);
      cut(repository);
      tellKilled();
      return Promise.reject(new Error("killed"));
    },
  });
  await killed;
  await stop();
  meanwhile(repository);
  await server.startWorker();
  return { repository, landing: await server.ended(id) };
}
const status = (repository: TestRepository): string[] => repository.git("status", "--porcelain").split("\n");
const read = (repository: TestRepository, path: string): string => readFileSync(join(repository.path, path), "utf8");

describe("a landing whose server was killed while it changed the files of the work tree", () => {
  test("goes on", async () => {
    const { repository, landing } = await landAfter(half, (left) => expect(status(left)).toEqual([" M a.txt", "?? new.txt"]));
    expect(landing).toMatchObject({ state: "landed" });
    expect(status(repository)).toEqual([""]);
    expect([read(repository, "a.txt"), existsSync(join(repository.path, "b.txt"))]).toEqual(["better\n", false]);
  });
  test("takes back what it had changed when somebody has begun to work there, and lets theirs be", async () => {
    const { repository, landing } = await landAfter(half, (left) => left.write("c.txt", "mine\n"));
    expect(landing).toMatchObject({ state: "refused", failure: { kind: "target", detail: expect.stringContaining("c.txt") } });
    expect(status(repository)).toEqual([" M c.txt"]);
    expect([read(repository, "a.txt"), read(repository, "c.txt")]).toEqual(["a\n", "mine\n"]);
  });
  test("keeps what somebody wrote into a file that it had changed", async () => {
    const { repository, landing } = await landAfter(half, (left) => left.write("a.txt", "better and mine\n"));
    expect(landing).toMatchObject({ state: "refused", failure: { kind: "target", detail: expect.stringContaining("a.txt") } });
    expect(status(repository)).toEqual([" M a.txt"]);
    expect(read(repository, "a.txt")).toBe("better and mine\n");
  });
  test("moves the branch to where the files are when all of them were changed, whatever somebody does there since", async () => {
    const { repository, landing } = await landAfter(whole, (left) => {
      left.write("a.txt", "better and mine\n");
      left.write("c.txt", "mine\n");
    });
    expect(landing).toMatchObject({ state: "landed", commit: repository.git("rev-parse", "main") });
    expect(status(repository)).toEqual([" M a.txt", " M c.txt"]);
    expect(read(repository, "a.txt")).toBe("better and mine\n");
  });
  test.each([
    ["all", whole],
    ["some", half],
  ] as const)("follows the branch where somebody else moved it after %s of the files were changed", async (_, cut) => {
    const { repository, landing } = await landAfter(cut, (left) => {
      left.branch("other", { "c.txt": "other\n" });
      left.git("update-ref", "refs/heads/main", "other");
      // As whoever moves a branch under a work tree has to do.
      if (cut === half) left.git("read-tree", "-m", "-u", "main~", "main");
    });
    expect(landing).toMatchObject({ state: "landed", tries: 2 });
    expect(status(repository)).toEqual([""]);
    expect([read(repository, "a.txt"), read(repository, "c.txt")]).toEqual(["better\n", "other\n"]);
  });
});
