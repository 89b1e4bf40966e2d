// `node scripts/screenshots.mjs [folder]`: every page in light and dark, and the ones a phone needs, into docs/screenshots/ or that folder. From a real server with the sample
// agents and small ones at work, so that what is seen is what the product does. Needs Chromium, tmux and pngquant, which makes them small; builds what is stale.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { build } from "./setup.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = process.argv[2] ?? join(root, "docs/screenshots");
const SCREENS = { desktop: { width: 1100, height: 700 }, phone: { width: 360, height: 700 } };
const SETTLED_MS = 700;
const executablePath = [process.env.BATON_TEST_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
  (path) => path !== undefined && existsSync(path),
);
if (executablePath === undefined) throw new Error("Chromium is needed: install Debian's package chromium, or set BATON_TEST_CHROMIUM to its path.");

await build();
const { startBaton } = await import(new URL("../packages/server/dist/index.js", import.meta.url).href);
const { createClient } = await import("@baton/client");
const { startSamples } = await import("@baton/examples/samples");
const { repositoryReview } = await import("@baton/examples/demo");

/** To be removed in the end. @type {string[]} */
const repositories = [];
const dashboardDir = join(root, "packages/dashboard/dist");
/** @param {object} [more] */
async function open(more = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), "baton-shots-"));
  const baton = await startBaton({ dataDir, dashboardDir, port: 0, logLevel: "error", ...more }, {});
  return { url: /** @type {string} */ (baton.url), stop: () => baton.stop().then(() => rm(dataDir, { recursive: true, force: true })) };
}

const [full, empty, closed] = await Promise.all([open(), open(), open({ apiKeys: ["only-for-the-screenshots"] })]);
const client = createClient({ url: full.url });
const samples = await startSamples({ url: full.url });
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
try {
  const ids = await tellStory();
  await mkdir(out, { recursive: true });
  for (const name of await readdir(out)) if (name.endsWith(".png")) await rm(join(out, name));
  for (const shot of shots(ids)) await shoot(shot);
  const files = (await readdir(out)).filter((name) => name.endsWith(".png")).map((name) => join(out, name));
  execFileSync("pngquant", ["--force", "--ext", ".png", "--strip", "128", ...files]);
} finally {
  await browser.close();
  await samples.stop();
  await client.actOnAgent({ params: { id: "shell" }, body: { action: "stop" } });
  await Promise.all([full.stop(), empty.stop(), closed.stop()]);
  for (const path of repositories) await rm(path, { recursive: true, force: true });
}

/** @typedef {{ name: string, url: string, phone?: boolean, before?: (page: import("playwright-core").Page) => Promise<void> }} Shot */
/** @param {Shot} shot */
async function shoot({ name, url, phone = false, before }) {
  for (const screen of phone ? /** @type {const} */ (["desktop", "phone"]) : /** @type {const} */ (["desktop"])) {
    const page = await browser.newPage({ viewport: SCREENS[screen], reducedMotion: "reduce" });
    await page.goto(url);
    await page.waitForTimeout(SETTLED_MS);
    await before?.(page);
    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.screenshot({ path: join(out, `${name}-${screen === "phone" ? "phone-" : ""}${colorScheme}.png`) });
    }
    await page.close();
  }
}

/** @param {{ running: string, review: string, plan: string, session: string }} ids @returns {Shot[]} */
function shots({ running, review, plan, session }) {
  const at = (/** @type {string} */ path) => full.url + path;
  return [
    { name: "first-run", url: empty.url, phone: true },
    { name: "login", url: closed.url },
    { name: "overview", url: at("/"), phone: true },
    { name: "tasks", url: at("/tasks"), phone: true },
    { name: "board", url: at("/tasks?view=board") },
    { name: "task-running", url: at(`/tasks/${running}`), phone: true },
    { name: "task-done", url: at(`/tasks/${review}`) },
    { name: "task-in-review", url: at(`/tasks/${plan}`) },
    {
      name: "new-task",
      url: at("/tasks/new"),
      before: async (page) => {
        await page.getByLabel("What should be done?").fill("Look through this repository and write down what a newcomer should know.");
        for (const capability of ["repository_inspection", "report_writing"]) await page.getByRole("button", { name: `+ ${capability}` }).click();
        await page.getByRole("button", { name: "Preview" }).click();
        await page.getByRole("region", { name: "Preview" }).waitFor();
        await page.waitForTimeout(SETTLED_MS);
      },
    },
    { name: "task-file", url: at("/tasks/new?as=file") },
    { name: "agents", url: at("/agents"), phone: true },
    { name: "agent", url: at("/agents/history-analyst") },
    { name: "terminal", url: at("/agents/shell") },
    { name: "register", url: at("/agents/new") },
    { name: "wizard", url: at("/agents/new?way=http") },
    { name: "catalogue", url: at("/agents/new?way=catalogue") },
    { name: "inbox", url: at("/inbox"), phone: true },
    { name: "session", url: at(`/sessions/${session}`), phone: true },
    { name: "landings", url: at("/landings") },
    { name: "gates", url: at("/landings?show=gates") },
    { name: "workspaces", url: at("/workspaces"), phone: true },
    { name: "messages", url: at("/messages") },
    { name: "dead-letters", url: at("/messages?show=dead") },
    { name: "settings", url: at("/settings") },
    { name: "users", url: at("/settings?show=users") },
    { name: "projects", url: at("/settings?show=projects") },
    { name: "secrets", url: at("/settings?show=secrets") },
    { name: "templates", url: at("/settings?show=templates") },
    {
      name: "configuration",
      url: at("/settings?show=configuration"),
      before: (page) => page.getByLabel("Find a setting").fill("messages"),
    },
    { name: "budgets", url: at("/settings?show=budgets") },
    { name: "audit", url: at("/settings?show=audit") },
    { name: "palette", url: at("/"), before: (page) => page.keyboard.press("Control+k").then(() => page.waitForTimeout(SETTLED_MS)) },
  ];
}

/** A copy of this repository, so that no picture shows where it lies on the machine that takes it. */
async function cloneHere() {
  const folder = await mkdtemp(join(tmpdir(), "baton-shots-"));
  repositories.push(folder);
  execFileSync("git", ["clone", "-q", root, join(folder, "baton")]);
  execFileSync("git", ["checkout", "-q", "-B", "main"], { cwd: join(folder, "baton") });
  return join(folder, "baton");
}

/** In a repository of its own: one change that lands, and one that its gate keeps out. */
async function landChanges() {
  const path = await mkdtemp(join(tmpdir(), "baton-shots-repository-"));
  repositories.push(path);
  const git = (/** @type {string[]} */ ...args) => execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", ...args], { cwd: path });
  const commit = async (/** @type {string} */ file, /** @type {string} */ text) => {
    await writeFile(join(path, file), text);
    git("add", ".");
    git("commit", "-qm", `Write ${file}`);
  };
  git("init", "-q", "-b", "main");
  await commit("baton.yaml", "gates:\n  - name: small-changes\n    kind: size\n    maxLines: 10\n");
  for (const [branch, lines] of /** @type {const} */ ([
    ["fix-login", 3],
    ["new-search", 80],
  ])) {
    git("checkout", "-q", "-b", branch, "main");
    await commit(`${branch}.txt`, "a line\n".repeat(lines));
  }
  git("checkout", "-q", "main");
  for (const source of ["fix-login", "new-search"]) {
    const { id } = await client.createLanding({ body: { repository: path, source } });
    for (let state = "queued"; ["queued", "judging", "moving"].includes(state); ) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      ({ state } = await client.getLanding({ params: { id } }));
    }
  }
}

/** Two agents at work in work trees of their own, on the same lines of one file. */
async function changeTheSame() {
  const repository = await cloneHere();
  for (const [name, title, first] of /** @type {const} */ ([
    ["writer", "Say in the README what it is for", "# Baton, for those who have many agents"],
    ["editor", "Shorten the README", "# Baton in short"],
  ])) {
    const change = `const { readFileSync, writeFileSync } = require("fs");
      writeFileSync("README.md", readFileSync("README.md", "utf8").replace(/^.*/, ${JSON.stringify(first)}));
      setInterval(() => undefined, 1000);`;
    const connector = { kind: /** @type {const} */ ("process"), command: process.execPath, args: ["-e", change] };
    await client.createAgent({ body: { name, connector, capabilities: [name] } });
    await client.submitTask({ body: { title, description: title, requirements: [name], repository, workspace: "task" } });
  }
  for (let seen = 0; seen === 0; ) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    seen = (await client.listConflicts({ query: {} })).items.length;
  }
}

/** Work of every state, a conversation, messages, people: all of it through the API. */
async function tellStory() {
  const fake = (/** @type {string} */ file) => join(root, "tests/fake-agents", file);
  const connector = { kind: /** @type {const} */ ("process"), command: process.execPath, args: [fake("process-agent.mjs")] };
  await client.createAgent({
    body: { name: "coder", description: "Writes small changes.", connector, capabilities: ["implement"], maxConcurrentTasks: 6 },
  });
  await client.createAgent({ body: { name: "translator", connector, capabilities: ["translate"] } });
  await client.actOnAgent({ params: { id: "translator" }, body: { action: "pause" } });
  const terminal = {
    kind: /** @type {const} */ ("terminal"),
    command: "bash",
    args: ["--noprofile", "--norc"],
    ready: "$",
    columns: 100,
    rows: 20,
  };
  await client.createAgent({
    body: { name: "shell", description: "Lives in a terminal.", environment: { PS1: "$ " }, connector: terminal, capabilities: ["typing"] },
  });
  await client.actOnAgent({ params: { id: "shell" }, body: { action: "start" } });
  await client.typeInTerminal({ params: { id: "shell" }, body: { text: "echo good morning", keys: ["Enter"] } });

  const hand = (/** @type {import("@baton/contract").TaskInput} */ body) => client.submitTask({ body });
  const review = await hand(await repositoryReview(await cloneHere()));
  await client.waitForTask(review.id);
  for (let ticket = 1018; ticket < 1030; ticket++)
    await hand({ description: `echo Summary of ticket ${ticket}`, title: `Summarise ticket ${ticket}`, requirements: ["implement"] });
  await hand({ description: "fail", title: "Migrate the billing tables", requirements: ["implement"], type: "migration" });
  await hand({ description: "echo later", title: "Transcribe the customer calls of last week", requirements: ["transcribe"] });
  await hand({ description: "echo Handbuch", title: "Translate the handbook into German", requirements: ["translate"] });
  await hand({
    description: "echo out",
    title: "Deploy version 1.4 to production",
    requirements: ["implement"],
    constraints: { requiredApprovals: ["security-review"] },
  });
  const step = (/** @type {string} */ id, /** @type {string} */ title, /** @type {string[]} */ needs, does = "echo done") => ({
    id,
    title,
    description: does,
    requirements: ["implement"],
    needs,
  });
  const plan = await hand({
    title: "Rework the onboarding mails",
    description: "The mails of the first week, with the new tone.",
    planReview: true,
    steps: [step("draft", "Draft the texts", []), step("legal", "Check the claims", ["draft"]), step("send", "Set up the sending", ["draft"])],
  });
  const running = await hand({
    title: "Ship the search feature",
    description: "Search over all documents, with a page of its own and a manual.",
    steps: [
      step("spec", "Write the specification", []),
      step("api", "Build the API", ["spec"]),
      step("page", "Build the page", ["spec"], "hang"),
      step("manual", "Write the manual", ["api"]),
      step("review", "Review everything", ["api", "page", "manual"]),
    ],
  });
  const session = await client.createSession({ body: { title: "The release of version 1.4" } });
  await client.addPin({ params: { id: session.id }, body: { content: "The release is out before Friday." } });
  for (const words of ["echo What is still **open**:\n\n- the manual\n- the sending of mails", "echo Both are under way."])
    await client.waitForTask((await hand({ description: words, sessionId: session.id, requirements: ["implement"] })).id);
  await client.createMailbox({ body: { name: "ops-desk" } });
  await client.createSubscription({ body: { subscriberId: "ops-desk", topic: "builds.*" } });
  for (const number of [101, 102, 103, 104])
    await client.sendMessage({ body: { topic: "builds.main", messageType: "status_update", payload: { build: number, ok: number !== 103 } } });
  await client.sendMessage({ body: { recipientId: "coder", messageType: "task_request", payload: { what: "look at build 103" }, priority: "high" } });
  await client.sendMessage({ body: { recipientId: "ops-desk", messageType: "page", payload: { who: "on call" }, ttlMs: 50 } });
  await landChanges();
  await changeTheSame();
  await client.createBudget({ body: { name: "daily", scope: "everything", usd: 20, attempts: 60 } });
  await client.createProject({ body: { name: "storefront", description: "The shop, its checkout and its search.", repositories: ["/srv/storefront"] } });
  await client.createProject({ body: { name: "billing", description: "Invoices, and what they are for." } });
  await client.createSecret({ body: { name: "model-key", value: "shown to nobody" } });
  await client.createSecret({ body: { name: "invoices.db", value: "shown to nobody", projectId: "billing" } });
  await client.createUser({ body: { name: "grace", password: "a password that is long", role: "agent-manager" } });
  await client.createUser({ body: { name: "alan", password: "a password that is long", role: "viewer", projects: ["storefront", "billing"] } });
  return { running: running.id, review: review.id, plan: plan.id, session: session.id };
}
