// Gates of steps and tasks: what the work tree must pass before a step counts, and what goes back to whoever worked in it.
import { join } from "node:path";
import { rmSync } from "node:fs";
import type { TaskInput, Work } from "@baton/contract";
import { afterEach, describe, expect, test } from "vitest";
import { getVerdict, listVerdicts } from "../gates/gates.ts";
import { EVERYWHERE } from "../store/scope.ts";
import { freshStores, gitIn, openTestPlaces, writeFile } from "../workspaces/workspaces.testkit.ts";
import { submitUnparsed } from "./tasks.ts";
import { openTestServer, type TestServer } from "./tasks.testkit.ts";

const places = openTestPlaces();
const suite = { name: "suite", kind: "command" as const, command: "sh", args: ["-c", "! grep -rn bad src"] };
const paths = { name: "paths", kind: "paths" as const, forbidden: ["secret/**"] };

describe.each(await freshStores())("gates of steps on %s", (_, freshStore) => {
  const servers: TestServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
  });
  /** An agent that writes one set of files after the other. */
  async function begin(...turns: Record<string, string | null>[]) {
    const told: Work[] = [];
    const server = await openTestServer(await freshStore(), (work) => {
      const place = work.workspace?.path ?? "";
      for (const [name, text] of Object.entries(turns[told.push(work) - 1] ?? {})) {
        if (text === null) rmSync(join(place, name));
        else writeFile(place, name, text);
      }
      return { ok: true, output: "done", conversation: "talk" };
    });
    servers.push(server);
    await server.addAgent("coder");
    const repository = places.repository();
    const carryOut = async (more: Partial<TaskInput>) =>
      server.until(
        await server.submit({ description: "Write it.", repository: repository.path, workspace: "task", steps: [{ id: "work" }], ...more }),
        "completed",
        "failed",
      );
    return { server, repository, told, carryOut };
  }

  test("what they find goes back to the same agent until the tree passes; the verdict is about the very tree that counts", async () => {
    const { server, repository, told, carryOut } = await begin(
      { "src/new.txt": "bad\n" },
      { "src/new.txt": "good\n", "secret/key": "k\n" },
      { "secret/key": null },
    );
    const task = await carryOut({ gates: [paths], steps: [{ id: "work", gates: [suite] }] });
    expect(task).toMatchObject({ status: "completed" });
    expect(told.map(({ conversation }) => conversation)).toEqual([undefined, "talk", "talk"]);
    expect(told[1]?.feedback).toMatch(/suite: sh -c .* ended with code 1\.[^]*src\/new\.txt:1:bad/);
    expect(told[2]?.feedback).toContain("secret/key is forbidden here");
    const { items } = await listVerdicts(server, { repository: repository.path, limit: 10, offset: 0, scope: EVERYWHERE });
    expect(items.map(({ state }) => state)).toEqual(["pass", "fail", "fail"]);
    const place = told[0]?.workspace?.path ?? "";
    gitIn(place, "add", "-A");
    const verdict = await getVerdict(server, items[0]?.id ?? "");
    expect(verdict).toMatchObject({ passes: true, tree: gitIn(place, "write-tree"), base: repository.git("rev-parse", "main"), landingIds: [] });
    expect(verdict.results.map(({ name, origin, state }) => [name, origin, state])).toEqual([
      ["paths", "task", "pass"],
      ["suite", "step", "pass"],
    ]);
  });

  test("who brings the same failure again has failed; what cannot judge lets nothing through and is told to nobody", async () => {
    const again = await begin({ "src/new.txt": "bad\n" }, {});
    expect(await again.carryOut({ gates: [suite] })).toMatchObject({
      status: "failed",
      failure: { kind: "gate", detail: expect.stringContaining("Its agent was told of this very failure before, and it is there still.") },
    });
    expect(again.told).toHaveLength(2);
    const missing = await begin({ "src/new.txt": "good\n" });
    const task = await missing.carryOut({ gates: [{ ...suite, command: "./no-such-program" }] });
    expect(task).toMatchObject({ status: "failed", failure: { kind: "gate", detail: expect.stringContaining("cannot be run") } });
    expect(missing.told).toHaveLength(1);
  });

  test("they need a work tree, commands the right to name them, and those that ask somebody are for landings", async () => {
    const { server, repository } = await begin();
    const asked = async (more: object, mayCheck = true) =>
      submitUnparsed(server, { description: "Go.", repository: repository.path, workspace: "task", steps: [{ id: "work" }], ...more }, { mayCheck });
    await expect(asked({ gates: [paths], workspace: "none" })).rejects.toMatchObject({
      code: "bad_input",
      message: "body.gates judge a work tree: give the workspace task or agent.",
    });
    await expect(asked({ steps: [{ id: "work", gates: [paths], workspace: "none" }] })).rejects.toMatchObject({
      message: expect.stringContaining("body.steps[0].gates judge a work tree"),
    });
    await expect(asked({ steps: [{ id: "work", gates: [suite] }] }, false)).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("body.steps[0].gates[0] names a command"),
    });
    await expect(asked({ gates: [suite] }, false)).rejects.toMatchObject({ code: "forbidden" });
    await expect(asked({ gates: [paths] }, false)).resolves.toMatchObject({ created: true });
    await expect(asked({ gates: [{ name: "release", kind: "approval" }] })).rejects.toMatchObject({ code: "bad_input" });
  });
});
