// Landing, held against every store on real repositories with real programs.
import { existsSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { getVerdict, listVerdicts, putGates } from "../gates/gates.ts";
import { EVERYWHERE } from "../store/scope.ts";
import type { OpenStore } from "../tasks/tasks.testkit.ts";
import { cancelLanding, createLanding, enterRepository, getGatesInForce, listLandings, retryLanding } from "./landing.ts";
import { batonYaml, createRepository, type LandingServer, openLandingServer, operator, shell, type TestRepository } from "./landing.testkit.ts";

export function testLanding(store: string, freshStore: () => Promise<OpenStore>): void {
  const servers: LandingServer[] = [];
  const repositories: TestRepository[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stopAll();
    for (const repository of repositories.splice(0)) repository.remove();
  });
  const start = async (isIdle = false): Promise<LandingServer> => {
    const server = await openLandingServer(await freshStore(), { isIdle });
    servers.push(server);
    return server;
  };
  const repositoryWith = (files: Record<string, string>): TestRepository => {
    const repository = createRepository(files);
    repositories.push(repository);
    return repository;
  };
  /** Its test passes while no file says "bad". */
  const guarded = (more: Record<string, string> = {}) =>
    repositoryWith({ "a.txt": "a\n", "b.txt": "b\n", "baton.yaml": batonYaml(shell("tests", "! grep -rn --include=*.txt bad .")), ...more });

  describe(`landing on ${store}`, () => {
    test("moves the branch to the merged tree once its gates let it through, and brings the work tree along", async () => {
      const [server, repository] = [await start(), guarded()];
      const base = repository.git("rev-parse", "main");
      repository.branch("work", { "a.txt": "better\n" });
      const landing = await server.ended((await server.land({ repository: repository.path, source: "work" })).id);
      expect(landing).toMatchObject({ state: "landed", target: "main", previous: base, commit: repository.git("rev-parse", "main"), tries: 1 });
      expect(readFileSync(join(repository.path, "a.txt"), "utf8")).toBe("better\n");
      expect(repository.git("status", "--porcelain")).toBe("");
      const verdict = await getVerdict(server, landing.verdictId ?? "");
      expect(verdict).toMatchObject({ state: "pass", passes: true, base, tree: repository.git("rev-parse", "main^{tree}"), landingIds: [landing.id] });
      expect(verdict.results).toMatchObject([{ name: "tests", state: "pass", origin: "file", runs: [{ ok: true }] }]);
    });
    test("refuses what fails a gate, with the part of its output that matters, and lets the branch be", async () => {
      const [server, repository] = [await start(), guarded()];
      const base = repository.git("rev-parse", "main");
      repository.branch("work", { "a.txt": "bad\n" });
      const landing = await server.ended((await server.land({ repository: repository.path, source: "work" })).id);
      expect(landing).toMatchObject({ state: "refused", failure: { kind: "gate", gates: ["tests"] } });
      expect(landing.failure?.detail).toContain("a.txt:1:bad");
      expect(repository.git("rev-parse", "main")).toBe(base);
      expect((await getVerdict(server, landing.verdictId ?? "")).results[0]?.runs).toHaveLength(2);
    });
    test("explains a conflict by its files", async () => {
      const [server, repository] = [await start(), guarded()];
      repository.branch("one", { "a.txt": "one\n" });
      repository.branch("two", { "a.txt": "two\n", "b.txt": null });
      await server.ended((await server.land({ repository: repository.path, source: "one" })).id);
      const landing = await server.ended((await server.land({ repository: repository.path, source: "two" })).id);
      expect(landing).toMatchObject({
        state: "refused",
        failure: { kind: "conflict", files: [{ path: "a.txt", detail: expect.stringContaining("Merge conflict in a.txt") }] },
      });
      expect(landing.verdictId).toBeNull();
    });
    test("takes the gates as they are on the target: a change does not loosen those it has to pass", async () => {
      const [server, repository] = [await start(), guarded()];
      repository.branch("work", { "a.txt": "bad\n", "baton.yaml": batonYaml(shell("tests", "true")) });
      const landing = await server.ended((await server.land({ repository: repository.path, source: "work" })).id);
      expect(landing).toMatchObject({ state: "refused", failure: { kind: "gate", gates: ["tests"] } });
    });
    test("is closed where there are no gates, where they cannot be read, and where a program is missing", async () => {
      const server = await start();
      for (const [files, detail] of [
        [{ "a.txt": "a" }, "nothing lands unjudged"],
        [{ "a.txt": "a", "baton.yaml": "gates: [{name: x, kind: magic}]" }, "baton.yaml:1:19  gates[0].kind"],
        [{ "a.txt": "a", "baton.yaml": batonYaml({ name: "x", kind: "command", command: "no-such-program" }) }, "cannot be run"],
        [{ "a.txt": "a", "baton.yaml": batonYaml(shell("x", "no-such-program")) }, "a program it needs is missing"],
        [{ "a.txt": "a", "baton.yaml": batonYaml(shell("x", "echo changed > a.txt")) }, "changed files of the tree"],
      ] as const) {
        const repository = repositoryWith(files);
        const base = repository.git("rev-parse", "main");
        repository.branch("work", { "new.txt": "new\n" });
        const landing = await server.ended((await server.land({ repository: repository.path, source: "work" })).id);
        expect(landing).toMatchObject({ state: "refused", failure: { kind: "misconfigured", detail: expect.stringContaining(detail) } });
        expect(repository.git("rev-parse", "main")).toBe(base);
      }
    });
    test("runs what fails once more: what passes then is flaky, both runs are kept, and it lands unless its gate says no", async () => {
      const server = await start();
      const [mild, strict] = ["pass", "fail"].map((flaky) =>
        repositoryWith({ "a.txt": "a", "baton.yaml": batonYaml(shell("tests", "test -e seen || { touch seen; echo first error; exit 1; }", { flaky })) }),
      );
      for (const [repository, state] of [
        [mild, "landed"],
        [strict, "refused"],
      ] as const) {
        repository?.branch("work", { "new.txt": "new\n" });
        const landing = await server.ended((await server.land({ repository: repository?.path ?? "", source: "work" })).id);
        expect(landing.state).toBe(state);
        const verdict = await getVerdict(server, landing.verdictId ?? "");
        expect(verdict).toMatchObject({
          state: "flaky",
          passes: state === "landed",
          results: [{ state: "flaky", runs: [{ ok: false, said: "first error" }, { ok: true }] }],
        });
      }
    });
    test("judges several at once, finds the one that is to blame by halving, and lands the others", async () => {
      const [server, repository] = [await start(true), guarded()];
      const landings = [];
      for (let n = 1; n <= 6; n++) {
        repository.branch(`work-${n}`, { [`new-${n}.txt`]: n === 4 ? "bad\n" : "good\n" });
        landings.push(await server.land({ repository: repository.path, source: `work-${n}` }));
      }
      await server.startWorker();
      const ended = await Promise.all(landings.map(({ id }) => server.ended(id)));
      expect(ended.map(({ state }) => state)).toEqual(["landed", "landed", "landed", "refused", "landed", "landed"]);
      expect(ended[3]?.failure?.detail).toContain("new-4.txt");
      expect(repository.git("ls-tree", "--name-only", "main").split("\n")).toEqual([
        "a.txt",
        "b.txt",
        "baton.yaml",
        ...[1, 2, 3, 5, 6].map((n) => `new-${n}.txt`),
      ]);
      const verdicts = await listVerdicts(server, { scope: EVERYWHERE, limit: 100, offset: 0 });
      expect(verdicts.items.find(({ seq }) => seq === Math.min(...verdicts.items.map((one) => one.seq)))?.landingIds).toHaveLength(6);
      const main = repository.git("rev-parse", "main^{tree}");
      expect(verdicts.items.some(({ tree, passes }) => tree === main && passes)).toBe(true);
    });
    test("brings along a work tree whose files were written anew as they were", async () => {
      const [server, repository] = [await start(), guarded()];
      repository.branch("work", { "a.txt": "better\n" });
      const path = join(repository.path, "a.txt");
      utimesSync(path, 1, 1);
      const landing = await server.ended((await server.land({ repository: repository.path, source: "work" })).id);
      expect([landing.state, readFileSync(path, "utf8")]).toEqual(["landed", "better\n"]);
    });
    test("moves nothing under a work tree with changes, nor over a file that nobody tracks, and lands when that is settled", async () => {
      const [server, repository] = [await start(), guarded()];
      const base = repository.git("rev-parse", "main");
      repository.branch("work", { "new.txt": "new\n" });
      repository.write("a.txt", "mine\n");
      const dirty = await server.ended((await server.land({ repository: repository.path, source: "work" })).id);
      expect(dirty).toMatchObject({ state: "refused", failure: { kind: "target", detail: expect.stringContaining("a.txt") } });
      repository.git("checkout", "-q", "a.txt");
      repository.write("new.txt", "mine\n");
      await retryLanding(server, dirty.id);
      const inTheWay = await server.ended(dirty.id);
      expect(inTheWay).toMatchObject({ state: "refused", failure: { kind: "target", detail: expect.stringContaining("new.txt") } });
      expect(repository.git("rev-parse", "main")).toBe(base);
      expect(readFileSync(join(repository.path, "new.txt"), "utf8")).toBe("mine\n");
      repository.git("clean", "-qf");
      await retryLanding(server, dirty.id);
      expect(await server.ended(dirty.id)).toMatchObject({ state: "landed" });
      expect(readFileSync(join(repository.path, "new.txt"), "utf8")).toBe("new\n");
    });
    test.each(["rebase", "squash"] as const)("can %s in place of merging, and keeps who wrote it", async (method) => {
      const [server, repository] = [await start(), guarded()];
      repository.branch("work", { "one.txt": "1\n" });
      repository.branch("work", { "two.txt": "2\n" }, "work");
      repository.branch("other", { "other.txt": "other\n" });
      await server.ended((await server.land({ repository: repository.path, source: "other" })).id);
      await server.ended((await server.land({ repository: repository.path, source: "work", method })).id);
      const log = repository.git("log", "--first-parent", "--format=%an/%cn %p", "-3", "main").split("\n");
      const parents = log.map((line) => line.split(" ").length - 1);
      expect(parents.slice(0, method === "rebase" ? 2 : 1).every((count) => count === 1)).toBe(true);
      expect(log[0]).toMatch(/^Ada\/Baton/);
      expect([repository.read("main", "one.txt"), repository.read("main", "two.txt"), repository.read("main", "other.txt")]).toEqual(["1", "2", "other"]);
    });
    test("adds gates of the repository and of the change to those of the file", async () => {
      const [server, repository] = [await start(), guarded()];
      repository.branch("work", { "new.txt": "new\n" });
      const { id } = await server.land({ repository: repository.path, source: "work", gates: [shell("own", "test -e never")] });
      expect(await server.ended(id)).toMatchObject({ state: "refused", failure: { gates: ["own"] } });
      await putGates(server, repository.path, [{ name: "small", kind: "size", maxFiles: 1, ignore: [] }], "somebody");
      repository.branch("large", { "new.txt": "new\n", "more.txt": "more\n" });
      const large = await server.ended((await server.land({ repository: repository.path, source: "large" })).id);
      expect(large).toMatchObject({ state: "refused", failure: { gates: ["small"] } });
      expect((await getVerdict(server, large.verdictId ?? "")).results.map(({ name, state }) => [name, state])).toEqual([
        ["small", "fail"],
        ["tests", "skipped"],
      ]);
    });
    test("tells which gates are in force: of the file as it is on the target, and by API; and why there is no telling", async () => {
      const [server, repository] = [await start(true), guarded()];
      const ask = (target?: string) => getGatesInForce(server, { repository: repository.path, target });
      await expect(ask()).rejects.toMatchObject({ code: "not_found" });
      await enterRepository(server, repository.path, operator);
      await putGates(server, repository.path, [{ name: "small", kind: "size", maxFiles: 1, ignore: [] }], "somebody");
      const told = await ask();
      expect(told).toMatchObject({ target: "main", method: "merge", batch: null, problem: null });
      expect(told.gates.map(({ origin, gate }) => [origin, gate.name])).toEqual([
        ["file", "tests"],
        ["repository", "small"],
      ]);
      repository.branch("broken", { "baton.yaml": "gates: [{ name: x, kind: circle }]\n" });
      expect(await ask("broken")).toMatchObject({ gates: [{ origin: "repository" }], problem: expect.stringContaining("baton.yaml") as string });
      expect(await ask("nowhere")).toMatchObject({ problem: "There is no branch nowhere." });
      repository.git("checkout", "-q", "--detach");
      expect(await ask()).toMatchObject({ target: null, gates: [{ origin: "repository" }] });
    });
    test("ends what is judged when it is cancelled, and takes the next", async () => {
      const [server, repository] = [await start(), repositoryWith({ "a.txt": "a", "baton.yaml": batonYaml(shell("tests", "test ! -e slow.txt || sleep 60")) })];
      repository.branch("slow", { "slow.txt": "slow\n" });
      repository.branch("quick", { "quick.txt": "quick\n" });
      const slow = await server.land({ repository: repository.path, source: "slow" });
      await expect.poll(async () => (await listLandings(server, EVERYWHERE, { limit: 1, offset: 0, state: "judging" })).total).toBe(1);
      const quick = await server.land({ repository: repository.path, source: "quick" });
      expect(await cancelLanding(server, slow.id, "operator")).toMatchObject({ state: "cancelled" });
      expect(await server.ended(quick.id)).toMatchObject({ state: "landed" });
      expect(repository.git("ls-tree", "--name-only", "main")).not.toContain("slow.txt");
      expect(existsSync(join(repository.path, "slow.txt"))).toBe(false);
      await expect(cancelLanding(server, quick.id, "operator")).rejects.toMatchObject({ code: "conflict" });
    });
    test("moves the branch of a remote, and judges anew when somebody was quicker", async () => {
      const [server, repository, remote] = [await start(true), guarded(), guarded()];
      remote.git("checkout", "-q", "--detach");
      repository.git("remote", "add", "origin", remote.path);
      repository.git("fetch", "-q", "origin");
      const local = repository.git("rev-parse", "main");
      repository.branch("work", { "new.txt": "new\n" }, "origin/main");
      const { id } = await server.land({ repository: repository.path, source: "work", target: "main", mode: { kind: "push" } });
      const quicker = remote.branch("quicker", { "quicker.txt": "quicker\n" });
      let pushes = 0;
      await server.startWorker({
        run: (call) => {
          // Between judging and moving.
          if (call.args[0] === "push" && ++pushes === 1) remote.git("update-ref", "refs/heads/main", quicker);
          return server.git.run(call);
        },
      });
      expect(await server.ended(id)).toMatchObject({ state: "landed", previous: quicker, tries: 2 });
      expect(remote.git("ls-tree", "--name-only", "main").split("\n")).toEqual(expect.arrayContaining(["new.txt", "quicker.txt"]));
      expect(repository.git("rev-parse", "main")).toBe(local);
      const gone = await server.land({ repository: repository.path, source: "work", target: "nothing", mode: { kind: "push" } });
      expect(await server.ended(gone.id)).toMatchObject({
        state: "refused",
        failure: { kind: "target", detail: expect.stringContaining("no branch nothing on origin") },
      });
    });
    test("proposes what was judged by a command of one's own, moves nothing, and keeps the link", async () => {
      const [server, repository, remote] = [await start(), guarded(), guarded()];
      repository.git("remote", "add", "origin", remote.path);
      repository.git("fetch", "-q", "origin");
      repository.branch("work", { "new.txt": "new\n" }, "origin/main");
      const before = remote.git("rev-parse", "main");
      const propose = (line: string) => ({ kind: "pull_request" as const, command: "sh", args: ["-c", line], passEnvironment: ["TOKEN", "HIDDEN"] });
      const given = { repository: repository.path, source: "work", target: "main" };
      const good = await server.ended(
        (await server.land({ ...given, mode: propose('echo opened; echo "https://example.com/$BATON_BRANCH/$BATON_TARGET/$TOKEN$HIDDEN"') })).id,
      );
      expect(good).toMatchObject({
        state: "proposed",
        link: `https://example.com/baton/${good.id}/main/token`,
        tree: remote.git("rev-parse", `baton/${good.id}^{tree}`),
      });
      expect(remote.git("rev-parse", "main")).toBe(before);
      const bad = await server.ended((await server.land({ ...given, mode: propose("echo no rights; exit 1") })).id);
      expect(bad).toMatchObject({ state: "refused", failure: { kind: "target", detail: expect.stringContaining("no rights") } });
    });
    test("is refused for what is not there, and programs are named only by who may", async () => {
      const [server, repository] = [await start(), guarded()];
      repository.branch("work", { "new.txt": "new\n" });
      const given = { repository: repository.path, source: "work", gates: [], maxFeedback: 3 };
      const somebody = { name: "somebody", mayName: false };
      await expect(createLanding(server, given, somebody)).rejects.toMatchObject({ code: "forbidden", message: expect.stringContaining("right host") });
      await server.ended((await createLanding(server, given, operator)).id);
      repository.branch("more", { "more.txt": "more\n" });
      await expect(
        createLanding(
          server,
          { ...given, source: "more", gates: [shell("x", "true", { environment: {}, timeoutMs: 1000, flaky: "pass" as const }) as never] },
          somebody,
        ),
      ).rejects.toMatchObject({ code: "forbidden" });
      expect(await server.ended((await createLanding(server, { ...given, source: "more" }, somebody)).id)).toMatchObject({
        state: "landed",
        requestedBy: "somebody",
      });
      for (const wrong of [{ repository: "/nowhere" }, { repository: "/tmp" }, { source: "nothing" }, { target: "nothing" }, { source: "main" }])
        await expect(createLanding(server, { ...given, ...wrong }, operator)).rejects.toMatchObject({ code: "bad_input" });
      expect(await server.ended((await createLanding(server, given, operator)).id)).toMatchObject({
        state: "refused",
        failure: { kind: "source", detail: expect.stringContaining("nothing to land") },
      });
    });
  });
}
