// What an agent is allowed, by rule or by a person; files it reads and writes through its client; questions of Cursor's agent.
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AcpConnector, Outcome } from "@baton/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer } from "../connector.ts";
import { attemptContext } from "../connector.testsuite.ts";
import { type AcpBench, openAcpBench, outputOf } from "./acp.testkit.ts";

let bench: AcpBench;
let cwd: string;
beforeAll(async () => {
  bench = await openAcpBench();
  cwd = join(bench.directory, "work");
  await mkdir(join(cwd, "sub"), { recursive: true });
  await writeFile(join(bench.directory, "secret"), "not for it");
  await writeFile(join(cwd, "lines"), "one\ntwo\nthree\n");
  await symlink("/etc", join(cwd, "elsewhere"));
  await symlink(join(bench.directory, "not-there-yet"), join(cwd, "dangling"));
});
afterAll(() => bench.close());
const says = (decision: Answer["decision"], comment: string | null = null) => attemptContext(() => ({ decision, comment }));
const carryOut = (description: string, settings: Partial<AcpConnector> = {}, context = attemptContext()): Promise<Outcome> =>
  bench.carryOut(description, bench.agent([], { cwd, ...settings }), context);
/** What the agent says it was answered. */
const answered = async (...given: Parameters<typeof carryOut>): Promise<unknown> => JSON.parse(outputOf(await carryOut(...given)));
const chosen = (optionId: string) => ({ outcome: { outcome: "selected", optionId } });
const rules = (answer: "allow" | "deny", ...kinds: ("edit" | "execute")[]) => ({ permissions: { rules: [{ kinds, answer }], askTimeoutMs: 60_000 } });

describe("leave is given", () => {
  test("once rather than always, whatever the options are called and in whatever order they stand", async () => {
    expect(await answered("may edit a.txt")).toEqual(chosen("yes"));
    expect(await answered("may edit a.txt allow_always reject_once")).toEqual(chosen("id-allow_always"));
  });
  test("and refused once rather than always", async () => {
    expect(await answered("may edit a.txt", rules("deny", "edit"))).toEqual(chosen("no"));
    expect(await answered("may edit a.txt reject_always allow_once", rules("deny", "edit"))).toEqual(chosen("id-reject_always"));
  });
  test("to nothing when there is no such option", async () => {
    expect(await answered("may edit a.txt allow_once allow_always", rules("deny", "edit"))).toEqual({ outcome: { outcome: "cancelled" } });
    expect(await answered("may edit a.txt reject_once")).toEqual({ outcome: { outcome: "cancelled" } });
  });
  test("by a person where no rule says it", async () => {
    const yes = says("approved");
    expect(await answered("may execute a.txt", {}, yes)).toEqual(chosen("yes"));
    expect(yes.asked).toEqual([
      expect.objectContaining({ kind: "permission", title: "Write a.txt", detail: expect.objectContaining({ toolKind: "execute", paths: ["a.txt"] }) }),
    ]);
    expect(await answered("may edit /etc/hosts", {}, says("rejected"))).toEqual(chosen("no"));
    expect(await answered("may edit elsewhere/hosts", {}, says("rejected"))).toEqual(chosen("no"));
    expect(await answered("may of_tomorrow a.txt", {}, says("expired"))).toEqual(chosen("no"));
  });
  test("for a call that was told of before, by what was told", async () => {
    const context = says("rejected");
    expect(await carryOut("mayknown", {}, context)).toMatchObject({ ok: true, output: "no" });
    expect(context.asked).toEqual([
      expect.objectContaining({
        title: "Run the tests: npm test",
        detail: expect.objectContaining({ toolKind: "execute", request: { input: { command: "npm test" } } }),
        offer: { kinds: ["execute"], commands: [{ is: "npm test" }] },
      }),
    ]);
    expect(context.updates.filter((update) => update.kind === "tool").map((update) => update.status)).toEqual(["pending", "denied", "denied"]);
  });
  test("or not, and silence after that is no work that is done", async () => {
    expect(await carryOut("sulk", {}, says("rejected"))).toMatchObject({
      ok: false,
      kind: "agent_error",
      detail: "It ended without an answer; it was refused: Write /etc/hosts.",
    });
  });
});

describe("files", () => {
  const read = (params: object) => `file read ${JSON.stringify(params)}`;
  const write = (path: string, content = "new") => `file write ${JSON.stringify({ path, content })}`;
  test("are read, whole or some lines of them", async () => {
    expect(await answered(read({ path: join(cwd, "lines") }))).toEqual({ content: "one\ntwo\nthree\n" });
    expect(await answered(read({ path: join(cwd, "lines"), line: 2, limit: 1 }))).toEqual({ content: "two" });
    expect(await answered(read({ path: join(cwd, "lines"), line: 3 }))).toEqual({ content: "three\n" });
  });
  test("are written, with the directories they need", async () => {
    expect(await answered(write(join(cwd, "deep/er/new.txt")))).toEqual({});
    expect(await readFile(join(cwd, "deep/er/new.txt"), "utf8")).toBe("new");
  });
  test("that are not there are told as the protocol has it", async () => {
    expect(await answered(read({ path: join(cwd, "nothing") }))).toMatchObject({ code: -32002, message: expect.stringContaining("Resource not found") });
  });
  test.each(["../secret", "elsewhere/hostname", "sub/../../secret", "dangling"])("outside are not touched, nor asked about: %s", async (path) => {
    const context = says("approved");
    expect(await answered(read({ path: join(cwd, path) }), {}, context)).toMatchObject({ code: -32602, message: expect.stringContaining("outside") });
    expect(await answered(write(`${cwd}/${path}`), {}, context)).toMatchObject({ code: -32602 });
    expect(context.asked).toEqual([]);
  });
  test.each([
    ["a relative path", "lines"],
    ["a directory", "CWD/sub"],
    ["no path at all", 7],
  ])("are refused for %s", async (_, path) => {
    expect(await answered(read({ path: typeof path === "string" ? path.replace("CWD", cwd) : path }))).toMatchObject({ code: -32602 });
  });
  test("are not written against a rule, and a rule is told", async () => {
    const context = attemptContext();
    expect(await answered(write(join(cwd, "never.txt")), rules("deny", "edit"), context)).toMatchObject({
      code: -32602,
      message: expect.stringContaining("not permitted"),
    });
    await expect(readFile(join(cwd, "never.txt"))).rejects.toThrow("ENOENT");
    expect(context.updates).toContainEqual({ kind: "note", text: expect.stringContaining("Denied: Write") });
  });
});

describe("what Cursor's agent asks beside the protocol", () => {
  const question = {
    title: "Which?",
    questions: [
      {
        id: "q1",
        prompt: "Which database?",
        options: [
          { id: "pg", label: "Postgres" },
          { id: "lite", label: "SQLite" },
        ],
      },
    ],
  };
  const asks = (method: string, params: object, context: ReturnType<typeof attemptContext>) =>
    answered(`asked cursor/${method} ${JSON.stringify(params)}`, {}, context);
  test("is asked of a person, who names an option", async () => {
    const context = says("approved", "sqlite");
    expect(await asks("ask_question", question, context)).toEqual({
      outcome: { outcome: "answered", answers: [{ questionId: "q1", selectedOptionIds: ["lite"] }] },
    });
    expect(context.asked).toEqual([expect.objectContaining({ kind: "input", title: "Which? Which database?" })]);
  });
  test("and words of the person's own are told as why none was chosen", async () => {
    expect(await asks("ask_question", question, says("approved", "Neither, use files"))).toEqual({
      outcome: { outcome: "skipped", reason: "Neither, use files" },
    });
    expect(await asks("ask_question", question, says("expired"))).toEqual({ outcome: { outcome: "skipped", reason: "Nobody answered." } });
    expect(await asks("ask_question", { questions: [] }, says("approved"))).toMatchObject({ outcome: { outcome: "skipped" } });
  });
  test("a plan is for a person to approve", async () => {
    expect(await asks("create_plan", { name: "Move", plan: "1. …" }, says("approved"))).toEqual({ outcome: { outcome: "accepted" } });
    expect(await asks("create_plan", { name: "Move", plan: "1. …" }, says("rejected", "too big"))).toEqual({
      outcome: { outcome: "rejected", reason: "too big" },
    });
  });
  test("its list of things to do is its plan", async () => {
    const context = attemptContext();
    expect(
      await asks(
        "update_todos",
        {
          todos: [
            { id: "1", content: "Look", status: "completed" },
            { id: "2", content: "Mend", status: "in_progress" },
          ],
        },
        context,
      ),
    ).toEqual({});
    expect(context.updates).toContainEqual({
      kind: "plan",
      entries: [
        { text: "Look", status: "completed" },
        { text: "Mend", status: "running" },
      ],
    });
  });
});
