// What agents may do by rule, and when a person is asked, with real directories and links.
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, permissions, type ToolKind } from "@baton/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attemptContext } from "./connector.testsuite.ts";
import type { ApprovalRule } from "@baton/contract";
import { answerOf, permit, type PermissionRequest } from "./permit.ts";

describe("a permission", () => {
  let cwd: string;
  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), "baton-permit-[a]"));
    await mkdir(join(cwd, "src"));
    await symlink("/etc", join(cwd, "link"));
    await symlink("/etc", join(cwd, "src", "out"));
    await symlink("src", join(cwd, "alias"));
    await symlink(join(cwd, "secrets", "not-there-yet"), join(cwd, "src", "later"));
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
  test("by a rule that could be held against a path in endless ways is given never, and refused", async () => {
    const endless = `${"*a".repeat(20)}b`;
    const policy = (answer: string) => rules({ rules: [{ kinds: ["edit"], paths: [endless], answer }], otherwise: "ask" });
    expect(await answerOf(policy("allow"), cwd, request("edit", "a".repeat(250)))).toMatchObject({ answer: "ask" });
    expect(await answerOf(policy("deny"), cwd, request("edit", "a".repeat(250)))).toMatchObject({ answer: "deny" });
  });
  const srcOnly = rules({ rules: [{ kinds: ["edit"], paths: ["src/**"], answer: "allow" }], otherwise: "deny" });
  test.each([
    ["..", "src/../README.md"],
    ["a link that leads out", "src/out/passwd"],
    ["a link to what is not there yet", "src/later"],
    ["a link and .. behind it, as the system reads it", "src/out/../src/a.ts"],
    ["another root", "/src/a.ts"],
  ])("is not had by %s from a rule about a folder", async (_, path) =>
    expect(await answerOf(srcOnly, cwd, request("edit", path))).toMatchObject({ answer: "deny" }),
  );
  test("is had from a rule about a folder for what leads into it", async () => {
    for (const path of ["src/a.ts", "alias/a.ts", "src/x/../y.ts", join(cwd, "src/b.ts")])
      expect(await answerOf(srcOnly, cwd, request("edit", path))).toMatchObject({ answer: "allow" });
  });
  test("is denied by a rule about one of its files, however that is written, whatever the others are", async () => {
    const policy = rules({ rules: [{ paths: ["src/*.lock"], answer: "deny" }], otherwise: "allow" });
    for (const paths of [["README.md", "src/a.lock"], ["alias/a.lock"], ["src/x/../a.lock"]])
      expect(await answerOf(policy, cwd, request("edit", ...paths))).toMatchObject({ answer: "deny" });
  });

  const said = (rule: ApprovalRule["rule"]): ApprovalRule => ({
    id: "r",
    scope: "task",
    taskId: "t",
    agentId: null,
    rule,
    approvalId: "a",
    createdBy: "ann",
    createdAt: new Date(0).toISOString(),
  });
  const asksAll = rules({ rules: [{ kinds: ["delete"], answer: "deny" }], otherwise: "ask" });
  test("that a person gave once and for all is not asked again; one the registration denies stays denied", async () => {
    const context = attemptContext(() => ({ decision: "rejected", comment: null }));
    context.remembered = async () => [said({ kinds: ["edit", "delete"], paths: ["src/**"], answer: "allow" })];
    expect(await permit(asksAll, cwd, request("edit", "src/a.ts"), context)).toEqual({
      allowed: true,
      why: "ann said for this task: allow edit, delete under src/",
    });
    expect(await permit(asksAll, cwd, request("delete", "src/a.ts"), context)).toMatchObject({ allowed: false });
    expect(context.asked).toEqual([]);
    for (const path of ["README.md", "src/out/passwd", "src/../a.ts"])
      expect(await permit(asksAll, cwd, request("edit", path), context)).toMatchObject({ allowed: false });
    expect(context.asked).toHaveLength(3);
  });
  test("that a person denied once and for all is not asked again", async () => {
    const context = attemptContext();
    context.remembered = async () => [said({ kinds: ["execute"], answer: "deny" })];
    expect(await permit(asksAll, cwd, request("execute"), context)).toMatchObject({ allowed: false, why: "ann said for this task: deny execute anything" });
    expect(context.asked).toEqual([]);
  });
  test.each<[string[], object | undefined]>([
    [["src/a/b.ts"], { kinds: ["edit"], paths: ["src/a/**"] }],
    [["src/a/b.ts", "src/c.ts"], { kinds: ["edit"], paths: ["src/**"] }],
    [["README.md"], { kinds: ["edit"], paths: ["**"] }],
    [["src/out/passwd"], { kinds: ["edit"], paths: ["/etc/**"] }],
    [["src/a.ts", "/etc/passwd"], undefined],
    [[], undefined],
  ])("for %j comes with a rule that would cover it", async (paths, offer) => {
    const context = attemptContext();
    await permit(asksAll, cwd, request("edit", ...paths), context);
    expect(context.asked[0]?.offer).toEqual(offer);
    if (offer)
      expect(await answerOf(rules({ rules: [{ ...offer, answer: "allow" }], otherwise: "deny" }), cwd, request("edit", ...paths))).toMatchObject({
        answer: "allow",
      });
  });
  const doing = (given: Partial<PermissionRequest>): PermissionRequest => ({ ...request("execute"), ...given });
  const answered = async (rule: object, given: Partial<PermissionRequest>) =>
    (await answerOf(rules({ rules: [rule], otherwise: "ask" }), cwd, doing(given))).answer;
  test("to run one command is none to run another", async () => {
    const rule = { kinds: ["execute"], commands: [{ is: "npm test" }], answer: "allow" };
    expect(await answered(rule, { command: "npm test" })).toBe("allow");
    for (const command of ["npm test ", "npm test; rm -rf ~", "npm", "NPM TEST", undefined]) expect(await answered(rule, { command })).toBe("ask");
  });
  test("to run what begins with some words goes as far as words follow", async () => {
    const rule = { kinds: ["execute"], commands: [{ startsWith: "npm run" }], answer: "allow" };
    for (const command of ["npm run", "npm run build", "npm run build -- --out=dist/a.js"]) expect(await answered(rule, { command })).toBe("allow");
    const more = ["; id", " && id", " | sh", " > /etc/passwd", " $(id)", " `id`", "\nid", " & id", "(id)", " 'a'"].map((end) => `npm run build${end}`);
    for (const command of ["npm runx", "npm test", " npm run", ...more]) expect(await answered(rule, { command })).toBe("ask");
  });
  test("that is denied for what begins with some words is denied whatever follows", async () => {
    const rule = { commands: [{ startsWith: "git push" }], answer: "deny" };
    for (const command of ["git push", "git push; id", "git push --force"]) expect(await answered(rule, { command })).toBe("deny");
    expect(await answered(rule, { command: "git pushy" })).toBe("ask");
  });
  test("to call one tool is none to call another", async () => {
    const rule = { kinds: ["other"], tools: ["put of store"], answer: "allow" };
    expect(await answered(rule, { toolKind: "other", tool: "put of store" })).toBe("allow");
    for (const tool of ["drop of store", undefined]) expect(await answered(rule, { toolKind: "other", tool })).toBe("ask");
  });
  test.each<[string, Partial<PermissionRequest>, object | undefined]>([
    ["a command", { command: "npm test" }, { kinds: ["execute"], commands: [{ is: "npm test" }] }],
    ["a command by a tool", { command: "npm test", tool: "Bash" }, { kinds: ["execute"], commands: [{ is: "npm test" }] }],
    ["what is run and has no command", { tool: "REPL" }, undefined],
    ["a command too long to be read", { command: "x".repeat(4001) }, undefined],
    ["a tool", { toolKind: "other", tool: "put of store" }, { kinds: ["other"], tools: ["put of store"] }],
    ["a tool with a file", { toolKind: "other", tool: "put", paths: ["src/a"] }, { kinds: ["other"], paths: ["src/**"], tools: ["put"] }],
    ["nobody knows what", { toolKind: "other" }, undefined],
    ["an address on the net", { toolKind: "fetch", tool: "WebFetch" }, undefined],
  ])("for %s comes with a rule about that and nothing else, or with none", async (_, given, offer) => {
    const context = attemptContext();
    await permit(asksAll, cwd, doing(given), context);
    expect(context.asked[0]?.offer).toEqual(offer);
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
