// Gates that ask somebody: an agent that reviews a change, a person who approves it.
import type { Outcome, Work } from "@baton/contract";
import { afterEach, describe, expect, test } from "vitest";
import { listApprovals } from "../approvals/approvals.ts";
import { getVerdict } from "../gates/gates.ts";
import { EVERYWHERE } from "../store/scope.ts";
import { sql } from "../store/sql.ts";
import { decideApproval, getTask } from "../tasks/tasks.ts";
import { freshStores } from "../workspaces/workspaces.testkit.ts";
import { cancelLanding, getLanding, retryLanding } from "./landing.ts";
import { batonYaml, createRepository, openLandingServer, shell } from "./landing.testkit.ts";

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
const review = { name: "review", kind: "review", checklist: ["Names are plain", "Nothing is said twice"] };
const approval = { name: "release", kind: "approval" };
const points = (...holds: boolean[]) => ({ points: holds.map((one) => ({ holds: one, why: one ? "Yes." : "a.txt says it twice." })) });

describe.each(await freshStores())("landing what somebody is asked about, on %s", (_, freshStore) => {
  async function begin(gates: object[], answers: unknown[] = [], isIdle = false) {
    const told: Work[] = [];
    const script = (work: Work): Outcome => ({ ok: true, output: answers[told.push(work) - 1] as never });
    const server = await openLandingServer(await freshStore(), { script, isIdle });
    const repository = createRepository({ "a.txt": "a\n", "baton.yaml": batonYaml(shell("tests", "! grep -rn --include=*.txt bad ."), ...gates) });
    ends.push(repository.remove, () => server.stopAll());
    await server.addAgent("critic", { capabilities: ["code_review"] });
    const open = async () => (await listApprovals(server, { state: "open", limit: 10, offset: 0, scope: EVERYWHERE })).items;
    const asked = async () => {
      await expect.poll(open, { timeout: 20_000 }).toHaveLength(1);
      return (await open())[0]?.id ?? "";
    };
    const land = (source: string) => server.land({ repository: repository.path, source });
    return { server, repository, told, open, asked, land };
  }

  test("an agent is asked once what needs nobody let it through, then a person; both become part of the verdict on the very tree that lands", async () => {
    const { server, repository, told, open, asked, land } = await begin([approval, review], ["No JSON at all", JSON.stringify(points(true, true))]);
    repository.branch("broken", { "a.txt": "bad\n" });
    repository.branch("work", { "a.txt": "better\n" });
    const broken = await server.ended((await land("broken")).id);
    expect(broken).toMatchObject({ state: "refused", failure: { gates: ["tests"] }, asked: [] });
    expect(await open()).toEqual([]);
    expect((await getVerdict(server, broken.verdictId ?? "")).results.map(({ name, state }) => `${name} ${state}`)).toEqual([
      "tests fail",
      "review skipped",
      "release skipped",
    ]);
    const { id } = await land("work");
    const approvalId = await asked();
    const asking = await getLanding(server, id);
    expect(asking).toMatchObject({ state: "asking", reason: `It waits for the approval release (${approvalId}).` });
    expect(asking.asked).toMatchObject([
      { name: "review", state: "pass", commit: asking.sourceCommit, reason: expect.stringMatching(/^All 2 points held in a review/) },
      { name: "release", state: "open", id: approvalId },
    ]);
    // What does not fit is sent back once; what is reviewed is told, with the change.
    expect(told).toHaveLength(2);
    expect(told[0]?.description).toMatch(/1\. Names are plain\n2\. Nothing is said twice[^]*\+better/);
    expect(await getTask(server, asking.asked[0]?.id ?? "")).toMatchObject({ type: "review", status: "completed" });
    // What lands meanwhile does not wait; the answers are about the change, the verdict about what comes of it now.
    repository.git("commit", "-q", "--allow-empty", "-m", "Meanwhile");
    await decideApproval(server, approvalId, { decision: "approve", comment: "Ship it." }, "ada");
    const landed = await server.ended(id);
    expect(landed).toMatchObject({ state: "landed", tries: 2 });
    const verdict = await getVerdict(server, landed.verdictId ?? "");
    expect(verdict).toMatchObject({ passes: true, tree: repository.git("rev-parse", "main^{tree}") });
    expect(verdict.results.map(({ name, state, reason }) => [name, state, reason])).toEqual([
      ["tests", "pass", expect.any(String)],
      ["review", "pass", expect.any(String)],
      ["release", "pass", "Approved by ada."],
    ]);
  });

  test("one point that does not hold, and a person's no, keep it out with what was said; a review that comes to nothing lets nothing through", async () => {
    const { server, repository, told, asked, land } = await begin([review, approval], [points(true, false), points(true, true), "no", "no"]);
    for (const name of ["one", "two", "three"]) repository.branch(name, { "a.txt": `${name}\n` });
    const one = await server.ended((await land("one")).id);
    expect(one).toMatchObject({ state: "refused", failure: { kind: "gate", gates: ["review"] } });
    expect(one.failure?.detail).toMatch(/^Gate review: 1 of 2 points did not hold in a review \(task .*\)\.\nNothing is said twice: a\.txt says it twice\.$/);
    const two = await land("two");
    await decideApproval(server, await asked(), { decision: "reject", comment: "Not on a Friday." }, "ada");
    const denied = await server.ended(two.id);
    expect(denied).toMatchObject({
      state: "refused",
      reason: "Gate release: ada did not approve it.",
      failure: { kind: "gate", detail: expect.stringContaining("Not on a Friday.") },
    });
    const three = await server.ended((await land("three")).id);
    expect(three).toMatchObject({ state: "refused", failure: { kind: "misconfigured", gates: ["review"] } });
    expect(repository.read("main", "a.txt")).toBe("a");
    // Tried again, who said no is asked again, and who said yes is not.
    await retryLanding(server, two.id);
    await decideApproval(server, await asked(), { decision: "approve" }, "ada");
    expect(await server.ended(two.id)).toMatchObject({ state: "landed" });
    expect(told).toHaveLength(4);
  });

  test("whoever is there goes on after a server that died, a new commit is asked about anew, what is cancelled is asked about no more, and late is no", async () => {
    const { server, repository, open, asked, land } = await begin([{ ...approval, timeoutMs: 60_000 }], [], true);
    const stop = await server.startWorker();
    repository.branch("work", { "a.txt": "better\n" });
    const { id } = await land("work");
    const first = await asked();
    await stop();
    repository.branch("work", { "a.txt": "best\n" });
    await decideApproval(server, first, { decision: "approve" }, "ada");
    await server.startWorker();
    const second = await asked();
    expect(second).not.toBe(first);
    expect(await getLanding(server, id)).toMatchObject({
      state: "asking",
      asked: [{ commit: repository.git("rev-parse", "work"), state: "open", id: second }],
    });
    expect(await cancelLanding(server, id, "ada")).toMatchObject({ state: "cancelled" });
    expect(await open()).toEqual([]);
    repository.branch("late", { "a.txt": "late\n" });
    const late = await land("late");
    const third = await asked();
    await server.db.transaction((tx) => tx.run(sql`update approvals set expires_at = 1 where id = ${third}`));
    expect(await server.ended(late.id)).toMatchObject({ state: "refused", reason: "Gate release: Nobody gave the approval release in time." });
    expect(repository.read("main", "a.txt")).toBe("a");
  });
});
