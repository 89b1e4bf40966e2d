// Changes on the page: one that its gates let through, and one that they keep out, with what they said.
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { createRepository } from "./repository.fixture.ts";
import { faultsOf } from "./theatre.fixture.ts";
import { type World, screens } from "./world.fixture.ts";

const patience = 20_000;

/** With a branch that adds one line, and one that adds more than the gate of the repository allows. */
function createGuarded() {
  const { path, git, commit } = createRepository({ "baton.yaml": "gates:\n  - name: small\n    kind: size\n    maxLines: 10\n" });
  for (const [branch, lines] of [
    ["little", 1],
    ["much", 50],
  ] as const) {
    git("checkout", "-q", "-b", branch, "main");
    commit(`${branch}.txt`, "a line\n".repeat(lines));
  }
  git("checkout", "-q", "main");
  return { path, head: (branch: string) => git("rev-parse", branch) };
}

export function landingJourneys({ theatre, stage }: World): void {
  describe.each(screens)("landing on a %s", (screen) => {
    test("a change lands when its gates let it through, and stays out with their reason when not", async () => {
      const repository = createGuarded();
      const before = repository.head("main");
      const { page, complaints } = await theatre().visit(`${stage().url}/landings`, screen);
      const land = async (branch: string) => {
        await page.getByRole("button", { name: "Land a change" }).click();
        await page.getByLabel("Repository").fill(repository.path);
        await page.getByLabel("What lands").fill(branch);
        await page.getByRole("button", { name: "Land it" }).click();
      };
      const row = (branch: string) =>
        page
          .getByRole("list", { name: "Landings" })
          .getByRole("listitem")
          .filter({ hasText: branch })
          .filter({ hasText: basename(repository.path) });
      await land("little");
      await row("little").getByText("landed", { exact: true }).waitFor();
      expect(repository.head("main")).not.toBe(before);
      const landed = repository.head("main");
      await land("much");
      await row("much").getByText("refused", { exact: true }).waitFor();
      await row("much").getByRole("button").first().click();
      await page.getByRole("list", { name: "Gates" }).getByText("fail", { exact: true }).waitFor();
      expect(repository.head("main")).toBe(landed);
      expect(complaints).toEqual([]);
    });

    test("gates are added to those of the repository, hold, and are taken away again", async () => {
      const repository = createGuarded();
      const { page, complaints } = await theatre().visit(`${stage().url}/landings?show=gates`, screen);
      await page.getByRole("button", { name: "Add gates to a repository" }).click();
      await page.getByRole("textbox", { name: "Repository" }).fill(repository.path);
      const editor = page.getByRole("textbox", { name: "Gates" });
      await editor.fill("gates:\n  - name: no-letters\n    kind: paths\n    forbiden: ['*.txt']\n");
      await page.getByText("forbiden").last().waitFor();
      expect(await page.getByRole("button", { name: "Use these gates" }).isDisabled()).toBe(true);
      await editor.fill("gates:\n  - name: no-letters\n    kind: paths\n    forbidden: ['*.txt']\n");
      await page.getByRole("button", { name: "Use these gates" }).click();
      const gates = page.getByRole("list", { name: `Gates of ${repository.path}` }).getByRole("listitem");
      await gates.filter({ hasText: "no-letters" }).getByText("*.txt must not change.").waitFor();
      await gates.filter({ hasText: "baton.yaml" }).getByText("At most 10 lines.").waitFor();
      expect(await faultsOf(page)).toEqual([]);
      const refused = await stage().client.createLanding({ body: { repository: repository.path, source: "little" } });
      await expect
        .poll(async () => (await stage().client.getLanding({ params: { id: refused.id } })).failure?.gates, { timeout: patience })
        .toEqual(["no-letters"]);
      await page.getByRole("button", { name: `Remove gates of ${repository.path}` }).click();
      await page.getByRole("button", { name: "Remove them" }).click();
      await gates.filter({ hasText: "no-letters" }).waitFor({ state: "detached" });
      await expect.poll(() => gates.count(), { timeout: patience }).toBe(1);
      expect(complaints).toEqual([]);
    });
  });
}
