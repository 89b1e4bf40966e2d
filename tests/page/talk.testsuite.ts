// Conversations and messages on the page.
import { describe, expect, test } from "vitest";
import { type World, screens } from "./world.fixture.ts";

export function talkJourneys({ theatre, stage }: World): void {
  describe.each(screens)("talking on a %s", (screen) => {
    test("what one says is answered, and the page says by whom", async () => {
      const { page, complaints } = await theatre().visit(`${stage().url}/sessions`, screen);
      await page.getByLabel("Who answers").selectOption("reviewer answers");
      await page.getByLabel("What do you want to say?").fill(`echo good morning from a ${screen}`);
      await page.keyboard.press("Enter");
      const turns = page.getByRole("list", { name: "Turns" });
      await turns.getByText("reviewer", { exact: true }).waitFor();
      await expect.poll(() => turns.getByText(`echo good morning from a ${screen}`).count()).toBe(2);
      await page.getByLabel("What do you want to say?").fill("echo and again");
      await page.keyboard.press("Enter");
      await expect.poll(() => turns.getByText("echo and again").count()).toBe(2);
      expect(complaints).toEqual([]);
    });

    test("a dead letter is delivered again", async () => {
      const name = `desk-${screen}`;
      await stage().client.createMailbox({ body: { name } });
      await stage().client.sendMessage({ body: { recipientId: name, messageType: `news_${screen}`, payload: { hello: screen } } });
      const { items } = await stage().client.receiveMessages({ params: { id: name }, query: { limit: 1 } });
      const id = items[0]?.id ?? "";
      await stage().client.acknowledgeMessages({ params: { id: name }, body: { failed: [{ id, reason: "the desk is closed", final: true }] } });
      const { page } = await theatre().visit(`${stage().url}/messages?show=dead`, screen);
      const letter = page.getByRole("listitem").filter({ hasText: `news_${screen}` });
      await letter.getByText("the desk is closed").waitFor();
      await letter.getByRole("button", { name: "Deliver again" }).click();
      await letter.waitFor({ state: "detached" });
      expect((await stage().client.listAgentMessages({ params: { id: name } })).items).toHaveLength(1);
    });
  });

  test("a message that is sent from the page is in the flow, and says what became of it", async () => {
    await stage().client.createMailbox({ body: { name: "front-desk" } });
    const { page } = await theatre().visit(`${stage().url}/messages`);
    await page.getByRole("button", { name: "Send a message" }).click();
    await page.getByLabel("Recipient").fill("front-desk");
    await page.getByLabel("Type").fill("greeting");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    const row = page.getByRole("listitem").filter({ hasText: "greeting" });
    await row.getByRole("button").first().click();
    await row.getByText("queued").waitFor();
  });
}
