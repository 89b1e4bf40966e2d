// A PATH of tiny programs with the names of coding agents: what is said of each, and what is left alone.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { newId, systemClock } from "../std/clock.ts";
import { openDetection } from "./detection.ts";

function openMachine(variables: Record<string, string> = {}) {
  const root = mkdtempSync(join(tmpdir(), "baton-detect-"));
  const [bin, home, scratchDirectory] = ["bin", "home", "scratch"].map((name) => join(root, name)) as [string, string, string];
  for (const folder of [bin, home]) mkdirSync(folder);
  const write = (path: string, content: string): string => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  };
  const environment = { PATH: `${bin}:/usr/bin:/bin`, HOME: home, ...variables };
  const detection = openDetection({ clock: systemClock, newId, environment, scratchDirectory });
  onTestFinished(async () => {
    await detection.close();
    rmSync(root, { recursive: true, force: true });
  });
  return {
    bin,
    home,
    root,
    /** A shell script of that name; it notes with what it was called, and in what environment. */
    install: (name: string, script: string) => {
      const path = write(join(bin, name), `#!/bin/sh\necho "$@" >> ${root}/${name}.calls\nenv >> ${root}/${name}.environment\n${script}\n`);
      chmodSync(path, 0o755);
      return path;
    },
    callsOf: (name: string) =>
      existsSync(join(root, `${name}.calls`))
        ? readFileSync(join(root, `${name}.calls`), "utf8")
            .trim()
            .split("\n")
        : [],
    environmentOf: (name: string) => readFileSync(join(root, `${name}.environment`), "utf8"),
    keep: (path: string, content: string) => write(join(home, path), content),
    find: async (id: string, ask = true) => (await detection.detect({ ask })).items.find((one) => one.id === id),
    ids: async () => (await detection.detect({ ask: true })).items.map(({ id }) => id),
  };
}

test("says where it is, of which version, how it would be reached, and registers it with HOME and PATH alone", async () => {
  const { install, find, home, bin } = openMachine({ SECRET: "s3cret" });
  const program = install("claude", 'echo "2.1.197 (Claude Code)"');
  const found = await find("claude");
  expect(found).toMatchObject({ title: "Claude Code", program, version: "2.1.197", registeredAs: null });
  expect(found?.registration).toMatchObject({ name: "claude", connector: { kind: "claude", command: program } });
  expect(Object.keys(found?.registration?.environment ?? {}).sort()).toEqual(["HOME", "PATH"]);
  expect(found?.registration?.environment["HOME"]).toBe(home);
  expect(found?.registration?.environment["PATH"]?.split(":")[0]).toBe(bin);
});

test.each([
  [0, "ready"],
  [1, "missing"],
])("believes its own status command: exit code %i is %s", async (code, state) => {
  const { install, find, callsOf, home } = openMachine();
  install("codex", `[ "$1" = login ] && { echo "as somebody@example.org"; exit ${code}; }; echo codex-cli 0.166.0`);
  const found = await find("codex");
  expect(found?.login.state).toBe(state);
  expect(callsOf("codex")).toEqual(["--version", "login status"]);
  expect(JSON.stringify(found)).not.toContain("somebody");
  expect(home).not.toBe("");
});

test("takes a login file that is there for a login, and does not read it", async () => {
  const { install, find, keep } = openMachine();
  install("gemini", "echo 0.61.0");
  expect((await find("gemini"))?.login.state).toBe("unknown");
  const file = keep(".gemini/oauth_creds.json", "t0ken");
  chmodSync(file, 0o000);
  const found = await find("gemini");
  expect(found?.login).toMatchObject({ state: "ready", why: `${file} is there` });
  expect(JSON.stringify(found)).not.toContain("t0ken");
});

test("names variables that are set, and hands their values to nobody", async () => {
  const { install, find, environmentOf } = openMachine({ GEMINI_API_KEY: "k3y", OTHER: "0ther" });
  install("gemini", "echo 0.61.0");
  const found = await find("gemini");
  expect(found?.login).toMatchObject({ state: "ready", variables: ["GEMINI_API_KEY"] });
  expect(JSON.stringify(found)).not.toContain("k3y");
  expect(environmentOf("gemini")).not.toMatch(/k3y|0ther/);
});

test("a key is a login also where its own status command knows nothing of it", async () => {
  const { install, find } = openMachine({ ANTHROPIC_API_KEY: "k3y" });
  install("claude", '[ "$1" = auth ] && exit 1; echo 2.1.197');
  expect((await find("claude"))?.login).toMatchObject({ state: "ready", variables: ["ANTHROPIC_API_KEY"] });
});

test("asked for its version, it finds an empty HOME, and what it leaves there is gone", async () => {
  const { install, find, home, environmentOf } = openMachine();
  install("qwen", 'touch "$HOME/was-here"; echo 0.15.10');
  await find("qwen");
  const used = /^HOME=(.*)$/m.exec(environmentOf("qwen"))?.[1] ?? "";
  expect(used).not.toBe(home);
  expect([existsSync(used), existsSync(join(home, "was-here"))]).toEqual([false, false]);
});

test("another program of the same name is not taken for it", async () => {
  const { install, ids, root, bin } = openMachine();
  install("goose", 'echo "goose version: v3.24.1"');
  install("agent", "echo 1.0.0");
  expect(await ids()).toEqual([]);
  rmSync(join(bin, "agent"));
  mkdirSync(join(root, "cursor-agent"));
  writeFileSync(join(root, "cursor-agent/run"), "#!/bin/sh\necho 2026.10.01\n", { mode: 0o755 });
  symlinkSync(join(root, "cursor-agent/run"), join(bin, "agent"));
  expect(await ids()).toEqual(["cursor"]);
});

test("an agent that speaks no protocol is reached in a terminal", async () => {
  const { install, find } = openMachine();
  const command = install("aider", "echo aider 0.86.1");
  expect(await find("aider")).toMatchObject({ version: "0.86.1", registration: { connector: { kind: "terminal", command } } });
});

test("one that nothing here can drive is named with what is missing, and not offered", async () => {
  const { install, find } = openMachine();
  install("amp", 'echo "Amp 0.0.17-beta.2."');
  install("codex", "echo codex-cli 0.166.0");
  expect(await find("amp")).toMatchObject({ version: "0.0.17-beta.2", registration: null, how: expect.stringContaining("no protocol") as string });
  expect(await find("codex")).toMatchObject({ registration: null, how: expect.stringContaining("install codex-acp") as string });
});

test("one that has an adapter is reached through it, in the mode in which it asks", async () => {
  const { install, find } = openMachine();
  install("codex", "echo codex-cli 0.166.0");
  const adapter = install("codex-acp", "cat");
  expect(await find("codex")).toMatchObject({ registration: { connector: { kind: "acp", agent: "codex", command: adapter, mode: "read-only" } } });
});

test("an adapter is left out where the agent itself is there", async () => {
  const { install, ids } = openMachine();
  install("claude-agent-acp", "cat");
  expect(await ids()).toEqual(["claude-acp"]);
  install("claude", "echo 2.1.197");
  expect(await ids()).toEqual(["claude"]);
});

test("one that says no version, or fails, is found all the same", async () => {
  const { install, find } = openMachine();
  install("amp", "exit 3");
  expect(await find("amp")).toMatchObject({ version: null });
});

test("unasked, none is run", async () => {
  const { install, find, callsOf } = openMachine();
  install("claude", "echo 2.1.197");
  expect(await find("claude", false)).toMatchObject({ version: null, login: { state: "unknown" } });
  expect(callsOf("claude")).toEqual([]);
});

test("those who ask at the same time share one look", async () => {
  const { install, ids, callsOf } = openMachine();
  install("opencode", "echo 1.18.33");
  await Promise.all([ids(), ids(), ids()]);
  expect(callsOf("opencode")).toEqual(["--version"]);
});
