// Checkpoints, rollbacks, diffs and reviews on real repositories, with scripted agents that keep conversations.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Outcome, Work } from "@baton/contract";
import { afterEach, describe, expect, test } from "vitest";
import { EVERYWHERE } from "../store/scope.ts";
import { sql } from "../store/sql.ts";
import { checkpointAgent, getAgentCheckpoint, listAgentCheckpoints, reviewWorkspace, rollBackAgent } from "../tasks/tasks.ts";
import { openTestServer, type Script, type TestServer } from "../tasks/tasks.testkit.ts";
import { recoverWorkspaces } from "./recover.ts";
import { getWorkspace, getWorkspaceRow, listVisits, viewDiff } from "./workspaces.ts";
import { freshStores, gitIn, openTestPlaces, writeFile } from "./workspaces.testkit.ts";

const places = openTestPlaces();
const now = { from: "base", to: "now" };

describe.each(await freshStores())("checkpoints on %s", (_, freshStore) => {
  const running: TestServer[] = [];
  /** Each step writes what its description says, `name=text; …`; a name without a text is removed from git and the disk. */
  const works: Work[] = [];
  const writer: Script = (work): Outcome => {
    works.push(work);
    const path = work.workspace?.path ?? "";
    for (const [, name = "", text = ""] of work.description.matchAll(/(\S+)=(\w+);/g)) writeFile(path, name, `${text}\n`);
    if (work.description.includes("commit")) {
      gitIn(path, "add", "-A");
      gitIn(path, "commit", "-q", "-m", "By the agent");
    }
    return { ok: true, output: `did ${work.stepId}`, conversation: "talk-1", usage: { inputTokens: 10, outputTokens: 5 } };
  };
  const start = async (script: Script = writer): Promise<TestServer> => {
    const server = await openTestServer(await freshStore(), script);
    running.push(server);
    return server;
  };
  afterEach(async () => {
    works.length = 0;
    for (const server of running.splice(0)) await server.stop();
  });
  const done = async (server: TestServer, path: string, steps: string[], more: object = {}): Promise<string> => {
    const id = await server.submit({
      description: "Work.",
      repository: path,
      workspace: "task",
      steps: steps.map((description, at) => ({ id: `s${at}`, description, agent: "ada", ...(at === 0 ? {} : { needs: [`s${at - 1}`] }) })),
      ...more,
    });
    await server.until(id, "completed");
    return id;
  };

  test("an attempt begins with a checkpoint of its agent, its task and its files; values of the environment are sealed", async () => {
    const repository = places.repository();
    const server = await start();
    await server.addAgent("ada", { environment: { TOKEN: "very-secret-value" } });
    const id = await done(server, repository.path, ["a.txt=one;", "b.txt=two;"]);
    const { items } = await listAgentCheckpoints(server, "ada", undefined, EVERYWHERE);
    expect(items.map(({ kind, stepId }) => [kind, stepId])).toEqual([
      ["attempt", "s1"],
      ["attempt", "s0"],
    ]);
    const whole = await getAgentCheckpoint(server, "ada", items[0]?.id ?? "");
    expect(whole.state).toMatchObject({
      environment: ["TOKEN"],
      currentTask: { id, stepId: "s1", description: "Work." },
      hasConversation: true,
      context: {
        projectFiles: ["a.txt"],
        conversationHistory: [
          { role: "user", content: "a.txt=one;" },
          { role: "assistant", content: "did s0" },
          { role: "user", content: "b.txt=two;" },
        ],
      },
      metrics: { filesModified: 1, tokensUsed: 15, apiCalls: null },
    });
    const stored = JSON.stringify(await server.db.all(sql`select * from workspace_checkpoints`));
    expect(stored).not.toContain("very-secret-value");
    expect(repository.git("show", `${whole.commit}:a.txt`)).toBe("one");
  });

  test("a rollback sets tracked, new and staged files, commits and branch back, keeps what it replaced, and can itself be taken back", async () => {
    const repository = places.repository({ "keep.txt": "keep\n", "old.txt": "old\n", ".gitignore": "*.log\n" });
    const server = await start();
    await server.addAgent("ada");
    const id = await done(server, repository.path, ["new.txt=first; keep.txt=changed;"]);
    const { path, branch } = await getWorkspace(server, id);
    gitIn(path, "add", "keep.txt");
    writeFile(path, "keep.txt", "changed again\n");
    writeFile(path, "trace.log", "ignored\n");
    const head = gitIn(path, "rev-parse", "HEAD");
    const point = await checkpointAgent(server, "ada", { description: "works" }, EVERYWHERE);
    gitIn(path, "rm", "-q", "old.txt");
    gitIn(path, "add", "-A");
    gitIn(path, "commit", "-q", "-m", "Later");
    writeFile(path, "new.txt", "second\n");
    writeFile(path, "later/more.txt", "more\n");
    const { before, workspace } = await rollBackAgent(server, "ada", point.id);
    expect(workspace).toMatchObject({ state: "ready", reason: expect.stringContaining(point.id) });
    expect([head, branch]).toEqual([gitIn(path, "rev-parse", "HEAD"), gitIn(path, "branch", "--show-current")]);
    expect(gitIn(path, "status", "--porcelain")).toBe("MM keep.txt\n?? new.txt");
    expect(readFileSync(join(path, "new.txt"), "utf8")).toBe("first\n");
    expect(readFileSync(join(path, "keep.txt"), "utf8")).toBe("changed again\n");
    expect(existsSync(join(path, "old.txt"))).toBe(true);
    expect(existsSync(join(path, "later"))).toBe(false);
    expect(readFileSync(join(path, "trace.log"), "utf8")).toBe("ignored\n");
    expect(repository.git("log", "--format=%s", "-1", `${before.commit}^1`)).toBe("Later");
    await rollBackAgent(server, "ada", before.id);
    expect(gitIn(path, "log", "--format=%s", "-1")).toBe("Later");
    expect(readFileSync(join(path, "later/more.txt"), "utf8")).toBe("more\n");
    expect(readFileSync(join(path, "new.txt"), "utf8")).toBe("second\n");
    expect(existsSync(join(path, "old.txt"))).toBe(false);
  });

  test("an ignored file that stands where a rollback brings another back is kept with what was replaced", async () => {
    const repository = places.repository();
    const server = await start();
    await server.addAgent("ada");
    const id = await done(server, repository.path, ["out/result=first;"]);
    const { path } = await getWorkspace(server, id);
    const point = await checkpointAgent(server, "ada", { description: "" }, EVERYWHERE);
    writeFile(path, ".gitignore", "out\n");
    writeFile(path, "out/result", "precious and ignored\n");
    const { before } = await rollBackAgent(server, "ada", point.id);
    expect(readFileSync(join(path, "out/result"), "utf8")).toBe("first\n");
    expect(repository.git("show", `${before.commit}:out/result`)).toBe("precious and ignored");
  });

  test("a rollback never moves a branch that is not the workspace's own", async () => {
    const repository = places.repository();
    repository.git("branch", "release");
    const server = await start();
    await server.addAgent("ada");
    const id = await done(server, repository.path, ["a.txt=one;"]);
    const { path } = await getWorkspace(server, id);
    gitIn(path, "checkout", "-q", "release");
    const point = await checkpointAgent(server, "ada", { description: "" }, EVERYWHERE);
    gitIn(path, "commit", "-q", "--allow-empty", "-m", "On release");
    const release = repository.git("rev-parse", "release");
    await rollBackAgent(server, "ada", point.id);
    expect(repository.git("rev-parse", "release")).toBe(release);
    expect(gitIn(path, "rev-parse", "HEAD")).toBe(gitIn(path, "rev-parse", "release^"));
  });

  test("after a rollback a conversation that went on is not gone on with, and its agent is told what was said until then", async () => {
    const repository = places.repository();
    const server = await start();
    await server.addAgent("ada");
    const id = await done(server, repository.path, ["a.txt=one;"], { projectId: "red" });
    const point = await checkpointAgent(server, "ada", { description: "" }, EVERYWHERE);
    const review = await reviewWorkspace(server, id, { comments: [{ path: "a.txt", line: 1, text: "Say two: a.txt=two;" }] });
    expect((await server.until(review, "completed")).projectId).toBe("red");
    expect(works.at(-1)).toMatchObject({
      conversation: "talk-1",
      workspace: { id: point.workspaceId },
      description: expect.stringContaining("a.txt:1:\n> one\nSay two"),
    });
    const { path } = await getWorkspace(server, id);
    expect(readFileSync(join(path, "a.txt"), "utf8")).toBe("two\n");
    await rollBackAgent(server, "ada", point.id);
    expect(readFileSync(join(path, "a.txt"), "utf8")).toBe("one\n");
    await server.until(await reviewWorkspace(server, id, { comments: [{ path: "a.txt", text: "Again." }] }), "completed");
    expect(works.at(-1)?.conversation).toBeUndefined();
    expect(works.at(-1)?.description).toMatch(/was set back to how it was at .*Asked: a\.txt=one;\n\nYou: did s0\n\nYour work was reviewed/s);
  });

  test("of a workspace the last ten checkpoints are kept, and what older ones held stays within reach", async () => {
    const repository = places.repository();
    const server = await start();
    await server.addAgent("ada");
    const id = await done(server, repository.path, ["a.txt=one;"]);
    const { path, snapshot } = await getWorkspace(server, id);
    for (let at = 0; at < 12; at++) {
      writeFile(path, "a.txt", `text ${at}\n`);
      await checkpointAgent(server, "ada", { description: `${at}` }, EVERYWHERE);
    }
    const { items } = await listAgentCheckpoints(server, "ada", undefined, EVERYWHERE);
    expect(items.map(({ description }) => description)).toEqual(["11", "10", "9", "8", "7", "6", "5", "4", "3", "2"]);
    const texts = repository.git("log", "--format=%H", "--first-parent", snapshot?.ref ?? "");
    expect(texts).not.toBe("");
    const all = repository
      .git("rev-list", snapshot?.ref ?? "")
      .split("\n")
      .map((commit) => repository.git("ls-tree", commit, "a.txt"));
    const blobs = [...new Set(all.flatMap((line) => (line === "" ? [] : [line.split(/\s+/)[2] ?? ""])))].map((blob) =>
      repository.git("cat-file", "blob", blob),
    );
    expect(blobs).toEqual(expect.arrayContaining(["one", "text 0", "text 1", "text 11"]));
  });

  test("the diff tells files, counts and patch: since the beginning, of one attempt, between two checkpoints, of one file", async () => {
    const repository = places.repository({ "a.txt": "1\n2\n3\n", "gone.txt": "x\n", "moved.txt": "a\nb\nc\nd\ne\n" });
    const server = await start();
    await server.addAgent("ada");
    const id = await done(server, repository.path, ["a.txt=one; [n].txt=new;", "b.txt=two;"]);
    const { path } = await getWorkspace(server, id);
    gitIn(path, "rm", "-q", "gone.txt");
    gitIn(path, "mv", "moved.txt", "sub.txt");
    writeFile(path, "image", "\u0000\u0001");
    const diff = await viewDiff(server, id, now);
    expect(diff.files).toEqual([
      { path: "[n].txt", oldPath: null, status: "added", additions: 1, deletions: 0 },
      { path: "a.txt", oldPath: null, status: "modified", additions: 1, deletions: 3 },
      { path: "b.txt", oldPath: null, status: "added", additions: 1, deletions: 0 },
      { path: "gone.txt", oldPath: null, status: "deleted", additions: 0, deletions: 1 },
      { path: "image", oldPath: null, status: "added", additions: null, deletions: null },
      { path: "sub.txt", oldPath: "moved.txt", status: "renamed", additions: 0, deletions: 0 },
    ]);
    expect(diff.patch).toContain("-1\n-2\n-3\n+one");
    expect((await viewDiff(server, id, { ...now, path: "[n].txt" })).patch).toMatch(/^diff --git a\/\[n\]\.txt/);
    const { items } = await listVisits(server, id, 10);
    expect((await viewDiff(server, id, { ...now, attempt: items[0]?.attemptId })).files.map((file) => file.path)).toEqual(["b.txt"]);
    const [second, first] = (await listAgentCheckpoints(server, "ada", undefined, EVERYWHERE)).items;
    expect((await viewDiff(server, id, { from: first?.id ?? "", to: second?.id ?? "" })).files.map((file) => file.path)).toEqual(["[n].txt", "a.txt"]);
  });

  test("a rollback that was cut off is done to its end by whoever finds it", async () => {
    const repository = places.repository();
    const server = await start();
    await server.addAgent("ada");
    const id = await done(server, repository.path, ["a.txt=one;"]);
    const row = await getWorkspaceRow(server, id);
    const point = await checkpointAgent(server, "ada", { description: "" }, EVERYWHERE);
    const kept = await server.db.all<{ tree: string; head: string; branch: string }>(
      sql`select tree, head, branch from workspace_checkpoints where id = ${point.id}`,
    );
    writeFile(row.path, "a.txt", "two\n");
    const restoring = JSON.stringify({ checkpointId: point.id, at: 1, ...kept[0] });
    await server.db.transaction((tx) => tx.run(sql`update workspaces set state = 'restoring', worker = 'dead', restoring = ${restoring} where id = ${row.id}`));
    await recoverWorkspaces(server);
    expect(await getWorkspace(server, id)).toMatchObject({ state: "ready" });
    expect(readFileSync(join(row.path, "a.txt"), "utf8")).toBe("one\n");
  });

  test("an agent that works in no workspace has nothing to be kept; a line that is not there cannot be commented", async () => {
    const repository = places.repository();
    const server = await start();
    await server.addAgent("ada");
    await expect(checkpointAgent(server, "ada", { description: "" }, EVERYWHERE)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("works in no workspace"),
    });
    const id = await done(server, repository.path, ["a.txt=one;"]);
    await expect(reviewWorkspace(server, id, { comments: [{ path: "a.txt", line: 9, text: "?" }] })).rejects.toMatchObject({
      issues: [{ path: "body.comments[0].line" }],
    });
    await expect(reviewWorkspace(server, id, { comments: [{ path: "../../etc/passwd", text: "?" }] })).rejects.toMatchObject({
      issues: [{ path: "body.comments[0].path" }],
    });
  });
});
