// Work trees on the page: what was changed is commented and comes back as the next turn, and an agent's work is set back.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { createRepository } from "./repository.fixture.ts";
import { faultsOf } from "./theatre.fixture.ts";
import { type World, screens } from "./world.fixture.ts";

const letterAgent = { kind: "process" as const, command: process.execPath, args: [fileURLToPath(new URL("../fake-agents/letter-agent.mjs", import.meta.url))] };

export function workspaceJourneys({ theatre, stage }: World): void {
  /** A task that is done in a work tree of its own. */
  async function writeLetter(writer: string, line: string) {
    const { client } = stage();
    const repository = createRepository({ "letter.txt": "Dear all\n" });
    await client.createAgent({ body: { name: writer, connector: letterAgent, capabilities: [`letters-of-${writer}`] } });
    const { id } = await client.submitTask({
      body: { title: `A letter by ${writer}`, description: line, requirements: [`letters-of-${writer}`], repository: repository.path, workspace: "task" },
    });
    expect((await client.waitForTask(id)).status).toBe("completed");
    return { repository, workspace: await client.getWorkspace({ params: { id } }) };
  }
  const read = (path: string) => readFileSync(join(path, "letter.txt"), "utf8");

  describe.each(screens)("on a %s", (screen) => {
    test("a line of a change is commented, and whoever wrote it gets the comment as its next turn", async () => {
      const writer = `writer-${screen}`;
      const { workspace } = await writeLetter(writer, "Hello there");
      const { page, complaints } = await theatre().visit(`${stage().url}/workspaces`, screen);
      await page.getByRole("link", { name: `A letter by ${writer}` }).click();
      const file = page.getByRole("region", { name: "letter.txt" });
      await file.getByText("Hello there").waitFor();
      // From the number of the first line to the second, by keyboard.
      await file.getByRole("button", { name: "Comment on line 1", exact: true }).focus();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.getByRole("textbox", { name: "Comment on line 2" }).fill("Good morning to all of you");
      await page.keyboard.press("Control+Enter");
      await page.reload();
      await file.getByText("Good morning to all of you").waitFor();
      expect(await faultsOf(page)).toEqual([]);
      await page.getByRole("region", { name: "Your review" }).getByRole("button", { name: "Hand in" }).click();
      await page.getByRole("heading", { level: 1, name: /^Review of/ }).waitFor();
      await page.getByText("completed").first().waitFor();
      expect(read(workspace.path)).toBe("Dear all\nHello there\nGood morning to all of you\n");
      await page.goto(`${stage().url}/workspaces/${workspace.id}`);
      await file.getByText("Good morning to all of you").waitFor();
      expect(await page.getByRole("region", { name: "Your review" }).count()).toBe(0);
      expect(complaints).toEqual([]);
    });

    test("an agent's work is set back to a checkpoint and forth again, and two of its states are compared", async () => {
      const writer = `undone-${screen}`;
      const { workspace } = await writeLetter(writer, "A line to regret");
      const { page, complaints } = await theatre().visit(`${stage().url}/agents/${writer}`, screen);
      await page.getByRole("button", { name: "Keep how it is" }).click();
      await page.getByLabel("What it is").fill("With the line");
      await page.getByRole("button", { name: "Keep it" }).click();
      const checkpoints = page.getByRole("list", { name: "Checkpoints" });
      await checkpoints.getByText("With the line").waitFor();
      await checkpoints.getByRole("button", { name: /^Set back to: (?!With)/ }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Set back" }).click();
      await page.getByRole("status").filter({ hasText: "Set back. How it was before" }).waitFor();
      expect(read(workspace.path)).toBe("Dear all\n");
      await page.goto(`${stage().url}/workspaces/${workspace.id}`);
      await page.getByText("Nothing differs between the two.").waitFor();
      const kept = await page
        .getByRole("combobox", { name: "To" })
        .getByRole("option", { name: "With the line" })
        .filter({ hasNotText: "set back" })
        .first()
        .getAttribute("value");
      await page.getByRole("combobox", { name: "To" }).selectOption(kept);
      const file = page.getByRole("region", { name: "letter.txt" });
      await file.getByText("A line to regret").waitFor();
      // Lines of a state that is past have no place a comment could stand at.
      expect(await file.getByRole("button", { name: /^Comment/ }).count()).toBe(0);
      await checkpoints.getByRole("button", { name: /^Set back to: With the line/ }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Set back" }).click();
      await page.getByRole("status").filter({ hasText: "Set back. How it was before" }).waitFor();
      expect(read(workspace.path)).toBe("Dear all\nA line to regret\n");
      expect(complaints).toEqual([]);
    });
  });

  describe.each(screens)("on a %s", (screen) => {
    test("work trees that overlap are told on the overview, listed with their files, and taken care of", async () => {
      const { client } = stage();
      const { repository } = await writeLetter(`first-${screen}`, "As one has it");
      const name = `second-${screen}`;
      await client.createAgent({ body: { name, connector: letterAgent, capabilities: [`letters-of-${name}`] } });
      const title = `A letter by ${name}`;
      const said = { title, description: "As another has it", requirements: [`letters-of-${name}`], repository: repository.path, workspace: "task" as const };
      await client.waitForTask((await client.submitTask({ body: said })).id);
      const { page, complaints } = await theatre().visit(stage().url, screen);
      await page.getByRole("link", { name: "Two work trees overlap" }).click();
      const conflicts = page.getByRole("list", { name: "Conflicts" });
      await conflicts.getByRole("link", { name: `${title} (${name})` }).waitFor();
      await conflicts.getByText("Merging the two fails in letter.txt").waitFor();
      await conflicts.getByRole("button", { name: "Show files" }).click();
      await conflicts.getByRole("list", { name: "Files" }).getByText("letter.txt").first().waitFor();
      expect(await faultsOf(page)).toEqual([]);
      await conflicts.getByRole("button", { name: "It is taken care of" }).click();
      await conflicts.waitFor({ state: "detached" });
      const [conflict] = (await client.listConflicts({ query: { repository: repository.path } })).items;
      expect(conflict).toMatchObject({ state: "resolved" });
      expect(complaints).toEqual([]);
    });
  });

  test("a work tree is removed once it is asked twice, and is listed as removed", async () => {
    const { workspace, repository } = await writeLetter("remover", "To be kept by a ref");
    const { page } = await theatre().visit(`${stage().url}/workspaces/${workspace.id}`);
    await page.getByRole("button", { name: "Remove" }).click();
    await page.getByRole("dialog").getByText("Its work has not landed.").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Remove it" }).click();
    await page.getByText("removed", { exact: true }).waitFor();
    expect(repository.git("show", `refs/baton/workspaces/${workspace.id}:letter.txt`)).toContain("To be kept by a ref");
    await page.getByText("Kept as").waitFor();
    await page.goto(`${stage().url}/workspaces?show=removed`);
    await page.getByRole("link", { name: "A letter by remover" }).waitFor();
  });

  test("a change of ten thousand lines is not drawn before it is asked for", async () => {
    const { workspace } = await writeLetter("prolix", "One more");
    writeFileSync(join(workspace.path, "long.txt"), "a line\n".repeat(10_000));
    const { page } = await theatre().visit(`${stage().url}/workspaces/${workspace.id}`);
    const long = page.getByRole("region", { name: "long.txt" });
    await long.getByText("+10,000 −0").waitFor();
    expect(await long.locator("[data-line]").count()).toBe(0);
    await long.getByRole("button", { name: /^long\.txt/ }).click();
    await long.locator('[data-line="10000"]').waitFor({ state: "attached" });
  });
}
