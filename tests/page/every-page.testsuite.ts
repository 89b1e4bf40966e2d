// Every page, full and empty, on both screens, in light and dark: nothing that axe finds fault with, nothing wider than the screen.
import { expect, onTestFinished, test } from "vitest";
import { type Stage, openStage } from "./stage.fixture.ts";
import { type Screen, faultsOf } from "./theatre.fixture.ts";
import { type World, screens } from "./world.fixture.ts";

const paths = [
  "/",
  "/tasks",
  "/tasks?view=board",
  "/tasks/new",
  "/tasks/new?as=file",
  "/agents",
  "/agents/new",
  "/agents/new?way=http",
  "/agents/new?way=catalogue",
  "/agents/new?way=file",
  "/agents/new?way=dialin",
  "/inbox",
  "/inbox?show=decided",
  "/workspaces",
  "/workspaces?show=all",
  "/landings",
  "/landings?show=gates",
  "/sessions",
  "/messages",
  "/messages?show=mailboxes",
  "/messages?show=topics",
  "/messages?show=dead",
  "/settings",
  "/settings?show=users",
  "/settings?show=keys",
  "/settings?show=projects",
  "/settings?show=secrets",
  "/settings?show=templates",
  "/settings?show=configuration",
  "/settings?show=budgets",
  "/settings?show=schedules",
  "/settings?show=audit",
  "/settings?show=server",
  "/sessions/none",
  "/workspaces/none",
  "/nowhere",
];
/** Those that teach when there is nothing. */
const bare = ["/", "/tasks", "/tasks?view=board", "/agents", "/inbox", "/workspaces", "/sessions", "/messages", "/settings?show=users"];

/** Filled by the journeys before it. */
export function everyPage({ theatre, stage }: World): void {
  /** One visitor who goes from page to page. */
  async function lookAt({ url }: Stage, screen: Screen, all: readonly string[]): Promise<Record<string, string[]>> {
    const { page } = await theatre().visit("about:blank", screen);
    const faults: Record<string, string[]> = {};
    for (const path of all) {
      await page.goto(url + path);
      await page.locator("h1").first().waitFor({ state: "attached" });
      await page.waitForFunction(() => !document.body.innerText.includes("Loading"));
      const found = await faultsOf(page);
      if (found.length > 0) faults[path] = found;
    }
    return faults;
  }

  test("no page has a fault, full or empty, on a desktop or a phone", async () => {
    const empty = await openStage(theatre().dist);
    onTestFinished(() => empty.close());
    const { items: tasks } = await stage().client.listTasks({ query: { limit: 1, q: "A long one" } });
    const { items: workspaces } = await stage().client.listWorkspaces({ query: { limit: 1, state: "present" } });
    const { items: sessions } = await stage().client.listSessions();
    const full = [...paths, `/tasks/${tasks[0]?.id}`, "/agents/scribe", `/workspaces/${workspaces[0]?.id}`, `/sessions/${sessions[0]?.id}`];
    // Side by side: each screen is a process of its own.
    const seen = await Promise.all(screens.flatMap((screen) => [lookAt(stage(), screen, full), lookAt(empty, screen, bare)]));
    expect(seen).toEqual(seen.map(() => ({})));
  }, 300_000);

  test("in power-user mode the JSON, the events and the calls stand beside the page", async () => {
    const { page } = await theatre().visit(`${stage().url}/settings`, "desktop", { isStranger: true });
    await page.getByLabel("Power-user mode").check();
    await page.goto(`${stage().url}/agents/scribe`);
    await page.getByRole("heading", { name: "Raw JSON" }).waitFor();
    await page.getByRole("button", { name: "API calls" }).click();
    await page.getByRole("region", { name: "API calls" }).getByText("GET /api/v1/agents/scribe", { exact: true }).first().waitFor();
    await page.getByRole("button", { name: "Events", exact: true }).click();
    await stage().client.submitTask({ body: { description: "echo an event", requirements: ["write"] } });
    await page.getByRole("region", { name: "Events" }).getByText("task.completed").first().waitFor();
    expect(await faultsOf(page)).toEqual([]);
  });
}
