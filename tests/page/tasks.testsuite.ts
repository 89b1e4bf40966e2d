// Tasks on the page: previewed, run, watched, cancelled, reviewed, approved from the keyboard.
import { describe, expect, test } from "vitest";
import { type World, screens } from "./world.fixture.ts";

export function taskJourneys({ theatre, stage }: World): void {
  describe.each(screens)("tasks on a %s", (screen) => {
    test("a task is previewed, run, watched and read", async () => {
      const { page, complaints } = await theatre().visit(`${stage().url}/tasks/new`, screen);
      await page.getByLabel("What should be done?").fill("echo a report on the harvest");
      await page.getByLabel("Needs", { exact: true }).fill("write");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Preview" }).click();
      const preview = page.getByRole("region", { name: "Preview" });
      await preview.getByText("scribe", { exact: true }).waitFor();
      await preview.getByText("The only one that could take it now.").waitFor();
      await page.getByRole("button", { name: "Run" }).click();
      await page.getByRole("heading", { level: 1, name: "echo a report on the harvest" }).waitFor();
      await page.locator('[data-step][data-status="completed"]').waitFor();
      await page.getByRole("heading", { name: "Result" }).waitFor();
      await page.getByText("echo a report on the harvest").last().waitFor();
      expect(complaints).toEqual([]);
    });

    test("a task file says what is wrong while one writes, and runs when it is right", async () => {
      const { page } = await theatre().visit(`${stage().url}/tasks/new?as=file`, screen);
      const editor = page.getByRole("textbox", { name: "Task file" });
      await editor.fill("description: echo from a file\nrequirements: [write]\npattern: circle\n");
      await page.getByText("pattern: ").last().waitFor();
      await page.getByText("allowed: auto, single").waitFor();
      expect(await page.getByRole("button", { name: "Run" }).isDisabled()).toBe(true);
      await editor.fill("description: echo from a file\nrequirements: [write]\n");
      await page.getByText("It fits").waitFor();
      await page.getByRole("button", { name: "Run" }).click();
      await page.getByRole("heading", { level: 1, name: "echo from a file" }).waitFor();
    });

    test("a running plan shows who is at work, and is cancelled after a question", async () => {
      const task = await stage().client.submitTask({
        body: {
          title: `A long one on a ${screen}`,
          description: "hang",
          steps: [
            { id: "first", title: "Begin", description: "echo begun", requirements: ["write"] },
            { id: "long", title: "Take long", description: "hang", requirements: ["write"], needs: ["first"] },
          ],
        },
      });
      const { page } = await theatre().visit(`${stage().url}/tasks/${task.id}`, screen);
      await page.getByRole("button", { name: "Take long running, by scribe" }).waitFor();
      await page.getByRole("heading", { name: "Timeline" }).waitFor();
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.getByRole("dialog").getByText("The agent at work is told to stop").waitFor();
      await page.getByRole("button", { name: "Cancel the task" }).click();
      await page.getByRole("button", { name: "Retry" }).waitFor();
      expect((await stage().client.getTask({ params: { id: task.id } })).status).toBe("cancelled");
    });

    test("a plan that waits is given other steps", async () => {
      const steps = [{ id: "only", title: "As it was", description: "echo one", requirements: ["write"] }];
      const task = await stage().client.submitTask({ body: { description: "echo reviewed", title: `Reviewed on a ${screen}`, planReview: true, steps } });
      const { page } = await theatre().visit(`${stage().url}/tasks/${task.id}`, screen);
      await page.getByRole("button", { name: "Change its steps" }).click();
      const editor = page.getByRole("textbox", { name: "Steps of the plan" });
      await editor.fill("steps:\n  - id: other\n    title: As it is now\n    description: echo two\n    requirements: [write]\n");
      await page.getByRole("button", { name: "Use these steps" }).click();
      const done = await stage().client.waitForTask(task.id);
      expect(done.steps.map(({ title }) => title)).toEqual(["As it is now"]);
    });
  });

  test("a question is approved from the keyboard", async () => {
    const body = { description: "echo approved", title: "By the keyboard", requirements: ["write"], constraints: { requiredApprovals: ["security"] } };
    const task = await stage().client.submitTask({ body });
    const { page } = await theatre().visit(`${stage().url}/inbox`);
    await page.getByText("By the keyboard").first().waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("a");
    await page.getByText("By the keyboard").first().waitFor({ state: "detached" });
    expect((await stage().client.waitForTask(task.id)).status).toBe("completed");
  });

  test("questions are answered with a thumb, and stand among what was decided", async () => {
    const ask = (title: string) =>
      stage().client.submitTask({ body: { description: "echo decided", title, requirements: ["write"], constraints: { requiredApprovals: ["security"] } } });
    const [given, refused] = [await ask("Given with a thumb"), await ask("Refused with a thumb")];
    const { page } = await theatre().visit(`${stage().url}/inbox`, "phone");
    const buttonOf = (title: string, name: string) => page.getByRole("listitem").filter({ hasText: title }).getByRole("button", { name });
    const reject = buttonOf("Refused with a thumb", "Reject");
    await reject.waitFor();
    expect((await reject.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    await reject.tap();
    await buttonOf("Given with a thumb", "Approve").tap();
    await page.getByRole("link", { name: "Decided" }).click();
    await page.getByRole("listitem").filter({ hasText: "Refused with a thumb" }).getByText("rejected").waitFor();
    await page.getByRole("listitem").filter({ hasText: "Given with a thumb" }).getByText("approved").waitFor();
    expect((await stage().client.waitForTask(refused.id)).status).toBe("failed");
    expect((await stage().client.waitForTask(given.id)).status).toBe("completed");
  });

  test("the palette finds a task by its words, and goes there", async () => {
    const task = await stage().client.submitTask({ body: { description: "echo needle", title: "Needle in the haystack", requirements: ["write"] } });
    const { page } = await theatre().visit(stage().url);
    await page.getByRole("heading", { name: "Tasks" }).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Find anything" }).fill("needle");
    await page.getByRole("option", { name: /Needle in the haystack/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/tasks/${task.id}`);
  });

  test("what is filtered stands in the address, and comes back with it", async () => {
    const { page } = await theatre().visit(`${stage().url}/tasks`);
    await page.getByLabel("Search tasks").fill("haystack");
    await page.waitForURL("**/tasks?q=haystack");
    await page.getByText("1 task, newest first").waitFor();
    await page.getByRole("link", { name: "Board" }).click();
    await page.getByRole("region", { name: "Done" }).getByText("Needle in the haystack").waitFor();
    await page.reload();
    await page.getByRole("region", { name: "Done" }).getByText("Needle in the haystack").waitFor();
    expect(await page.getByLabel("Search tasks").inputValue()).toBe("haystack");
  });
}
