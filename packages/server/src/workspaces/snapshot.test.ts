// Snapshots of work trees with what git itself would overlook, and setting them back.
import { randomUUID } from "node:crypto";
import { chmodSync, existsSync, linkSync, lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openPrograms } from "../programs/programs.ts";
import { systemClock } from "../std/clock.ts";
import { listDiff } from "./diff.ts";
import { openGit } from "./git.ts";
import { ignoredInTheWay, restoreFiles } from "./restore.ts";
import { type Snapshot, snapshotRef, takeSnapshot } from "./snapshot.ts";
import { gitIn, openTestPlaces, writeFile } from "./workspaces.testkit.ts";
import { addWorktree, fillWorktree, gitDirOf, removeWorktree } from "./worktree.ts";

const places = openTestPlaces();
const programs = openPrograms(systemClock);
const git = openGit({ programs, newId: randomUUID });
afterAll(() => programs.close());

async function open(files: Record<string, string>) {
  const repository = places.repository(files);
  const path = join(places.directory, randomUUID());
  const place = { commonDir: join(repository.path, ".git"), path, branch: "work", commit: repository.git("rev-parse", "HEAD") };
  await addWorktree(git, place);
  await fillWorktree(git, place);
  repository.git("update-ref", snapshotRef("x"), place.commit);
  const snap = (ignored: string[] = []) => takeSnapshot(git, { workspaceId: "x", path, mark: randomUUID(), message: "A state", ignored });
  return {
    ...place,
    repository,
    snap,
    git: (...args: string[]) => gitIn(path, ...args),
    at: (name: string) => join(path, name),
    write: (name: string, text: string) => writeFile(path, name, text),
    read: (name: string) => readFileSync(join(path, name), "utf8"),
    setBack: async (to: Snapshot) => {
      const ignored = await ignoredInTheWay(git, path, (await snap()).tree, to.tree);
      if (ignored.length > 0) await snap(ignored);
      await restoreFiles(git, path, to, "work");
    },
  };
}

test("a file that was changed in the second its index was written, and kept its size, is in the snapshot as it is", async () => {
  const tree = await open({ "a.txt": "one\n" });
  tree.repository.git("config", "core.trustctime", "false");
  const then = new Date("2026-01-02T03:04:05Z");
  tree.write("a.txt", "two\n");
  utimesSync(tree.at("a.txt"), then, then);
  tree.git("add", "a.txt");
  utimesSync(join(await gitDirOf(tree.path), "index"), then, then);
  tree.write("a.txt", "six\n");
  utimesSync(tree.at("a.txt"), then, then);
  expect(tree.repository.git("show", `${(await tree.snap()).commit}:a.txt`)).toBe("six");
});

test("files that git was told not to look at are in the snapshot as they are; those that a sparse checkout leaves out, as they were", async () => {
  const tree = await open({ "a.txt": "a\n", "b.txt": "b\n", "in/c.txt": "c\n", "out/d.txt": "d\n", "out/e.txt": "e\n" });
  tree.git("update-index", "--assume-unchanged", "a.txt");
  tree.git("update-index", "--skip-worktree", "b.txt");
  tree.write("a.txt", "a, changed\n");
  tree.write("b.txt", "b, changed\n");
  const first = await tree.snap();
  expect(["a.txt", "b.txt"].map((name) => tree.git("show", `${first.commit}:${name}`))).toEqual(["a, changed", "b, changed"]);
  tree.git("sparse-checkout", "set", "in");
  tree.write("out/d.txt", "d, changed\n");
  tree.write("new/f.txt", "f\n");
  const second = await tree.snap();
  const read = (name: string) => tree.git("show", `${second.commit}:${name}`);
  expect([existsSync(tree.at("out/e.txt")), ...["out/d.txt", "out/e.txt", "new/f.txt"].map(read)]).toEqual([false, "d, changed", "e", "f"]);
});

test("names of any kind, links, modes and bytes come back as they were, and go again", async () => {
  const tree = await open({ "a.txt": "a\n", "dir/x.txt": "x\n" });
  const bytes = Buffer.from([0, 255, 13, 10, 254, 10]);
  const odd = 'a\nb\tc "q" ü.txt';
  tree.write(odd, "odd\n");
  writeFileSync(tree.at("bytes"), bytes);
  writeFileSync(tree.at("run.sh"), "#!/bin/sh\n", { mode: 0o755 });
  symlinkSync("a.txt", tree.at("link"));
  symlinkSync("dir", tree.at("link-to-dir"));
  const first = await tree.snap();
  expect((await listDiff(git, tree.path, "main", first.tree)).map(({ path }) => path).sort()).toEqual([odd, "bytes", "link", "link-to-dir", "run.sh"].sort());
  for (const name of [odd, "link", "link-to-dir", "dir"]) rmSync(tree.at(name), { recursive: true });
  tree.write("link", "a file\n");
  tree.write("link-to-dir/inner.txt", "inner\n");
  symlinkSync(tree.repository.path, tree.at("dir"));
  tree.write("bytes", "text\n");
  chmodSync(tree.at("run.sh"), 0o644);
  const second = await tree.snap();
  await tree.setBack(first);
  expect(readFileSync(tree.at("bytes")).equals(bytes)).toBe(true);
  expect([readlinkSync(tree.at("link")), readlinkSync(tree.at("link-to-dir"))]).toEqual(["a.txt", "dir"]);
  expect([tree.read(odd), tree.read("dir/x.txt"), lstatSync(tree.at("run.sh")).mode & 0o111]).toEqual(["odd\n", "x\n", 0o111]);
  await tree.setBack(second);
  expect([tree.read("link"), tree.read("link-to-dir/inner.txt"), readlinkSync(tree.at("dir"))]).toEqual(["a file\n", "inner\n", tree.repository.path]);
});

test("a repository inside of a work tree is left out while it has no commit, and nothing is set back over one", async () => {
  const tree = await open({ "a.txt": "a\n" });
  tree.write("spot", "a file\n");
  const first = await tree.snap();
  rmSync(tree.at("spot"));
  for (const name of ["spot", "in\nner"]) {
    mkdirSync(tree.at(name));
    gitIn(tree.at(name), "init", "-q");
    tree.write(`${name}/precious.txt`, "precious\n");
  }
  tree.write("b.txt", "b\n");
  expect(tree.git("show", `${(await tree.snap()).commit}:b.txt`)).toBe("b");
  gitIn(tree.at("spot"), "commit", "-q", "--allow-empty", "-m", "Inner");
  await expect(tree.setBack(first)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("spot") });
  expect(tree.read("spot/precious.txt")).toBe("precious\n");
});

test("an index lock that setting back left when it was cut off is taken away; that of git at work keeps everything as it is", async () => {
  const tree = await open({ "a.txt": "a\n" });
  const first = await tree.snap();
  tree.write("a.txt", "changed\n");
  const gitDir = await gitDirOf(tree.path);
  writeFileSync(join(gitDir, "index.lock"), "");
  await expect(tree.setBack(first)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("index.lock") });
  expect(tree.read("a.txt")).toBe("changed\n");
  rmSync(join(gitDir, "index.lock"));
  writeFileSync(join(gitDir, "baton-restore.index"), readFileSync(join(gitDir, "index")));
  linkSync(join(gitDir, "baton-restore.index"), join(gitDir, "index.lock"));
  await tree.setBack(first);
  expect([tree.read("a.txt"), existsSync(join(gitDir, "index.lock"))]).toEqual(["a\n", false]);
});

test("to remove a work tree makes git forget no other that is not there just now", async () => {
  const tree = await open({ "a.txt": "a\n" });
  tree.repository.git("worktree", "add", "-q", "-b", "away", join(places.directory, "away"));
  rmSync(join(places.directory, "away"), { recursive: true });
  await removeWorktree(git, tree.commonDir, tree.path);
  expect(tree.repository.git("worktree", "list", "--porcelain").match(/^branch .*/gm)).toEqual(["branch refs/heads/main", "branch refs/heads/away"]);
});
