// What people say once and for all when an agent asks, held against every store: whom it holds for, how it is forgotten, what is refused.
import { afterEach, describe, expect, test } from "vitest";
import { type Approval, describeRule, type Remember, type TaskInput } from "@baton/contract";
import { listApprovals, listRules, removeRule } from "../approvals/approvals.ts";
import { EVERYWHERE } from "../store/scope.ts";
import { sql } from "../store/sql.ts";
import { decideApproval } from "./tasks.ts";
import { done, type OpenStore, openTestServer, type Script, type TestServer } from "./tasks.testkit.ts";

const yes = { decision: "approve" } as const;
const no = { decision: "reject" } as const;

export function testRules(store: string, freshStore: () => Promise<OpenStore>): void {
  const servers: TestServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
  });
  const start = async (script: Script) => {
    const server = await openTestServer(await freshStore(), script);
    servers.push(server);
    return server;
  };
  const openOf = async (server: TestServer, taskId: string, kind: Approval["kind"]) =>
    (await listApprovals(server, { scope: EVERYWHERE, taskId, state: "open", limit: 10, offset: 0 })).items.find((one) => one.kind === kind)?.id ?? "";

  describe(`what a person says once and for all on ${store}`, () => {
    const offer = { kinds: ["edit" as const], paths: ["src/**"] };
    /** Asks unless it was told before; a rule that is there counts as told. */
    const script: Script = async (_, context, name) => {
      const [known] = await context.remembered();
      if (known) return done(`${name} knew ${known.rule.answer}`);
      const said = await context.ask({ kind: "permission", title: "May I edit?", detail: null, timeoutMs: 60_000, offer });
      return done(said.decision);
    };
    const asking = async (...agents: string[]) => {
      const server = await start(script);
      for (const name of agents) await server.addAgent(name, { capabilities: [name] });
      return server;
    };
    const decideNext = async (server: TestServer, taskId: string, scope: "task" | "agent", decision: "approve" | "reject" = "approve") => {
      await expect.poll(() => openOf(server, taskId, "permission")).not.toBe("");
      const id = await openOf(server, taskId, "permission");
      return decideApproval(server, id, { decision, remember: { scope, rule: offer } }, "ann");
    };
    const two: TaskInput = {
      description: "Do.",
      steps: [
        { id: "one", agent: "a" },
        { id: "two", agent: "b", needs: ["one"] },
      ],
    };
    test("for a task holds for every agent of it, and for no other task", async () => {
      const server = await asking("a", "b");
      const id = await server.submit(two);
      expect((await decideNext(server, id, "task")).offer).toEqual(offer);
      expect((await server.until(id, "completed")).steps.map(({ output }) => output)).toEqual(["approved", "b knew allow"]);
      expect(await listRules(server, { scope: EVERYWHERE, taskId: id, limit: 10, offset: 0 })).toMatchObject({
        total: 1,
        items: [{ scope: "task", taskId: id, agentId: null, rule: { ...offer, answer: "allow" }, createdBy: "ann" }],
      });
      const other = await server.submit(two);
      await decideNext(server, other, "task", "reject");
      expect((await server.until(other, "completed")).steps.map(({ output }) => output)).toEqual(["rejected", "b knew deny"]);
    });
    test("for an agent holds whatever it works on in that project, until it is forgotten", async () => {
      const server = await asking("a");
      const first = await server.submit({ description: "Do." });
      await decideNext(server, first, "agent");
      await server.until(first, "completed");
      const second = await server.submit({ description: "Do." });
      expect((await server.until(second, "completed")).result).toBe("a knew allow");
      const elsewhere = await server.submit({ description: "Do.", projectId: "elsewhere" });
      await expect.poll(() => openOf(server, elsewhere, "permission")).not.toBe("");
      const [rule] = (await listRules(server, { scope: EVERYWHERE, limit: 10, offset: 0 })).items;
      await removeRule(server, rule?.id ?? "", "bob");
      await expect(removeRule(server, rule?.id ?? "", "bob")).rejects.toMatchObject({ code: "not_found" });
      const third = await server.submit({ description: "Do." });
      await expect.poll(() => openOf(server, third, "permission")).not.toBe("");
      const told = (await server.events.list({ type: "approval.*", limit: 50 })).items.filter(({ type }) => /remembered|forgotten/.test(type));
      expect(told).toMatchObject([{ data: { by: "ann", rule: "edit under src/" } }, { data: { by: "bob", ruleId: rule?.id } }]);
    });
    test("is refused with a decision it contradicts, and where no rule could cover what is asked", async () => {
      const server = await asking("a");
      const id = await server.submit({ description: "Do.", constraints: { requiredApprovals: ["x"] } });
      const named = await openOf(server, id, "named");
      const remember = { scope: "task", rule: offer } as const;
      await expect(decideApproval(server, named, { ...yes, remember }, "ann")).rejects.toMatchObject({ code: "bad_input" });
      await decideApproval(server, named, yes, "ann");
      await expect.poll(() => openOf(server, id, "permission")).not.toBe("");
      const open = await openOf(server, id, "permission");
      const wrong = { scope: "task", rule: { ...offer, answer: "deny" } } as const;
      await expect(decideApproval(server, open, { ...yes, remember: wrong }, "ann")).rejects.toMatchObject({ issues: [{ path: "body.remember.rule.answer" }] });
      await decideApproval(server, open, no, "ann");
      const input = await start(async (_, context) =>
        done((await context.ask({ kind: "permission", title: "May I?", detail: { toolKind: "edit", offer }, timeoutMs: 60_000 })).decision),
      );
      await input.addAgent("a");
      const plain = await input.submit({ description: "Do." });
      await expect.poll(() => openOf(input, plain, "permission")).not.toBe("");
      await expect(decideApproval(input, await openOf(input, plain, "permission"), { ...yes, remember }, "ann")).rejects.toMatchObject({ code: "bad_input" });
    });
    describe("about a command", () => {
      const asked = { kinds: ["execute" as const], commands: [{ is: "npm run build" }] };
      const decide = async (rule: Remember["rule"], decision: "approve" | "reject" = "approve") => {
        const server = await start(async (_, context) =>
          done((await context.ask({ kind: "permission", title: "May I?", detail: null, timeoutMs: 60_000, offer: asked })).decision),
        );
        await server.addAgent("a");
        const id = await server.submit({ description: "Do." });
        await expect.poll(() => openOf(server, id, "permission")).not.toBe("");
        await decideApproval(server, await openOf(server, id, "permission"), { decision, remember: { scope: "agent", rule } }, "ann");
        const [kept] = (await listRules(server, { scope: EVERYWHERE, limit: 10, offset: 0 })).items;
        return [kept && describeRule(kept.rule), kept?.rule];
      };
      test("is that command, or what begins with words of it, and says so", async () => {
        expect(await decide(asked)).toEqual(['execute "npm run build"', { ...asked, answer: "allow" }]);
        const commands = [{ startsWith: "npm run" }];
        expect(await decide({ ...asked, commands })).toEqual(['execute what begins with "npm run"', { kinds: ["execute"], commands, answer: "allow" }]);
      });
      test.each<[string, Remember["rule"], string]>([
        ["every command", { kinds: ["execute"] }, "body.remember.rule.commands"],
        ["commands by the files they name", { kinds: ["execute"], paths: ["**"] }, "body.remember.rule.commands"],
        ["another command", { kinds: ["execute"], commands: [{ is: "rm -rf ~" }] }, "body.remember.rule.commands[0]"],
        ["half a word of it", { kinds: ["execute"], commands: [{ startsWith: "npm r" }] }, "body.remember.rule.commands[0]"],
        ["another one beside it", { kinds: ["execute"], commands: [{ is: "npm run build" }, { startsWith: "rm" }] }, "body.remember.rule.commands[1]"],
        ["another kind of thing", { kinds: ["execute", "edit"], commands: asked.commands }, "body.remember.rule.kinds[1]"],
        ["a tool nobody named", { ...asked, tools: ["x"] }, "body.remember.rule.tools[0]"],
      ])("does not allow %s", async (_, rule, path) => expect(decide(rule)).rejects.toMatchObject({ code: "bad_input", issues: [{ path }] }));
      test("may deny every command", async () => expect((await decide({ kinds: ["execute"] }, "reject"))[0]).toBe("execute anything"));
    });
    test("is refused beyond 200 rules for one task, and then nothing is decided", async () => {
      const server = await asking("a");
      const id = await server.submit({ description: "Do." });
      await expect.poll(() => openOf(server, id, "permission")).not.toBe("");
      for (let at = 0; at < 200; at++)
        await server.db.transaction((tx) =>
          tx.run(
            sql`insert into approval_rules (id, task_id, project, kinds, answer, approval_id, created_by, created_at) values (${`r${at}`}, ${id}, 'default', '["read"]', 'allow', 'x', 'x', 0)`,
          ),
        );
      await expect(decideNext(server, id, "task")).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("200 rules") });
      expect(await openOf(server, id, "permission")).not.toBe("");
      await decideNext(server, id, "agent");
      await server.until(id, "completed");
    });
  });
}
