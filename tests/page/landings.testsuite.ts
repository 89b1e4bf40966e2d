// Changes on the page: one that its gates let through, and one that they keep out, with what they said.
import { expect, test } from "vitest";
import { createRepository } from "./repository.fixture.ts";
import type { World } from "./world.fixture.ts";

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
  test("a change lands when its gates let it through, and stays out with their reason when not", async () => {
    const repository = createGuarded();
    const before = repository.head("main");
    const { page, complaints } = await theatre().visit(`${stage().url}/landings`);
    const land = async (branch: string) => {
      await page.getByRole("button", { name: "Land a change" }).click();
      await page.getByLabel("Repository").fill(repository.path);
      await page.getByLabel("What lands").fill(branch);
      await page.getByRole("button", { name: "Land it" }).click();
    };
    const row = (branch: string) => page.getByRole("list", { name: "Landings" }).getByRole("listitem").filter({ hasText: branch });
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
}
