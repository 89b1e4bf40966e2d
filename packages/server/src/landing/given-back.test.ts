// What is in a work tree lands, committed or not; what keeps it from landing goes back to the agent that did it, once for each failure.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { landingInput, type Outcome, parse, type Work } from "@baton/contract";
import { afterEach, describe, expect, test } from "vitest";
import { EVERYWHERE } from "../store/scope.ts";
import { listCheckpoints, getWorkspace } from "../workspaces/workspaces.ts";
import { freshStores } from "../workspaces/workspaces.testkit.ts";
import { createLanding, getLanding, retryLanding } from "./landing.ts";
import { batonYaml, createRepository, type LandingServer, openLandingServer, operator, shell } from "./landing.testkit.ts";

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
const git = (cwd: string, ...args: string[]): string =>
  execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args], { cwd, encoding: "utf8" }).trimEnd();
type Turn = (work: Work, place: string) => void;

describe.each(await freshStores())("landing what is in a work tree, on %s", (_, freshStore) => {
  /** An agent that does one thing after the other, and a task of it in a work tree. */
  async function begin(...turns: Turn[]) {
    const told: Work[] = [];
    const script = (work: Work): Outcome => {
      told.push(work);
      turns[told.length - 1]?.(work, work.workspace?.path ?? "");
      return { ok: true, output: "done", conversation: "talk" };
    };
    const server = await openLandingServer(await freshStore(), { script });
    const repository = createRepository({ "a.txt": "a\n", "baton.yaml": batonYaml(shell("tests", "! grep -rn --include=*.txt bad .")) });
    ends.push(repository.remove, () => server.stopAll());
    await server.addAgent("coder");
    const taskId = await server.submit({ title: "Write it", description: "Write it.", repository: repository.path, workspace: "task" });
    await server.until(taskId, "completed");
    return { server, repository, told, taskId, land: (more: object = {}) => landed(server, { taskId, ...more }) };
  }
  async function landed(server: LandingServer, input: object) {
    const { id } = await createLanding(server, parse(landingInput, input, "body"), operator);
    return server.ended(id);
  }
  const write =
    (name: string, text: string): Turn =>
    (_work, place) =>
      writeFileSync(join(place, name), text);

  test("lands what its agent left uncommitted, on top of what it committed, and keeps a checkpoint of it", async () => {
    const { server, repository, taskId, land } = await begin((_work, place) => {
      writeFileSync(join(place, "one.txt"), "one\n");
      git(place, "add", "-A");
      git(place, "commit", "-q", "-m", "One");
      writeFileSync(join(place, "two.txt"), "two\n");
    });
    const landing = await land();
    expect(landing).toMatchObject({ state: "landed", taskId, returns: [], source: `baton/${taskId}`, target: "main" });
    expect(repository.git("ls-tree", "--name-only", "main").split("\n")).toEqual(["a.txt", "baton.yaml", "one.txt", "two.txt"]);
    expect(repository.git("log", "-1", "--format=%an %s", "main^2")).toBe("coder Write it");
    const workspace = await getWorkspace(server, taskId);
    expect([workspace.id, workspace.landed?.commit]).toEqual([landing.workspaceId, landing.commit]);
    const { items } = await listCheckpoints(server, { workspaceId: workspace.id }, EVERYWHERE);
    expect(items[0]).toMatchObject({ kind: "landing", taskId });
    expect(await land()).toMatchObject({ state: "refused", failure: { kind: "source" } });
  });
  test("tells the agent, in its conversation and work tree, what failed; what it makes of it lands", async () => {
    const { repository, told, land, server } = await begin(write("new.txt", "bad\n"), write("new.txt", "good\n"));
    const landing = await land();
    expect(landing).toMatchObject({ state: "landed", tries: 2, returns: [{ taskId: expect.any(String) }] });
    expect(repository.read("main", "new.txt")).toBe("good");
    expect(told[1]).toMatchObject({
      conversation: "talk",
      workspace: { path: told[0]?.workspace?.path },
      description: expect.stringContaining("new.txt:1:bad"),
    });
    expect((await server.until(landing.returns[0]?.taskId ?? "", "completed")).title).toContain("Mend");
  });
  test("tells of the same failure once, of others again, and not more often than it is asked to", async () => {
    const same = await begin(write("new.txt", "bad\n"), write("other.txt", "good\n"));
    expect(await same.land()).toMatchObject({ state: "refused", tries: 2, returns: [{}], reason: expect.stringContaining("was told of this") });
    const never = await begin(write("new.txt", "bad\n"));
    expect(await never.land({ maxFeedback: 0 })).toMatchObject({ state: "refused", tries: 1, returns: [] });
    expect([same.told.length, never.told.length]).toEqual([2, 1]);
  });
  test("gives it back within its project: its agent serves no other", async () => {
    const server = await openLandingServer(await freshStore(), {
      script: (work) => {
        writeFileSync(join(work.workspace?.path ?? "", "new.txt"), work.description.includes("did not pass") ? "good\n" : "bad\n");
        return { ok: true, output: "done" };
      },
    });
    const repository = createRepository({ "a.txt": "a\n", "baton.yaml": batonYaml(shell("tests", "! grep -rn --include=*.txt bad .")) });
    ends.push(repository.remove, () => server.stopAll());
    await server.addAgent("coder", { projectId: "north" });
    const taskId = await server.submit({ description: "Write it.", repository: repository.path, workspace: "task", projectId: "north" });
    await server.until(taskId, "completed");
    const landing = await landed(server, { taskId });
    expect(landing).toMatchObject({ state: "landed", returns: [{}] });
    expect((await server.until(landing.returns[0]?.taskId ?? "", "completed")).projectId).toBe("north");
  });
  test("has the agent merge what conflicts", async () => {
    const { repository, told, land } = await begin(write("a.txt", "mine\n"), (_work, place) => {
      git(place, "commit", "-q", "-a", "-m", "Mine");
      expect(() => git(place, "merge", "-q", "main")).toThrow();
      writeFileSync(join(place, "a.txt"), "theirs and mine\n");
      git(place, "commit", "-q", "-a", "-m", "Both");
    });
    repository.git("merge", "-q", "--ff-only", repository.branch("theirs", { "a.txt": "theirs\n" }));
    expect(await land()).toMatchObject({ state: "landed", returns: [{}] });
    expect(told[1]?.description).toContain("a.txt");
    expect(repository.read("main", "a.txt")).toBe("theirs and mine");
  });
  test("is refused when the agent does not mend it, and can be tried again", async () => {
    const { land, server, repository, told } = await begin(write("new.txt", "bad\n"), () => {
      throw new Error("away");
    });
    const refused = await land();
    expect(refused).toMatchObject({ state: "refused", reason: expect.stringContaining("did not mend it"), failure: { kind: "gate" } });
    writeFileSync(join(told[0]?.workspace?.path ?? "", "new.txt"), "good\n");
    await retryLanding(server, refused.id);
    expect(await server.ended(refused.id)).toMatchObject({ state: "landed" });
    expect(repository.read("main", "new.txt")).toBe("good");
  });
  test("says what is missing, and lands nothing that is half done", async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const server = await openLandingServer(await freshStore(), { script: () => held.then(() => ({ ok: true, output: "done" })) });
    const repository = createRepository({ "a.txt": "a\n" });
    ends.push(repository.remove, () => server.stopAll());
    await server.addAgent("coder");
    const taskId = await server.submit({ description: "Write it.", repository: repository.path, workspace: "task" });
    await expect.poll(async () => (await getWorkspace(server, taskId).catch(() => undefined))?.attempts.length).toBe(1);
    const { id } = await getWorkspace(server, taskId);
    for (const [input, code] of [
      [{}, "bad_input"],
      [{ source: "main" }, "bad_input"],
      [{ source: "main", repository: repository.path, workspaceId: id }, "bad_input"],
      [{ workspaceId: "nothing" }, "not_found"],
      [{ workspaceId: id }, "conflict"],
    ] as const)
      await expect(createLanding(server, parse(landingInput, input, "body"), operator)).rejects.toMatchObject({ code });
    release();
    await server.until(taskId, "completed");
    await expect(getLanding(server, "nothing")).rejects.toMatchObject({ code: "not_found" });
  });
});
