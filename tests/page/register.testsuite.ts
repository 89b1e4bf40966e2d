// Agents on the page: the first run, the wizard with an endpoint that fails and then works, a terminal one types into.
import { describe, expect, onTestFinished, test } from "vitest";
import { startFakeAgent } from "../../packages/server/src/connectors/fake-agent.testkit.ts";
import { tmuxPath } from "../services.ts";
import { openStage, terminalAgent } from "./stage.fixture.ts";
import { type World, screens } from "./world.fixture.ts";

export function registerJourneys({ theatre, stage }: World): void {
  describe.each(screens)("agents on a %s", (screen) => {
    test("where nothing is, the page leads to a finished first task", async () => {
      const empty = await openStage(theatre().dist);
      onTestFinished(() => empty.close());
      const { page, complaints } = await theatre().visit(empty.url, screen);
      await page.getByRole("heading", { name: "Nothing is here yet. A minute changes that." }).waitFor();
      await page.getByRole("button", { name: "Register it and run a first task" }).click();
      await page.getByRole("heading", { level: 1, name: "Count the words of a sentence" }).waitFor();
      await page.getByText("16 words").waitFor();
      expect((await empty.client.listTasks({ query: { status: "completed" } })).total).toBe(1);
      expect(complaints).toEqual([]);
    });

    test("the wizard goes on only when the agent has answered", async () => {
      const agent = await startFakeAgent("http-agent.mjs");
      onTestFinished(() => agent.close());
      const { page } = await theatre().visit(`${stage().url}/agents/new?way=http`, screen);
      const next = page.getByRole("button", { name: "Next" });
      expect(await next.isDisabled()).toBe(true);
      await page.getByRole("radio", { name: "Custom REST API" }).check();
      await next.click();
      await page.getByLabel("Name").fill(`answers-${screen}`);
      await page.getByLabel("Can do", { exact: true }).fill("echo");
      await page.keyboard.press("Enter");
      await next.click();
      await page.getByLabel("Address").fill("http://127.0.0.1:9");
      await next.click();
      await page.getByText("It fits").waitFor();
      await next.click();
      await page.getByLabel("What it is asked").fill("echo are you there");
      await page.getByRole("button", { name: "Test it" }).click();
      await page.getByText("It did not work").waitFor();
      expect(await next.isDisabled()).toBe(true);
      await page.getByRole("button", { name: "Back" }).click();
      await page.getByRole("button", { name: "Back" }).click();
      await page.getByLabel("Address").fill(`http://127.0.0.1:${agent.port}`);
      await next.click();
      await page.getByText("It fits").waitFor();
      await next.click();
      await page.getByLabel("What it is asked").fill("echo are you there");
      await page.getByRole("button", { name: "Test it" }).click();
      await page.getByText("It answered", { exact: true }).waitFor();
      await next.click();
      await page.getByRole("button", { name: "Register" }).click();
      await page.getByRole("heading", { level: 1, name: `answers-${screen}` }).waitFor();
      const task = await stage().client.submitTask({
        body: { description: "echo hello", steps: [{ id: "s", description: "echo hello", agent: `answers-${screen}` }] },
      });
      expect((await stage().client.waitForTask(task.id)).status).toBe("completed");
    });

    test.skipIf(tmuxPath() === undefined)("a terminal is looked at and typed into", async () => {
      const name = `typist-${screen}`;
      await stage().client.createAgent({ body: { name, connector: terminalAgent } });
      onTestFinished(async () => {
        await stage().client.actOnAgent({ params: { id: name }, body: { action: "stop" } });
        await stage().client.removeAgent({ params: { id: name } });
      });
      const { page } = await theatre().visit(`${stage().url}/agents/${name}`, screen);
      await page.getByRole("button", { name: "Start it" }).click();
      const terminal = page.getByRole("region", { name: `Terminal of ${name}` });
      await terminal.getByText("you>").first().waitFor();
      await terminal.locator("textarea").focus();
      await page.keyboard.type("echo typed by hand");
      await page.keyboard.press("Enter");
      await expect.poll(async () => (await stage().client.getTerminal({ params: { id: name } })).lines).toContain("echo typed by hand");
      await terminal.getByText("echo typed by hand", { exact: true }).first().waitFor();
    });
  });

  test("an agent is paused, scaled and resumed from its page", async () => {
    const { page } = await theatre().visit(`${stage().url}/agents/reviewer`);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("Somebody paused it").first().waitFor();
    await page.getByLabel("Pieces of work at once").fill("3");
    await page.getByRole("button", { name: "Set" }).click();
    await page.getByText("0 of 3").first().waitFor();
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByText("Ready for work.").first().waitFor();
  });
}
