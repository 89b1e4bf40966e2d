// The built page in a real browser, against a server that speaks the contract.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Theatre, chromiumPath, openTheatre } from "./stage/browser.fixture.ts";
import { aBudget, aStep, aTask, anAgent } from "./stage/nouns.fixture.ts";
import { tellScene } from "./stage/scene.fixture.ts";
import { type Site, openSite } from "./stage/site.fixture.ts";
import { Story } from "./stage/story.fixture.ts";

const chromium = chromiumPath();

describe.skipIf(chromium === undefined)("the page", () => {
  let theatre: Theatre;
  const open: Site[] = [];
  const pages: Page[] = [];

  beforeAll(async () => {
    theatre = await openTheatre(chromium ?? "");
  });
  afterEach(async () => {
    await Promise.all(pages.splice(0).map((page) => page.close()));
    await Promise.all(open.splice(0).map((site) => site.close()));
  });
  afterAll(() => theatre.close());

  async function visit(story: Story, path = "/", more: { width?: number } = {}) {
    const site = await openSite({ story, dist: theatre.dist });
    open.push(site);
    const { page, complaints } = await theatre.visit(site.url + path, { width: more.width ?? 1280, height: 900 });
    pages.push(page);
    return { page, complaints, site };
  }

  const row = (page: Page, title: string) => page.getByRole("listitem").filter({ has: page.getByRole("link", { name: title }) });

  test("the overview tells how things stand, newest task first, and what a task waits for", async () => {
    const { page, complaints } = await visit(tellScene());
    await row(page, "Transcribe the customer calls").getByText("no agent here has transcribe").waitFor();
    const titles = await page.locator("[data-task] a").allTextContents();
    expect(titles.slice(0, 2)).toEqual(["Draft the changelog since v0.9", "Report on this repository"]);
    await page.getByText("1 for an agent").waitFor();
    await row(page, "dependency-mapper").getByText("paused by a person 4 min ago").waitFor();
    expect(complaints).toEqual([]);
  });

  test("a budget tells what is used of it, and why it stops; a task tells its own", async () => {
    const story = new Story();
    const reason = "It stops what it is for, and steps wait for it. It goes on when the budget is raised.";
    story.budgets.push(aBudget({ name: "nightly", state: "stopped", reason, used: { usd: 5, tokens: 0, seconds: 0, attempts: 0 } }));
    story.addTask(aTask("t", { title: "Report", budget: aBudget({ scope: "task", subject: "t" }) }));
    const { page, complaints } = await visit(story);
    const line = page.getByRole("region", { name: "Budgets" }).getByRole("listitem");
    await line.getByText(reason).waitFor();
    await line.getByText("$5.00 of $5.00").first().waitFor();
    await page.getByRole("link", { name: "Report" }).click();
    await page.getByText("budget $1.25 of $5.00").waitFor();
    expect(complaints).toEqual([]);
  });

  test("a task that is handed in elsewhere appears without a reload, and goes on under one's eyes", async () => {
    const story = new Story();
    story.addAgent(anAgent({ name: "counter", can: ["count"] }));
    const { page } = await visit(story);
    await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
    story.addTask(aTask("t", { title: "Count the words", createdAt: new Date().toISOString() }));
    await row(page, "Count the words").getByText("queued").waitFor();
    story.start("t", "main", "counter");
    await row(page, "Count the words").getByText("executing").waitFor();
    await row(page, "counter").getByText("busy").waitFor();
    story.complete("t", "main", { words: 3 });
    await row(page, "Count the words").getByText("every step is completed").waitFor();
  });

  test("the plan shows the state of every step, and progress as it comes", async () => {
    const story = new Story();
    story.addAgent(anAgent({ name: "reader" }));
    story.addTask(
      aTask("t", { title: "Report", steps: [aStep("read", { title: "Read it", status: "ready" }), aStep("write", { title: "Write it", needs: ["read"] })] }),
    );
    const { page, complaints } = await visit(story, "/tasks/t");
    await page.getByRole("button", { name: "Write it blocked" }).waitFor();
    story.start("t", "read", "reader");
    await page.getByRole("button", { name: "Read it running, by reader" }).waitFor();
    story.progress("t", "read", 0.5, "half way through");
    await page.getByRole("complementary", { name: "Step: Read it" }).getByText("half way through").waitFor();
    story.complete("t", "read", { markdown: "# Found\n\n<img src=x onerror=alert(1)> and **much**" });
    await page.getByRole("button", { name: "Write it ready" }).waitFor();
    await page.getByRole("heading", { name: "Found" }).waitFor();
    expect(await page.locator("img").count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test("a question of an agent is answered where it is read, and is gone then", async () => {
    const story = new Story();
    story.addAgent(anAgent({ name: "coder" }));
    story.addTask(aTask("t", { title: "Deploy", steps: [aStep("go", { title: "Go", status: "ready" })] }));
    story.start("t", "go", "coder");
    const { page, complaints } = await visit(story);
    const approval = story.ask("t", "go", { title: "coder wants to run make deploy", detail: { command: "make deploy" } });
    await page.getByRole("heading", { name: "One question waits for you" }).waitFor();
    await page.getByText("make deploy").last().waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.getByLabel("Comment (optional)").fill("this once");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "One question waits for you" }).waitFor({ state: "detached" });
    expect(story.approvals.get(approval.id)).toMatchObject({ state: "approved", comment: "this once" });
    story.ask("t", "go", { title: "Which region?", kind: "input" });
    await page.getByRole("button", { name: "Answer" }).waitFor();
    expect(await page.getByRole("button", { name: "Answer" }).isDisabled()).toBe(true);
    await page.getByRole("button", { name: "Decline" }).click();
    await page.getByText("Which region?").waitFor({ state: "detached" });
    expect(complaints).toEqual([]);
  });

  test("a permission can be given once and for all, for the task, and be asked for again", async () => {
    const story = new Story();
    story.addAgent(anAgent({ name: "coder" }));
    story.addTask(aTask("t", { title: "Fix", steps: [aStep("go", { title: "Go", status: "ready" })] }));
    story.start("t", "go", "coder");
    const { page, complaints } = await visit(story, "/tasks/t");
    const approval = story.ask("t", "go", { title: "coder wants to edit src/a.ts", offer: { kinds: ["edit"], paths: ["src/**"] } });
    await page.getByLabel("How often it counts").selectOption({ label: "Always for this task: edit under src/" });
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole("button", { name: "Approve" }).click();
    await page.getByText("Always allowed: edit under src/").waitFor();
    expect(story.approvals.get(approval.id)?.state).toBe("approved");
    expect([...story.rules.values()]).toMatchObject([{ scope: "task", taskId: "t", rule: { kinds: ["edit"], paths: ["src/**"], answer: "allow" } }]);
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole("button", { name: "Ask again" }).click();
    await page.getByText("Always allowed: edit under src/").waitFor({ state: "detached" });
    expect(complaints).toEqual([]);
  });

  test("approvals that a task requires and its plan wait in the inbox", async () => {
    const story = new Story();
    story.addTask(aTask("t", { title: "Deploy", status: "waiting", steps: [aStep("go", { title: "Go", status: "held" })] }));
    const { page, complaints } = await visit(story);
    story.ask("t", null, {
      kind: "named",
      name: "security-review",
      title: "“Deploy” needs the approval security-review before it begins.",
      onTimeout: "approve",
    });
    story.ask("t", null, {
      kind: "plan",
      title: "“Deploy” waits with its plan of one step.",
      detail: { steps: [{ id: "go", title: "Go", requirements: [], needs: [] }] },
    });
    await page.getByRole("heading", { name: "2 questions wait for you" }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole("listitem").filter({ hasText: "security-review" }).getByRole("button", { name: "Reject" }).click();
    await page.getByRole("heading", { name: "One question waits for you" }).waitFor();
    expect(story.approvals.get("approval-1")?.state).toBe("rejected");
    expect(complaints).toEqual([]);
  });

  test("what an agent does and says is shown as it happens, with what it changed", async () => {
    const story = new Story();
    story.addAgent(anAgent({ name: "coder" }));
    story.addTask(aTask("t", { title: "Fix", steps: [aStep("go", { title: "Go", status: "ready" })] }));
    story.start("t", "go", "coder");
    const { page, complaints } = await visit(story, "/tasks/t", { width: 360 });
    story.update("t", "go", { kind: "text", text: "I look at it." }, { kind: "tool", callId: "1", title: "Edit greeting.txt", status: "running" });
    await page.getByText("I look at it.").waitFor();
    const diffs = [{ path: "greeting.txt", oldText: "hello\n", newText: "goodbye\n" }];
    story.update("t", "go", { kind: "tool", callId: "1", status: "completed", diffs }, { kind: "usage", inputTokens: 1200, outputTokens: 30, cost: null });
    await page.getByText("+goodbye").waitFor();
    await page.getByText("1 added, 1 removed").waitFor();
    await page.getByText("cost unknown").waitFor();
    expect(await page.getByText("Edit greeting.txt").count()).toBe(1);
    expect(await violationsOf(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
    expect(complaints).toEqual([]);
  });

  test("a step is opened by keyboard, and tells who was chosen and why", async () => {
    const { page } = await visit(tellScene(), "/tasks/demo?step=inspect");
    // In the graph: the timeline has a button for the same step.
    await page.getByTestId("rf__node-history").focus();
    await page.keyboard.press("Enter");
    const panel = page.getByRole("complementary", { name: "Step: Find hot spots in the history" });
    await panel.getByText("succeeded in 97 % of 88 attempts like this").waitFor();
    await panel.getByText("half of its capacity is in use").waitFor();
    expect(await panel.getByRole("list", { name: "Scores" }).getByRole("listitem").count()).toBe(3);
    expect(new URL(page.url()).searchParams.get("step")).toBe("history");
  });

  test("a preview says who would do each step and why, and what would wait; running it opens the task", async () => {
    const { page } = await visit(tellScene());
    await page.getByLabel("What should be done?").fill("Look through the history and sing about it");
    await page.getByRole("button", { name: "+ git-history" }).click();
    await page.getByLabel("Needs", { exact: true }).fill("sing");
    await page.keyboard.press("Enter");
    await page.getByLabel("Repository", { exact: true }).fill("/srv/songs");
    await page.getByRole("button", { name: "Preview" }).click();
    const preview = page.getByRole("region", { name: "Preview" });
    await preview.getByText("history-reader").waitFor();
    await preview.getByText("has every capability the step asks for").waitFor();
    await preview.getByText("Would wait: no agent has sing").waitFor();
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByRole("heading", { level: 1, name: "Look through the history and sing about it" }).waitFor();
    await page.getByText("about /srv/songs").waitFor();
  });

  test("a failed task says what to do next, and is retried from there", async () => {
    const { page } = await visit(tellScene(), "/tasks/migrate");
    await page.getByText("Correct what it names, then retry").waitFor();
    await page.getByRole("button", { name: "Retry" }).click();
    await page.getByText("tried again by a person").first().waitFor();
  });

  test("it says when it is not live, and catches up when it is again", async () => {
    const story = tellScene();
    const { page, site } = await visit(story);
    await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
    site.breakStreams(true);
    await page.getByRole("status").filter({ hasText: "Reconnecting" }).waitFor();
    story.addTask(aTask("meanwhile", { title: "Handed in meanwhile" }));
    site.breakStreams(false);
    await row(page, "Handed in meanwhile").waitFor();
    await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
  });

  test("an empty control plane teaches how to connect an agent", async () => {
    const { page, site } = await visit(new Story());
    await page.getByText(`curl ${site.url}/api/v1/agents`).waitFor();
    await page.getByText("connectAgent").first().waitFor();
  });

  test("what is not there is told as what to do", async () => {
    const { page } = await visit(tellScene(), "/tasks/none");
    await page.getByRole("alert").getByText("Go back to the overview").waitFor();
  });
});

async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
  const found = await page.evaluate(() => (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run());
  return found.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}
