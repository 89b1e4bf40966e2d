// What agents may do by rule, and when a person is asked, with real directories and links.
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, permissions, type ToolKind } from "@baton/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attemptContext } from "./connector.testsuite.ts";
import { answerOf, permit } from "./permit.ts";

describe("a permission", () => {
  let cwd: string;
  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), "baton-permit-[a]"));
    await mkdir(join(cwd, "src"));
    await symlink("/etc", join(cwd, "link"));
  });
  afterAll(() => rm(cwd, { recursive: true }));
  const request = (toolKind: ToolKind, ...paths: string[]) => ({ toolKind, paths, title: "It wants something", detail: null });
  const rules = (value: unknown) => parse(permissions, value, "permissions");

  test.each<[string, ToolKind, string[]]>([
    ["editing inside the working directory", "edit", ["src/a.ts"]],
    ["editing a file that is not there yet", "edit", ["src/new/deep/a.ts"]],
    ["reading", "read", ["src"]],
    ["searching without a path", "search", []],
  ])("is given by default for %s", async (_, kind, paths) =>
    expect(await answerOf(undefined, cwd, request(kind, ...paths))).toMatchObject({ answer: "allow" }),
  );
  test.each<[string, ToolKind, string[]]>([
    ["running a command", "execute", []],
    ["editing outside", "edit", ["../a.ts"]],
    ["editing through a link that leads outside", "edit", ["link/passwd"]],
    ["editing something unnamed", "edit", []],
    ["one path inside and one outside", "edit", ["src/a.ts", "/etc/passwd"]],
    ["deleting", "delete", ["src/a.ts"]],
  ])("is asked for by default for %s", async (_, kind, paths) =>
    expect(await answerOf(undefined, cwd, request(kind, ...paths))).toMatchObject({ answer: "ask" }),
  );

  test("is decided by the first rule that fits, by kind and path", async () => {
    const policy = rules({
      rules: [
        { kinds: ["edit"], paths: ["src/**/*.lock"], answer: "deny" },
        { kinds: ["edit"], paths: ["src/**"], answer: "allow" },
      ],
      otherwise: "deny",
    });
    expect(await answerOf(policy, cwd, request("edit", "src/x/y.ts"))).toMatchObject({ answer: "allow" });
    expect(await answerOf(policy, cwd, request("edit", "src/x/y.lock"))).toMatchObject({ answer: "deny" });
    expect(await answerOf(policy, cwd, request("edit", join(cwd, "src/.hidden")))).toMatchObject({ answer: "allow" });
    expect(await answerOf(policy, cwd, request("edit", "README.md"))).toMatchObject({ answer: "deny" });
    expect(await answerOf(policy, cwd, request("edit"))).toMatchObject({ answer: "deny" });
  });
  test("that a rule denies is noted, and nobody is asked", async () => {
    const context = attemptContext();
    expect(await permit(rules({ otherwise: "deny" }), cwd, request("execute"), context)).toMatchObject({ allowed: false });
    expect(context.asked).toEqual([]);
    expect(context.updates).toMatchObject([{ kind: "note", text: expect.stringContaining("Denied: It wants something") }]);
  });
  test("is a person's to give where no rule says otherwise", async () => {
    const context = attemptContext(() => ({ decision: "approved", comment: "this once" }));
    expect(await permit(undefined, cwd, request("execute"), context)).toEqual({ allowed: true, why: "a person allowed it: this once" });
    expect(context.asked).toMatchObject([{ kind: "permission", title: "It wants something", timeoutMs: 600_000 }]);
  });
  test("is not given when nobody answers", async () => {
    const context = attemptContext(() => ({ decision: "expired", comment: null }));
    expect(await permit(undefined, cwd, request("execute"), context)).toEqual({ allowed: false, why: "nobody answered in time" });
  });
});
