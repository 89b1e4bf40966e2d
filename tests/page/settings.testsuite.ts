// What an admin sets: projects and who is in them, secrets, templates; and what the server was started with.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Stage, openStage } from "./stage.fixture.ts";
import { type World, screens } from "./world.fixture.ts";

const password = "a password that is long";
const value = "the-value-nobody-is-shown";

export function settingJourneys({ theatre }: World): void {
  describe("what an admin sets", () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await openStage(theatre().dist, { outboundHosts: ["models.example.com"] });
    });
    afterAll(() => stage.close());

    describe.each(screens)("on a %s", (screen) => {
      test("a secret is kept, given another value and removed, and its value is never on the page", async () => {
        const { page, complaints } = await theatre().visit(`${stage.url}/settings?show=secrets`, screen);
        await page.getByRole("button", { name: "Keep a secret" }).click();
        await page.getByLabel("Name", { exact: true }).fill(`key-of-${screen}`);
        await page.getByLabel("Value", { exact: true }).fill(value);
        await page.getByRole("button", { name: "Keep it" }).click();
        await page.getByText(`\${secret:key-of-${screen}}`).waitFor();
        await page.getByRole("button", { name: `Replace the value of key-of-${screen}` }).click();
        await page.getByLabel("Value", { exact: true }).fill(`${value}, another`);
        await page.getByRole("button", { name: "Replace", exact: true }).last().click();
        await page.getByText("the 2. value").waitFor();
        expect(await page.content()).not.toContain(value);
        await page.getByRole("button", { name: `Remove key-of-${screen}` }).click();
        await page.getByRole("button", { name: "Remove", exact: true }).click();
        await page.getByText(`\${secret:key-of-${screen}}`).waitFor({ state: "detached" });
        expect(complaints).toEqual([]);
      });

      test("a project is made and changed, and a user is put into it", async () => {
        await stage.client.createUser({ body: { name: `ada-${screen}`, password, role: "user" } });
        const { page } = await theatre().visit(`${stage.url}/settings?show=projects`, screen);
        await page.getByRole("button", { name: "Make a project" }).click();
        await page.getByLabel("Name", { exact: true }).fill(`team-${screen}`);
        await page.getByLabel("Description").fill("Those who look after it.");
        await page.getByRole("button", { name: "Make it" }).click();
        await page.getByRole("button", { name: `Change team-${screen}` }).click();
        await page.getByLabel("Directories with its repositories").fill("/srv/team\n\n/srv/other ");
        await page.getByRole("button", { name: "Change it" }).click();
        await page.getByText("/srv/other").first().waitFor();
        const { repositories } = await stage.client.getProject({ params: { id: `team-${screen}` } });
        expect(repositories).toEqual(["/srv/team", "/srv/other"]);
        await page.getByRole("link", { name: "Users" }).click();
        await page.getByRole("button", { name: `Projects of ada-${screen}: all projects` }).click();
        const { items } = await stage.client.listProjects({ query: {} });
        for (const { name } of items) await page.getByLabel(name, { exact: true }).setChecked(name === `team-${screen}`);
        await page.getByRole("button", { name: "Change", exact: true }).click();
        await page.getByRole("button", { name: `Projects of ada-${screen}: team-${screen}` }).waitFor();
      });

      test("the audit log tells how what was changed stood before and after, and is found whole", async () => {
        await stage.client.updateProject({ params: { id: "default" }, body: { description: `Seen on a ${screen}.` } });
        const { page } = await theatre().visit(`${stage.url}/settings?show=audit`, screen);
        const entry = page.locator("[data-row]", { hasText: "updateProject" }).first();
        await entry.getByText("before and after").click();
        await entry.getByText(`Seen on a ${screen}.`).waitFor();
        await page.getByRole("button", { name: "Verify" }).click();
        await page.getByText(/whole: .* entries, none altered or removed/).waitFor();
      });

      test("a template of one's own is added, shown and removed; those that come with it stay", async () => {
        const { page } = await theatre().visit(`${stage.url}/settings?show=templates`, screen);
        await page.getByRole("button", { name: "Add a template" }).click();
        const editor = page.getByRole("textbox", { name: "Template" });
        await editor.fill(`name: mine-${screen}\nrequestMaping:\n  path: /run\n`);
        await page.getByText("requestMaping").last().waitFor();
        expect(await page.getByRole("button", { name: "Add", exact: true }).isDisabled()).toBe(true);
        await editor.fill(`name: mine-${screen}\nrequestMapping:\n  path: /run\n`);
        await page.getByRole("button", { name: "Add", exact: true }).click();
        await page.getByRole("button", { name: `Show all of mine-${screen}` }).click();
        await page.getByText('"path": "/run"').waitFor();
        await page.keyboard.press("Escape");
        expect(await page.getByRole("button", { name: /^Remove / }).count()).toBe(1);
        await page.getByRole("button", { name: `Remove mine-${screen}` }).click();
        await page.getByRole("button", { name: "Remove", exact: true }).click();
        await page.getByRole("button", { name: `Show all of mine-${screen}` }).waitFor({ state: "detached" });
      });

      test("each setting of the server is there with what it means, and is found", async () => {
        const { page } = await theatre().visit(`${stage.url}/settings?show=configuration`, screen);
        await page.getByLabel("Find a setting").fill("wherever they are, by comma");
        await page.getByText("BATON_OUTBOUND_HOSTS").waitFor();
        await page.getByText("models.example.com").waitFor();
        expect(await page.locator("[data-row]").count()).toBe(1);
      });
    });
  });
}
