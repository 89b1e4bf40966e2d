// A server that demands credentials: logging in, what a viewer sees, and a server that goes away while one looks.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { CLIENT, openIssuer } from "../issuer.fixture.ts";
import { type Stage, addWorkers, openStage } from "./stage.fixture.ts";
import type { Screen } from "./theatre.fixture.ts";
import { type World, screens } from "./world.fixture.ts";

const password = "a password that is long";

export function accessJourneys({ theatre }: World): void {
  describe("a server that demands credentials", () => {
    let closed: Stage;
    beforeAll(async () => {
      closed = await openStage(theatre().dist, { apiKeys: ["the-key-of-the-operator"] });
      await addWorkers(closed.client);
      for (const role of ["viewer", "user"] as const) await closed.client.createUser({ body: { name: role, password, role } });
      await closed.client.waitForTask(
        (await closed.client.submitTask({ body: { description: "echo seen", title: "To be seen", requirements: ["write"] } })).id,
      );
    });
    afterAll(() => closed.close());

    async function logIn(path: string, name: string, screen?: Screen) {
      const visit = await theatre().visit(closed.url + path, screen, { isStranger: true });
      await visit.page.getByLabel("Name").fill(name);
      await visit.page.getByLabel("Password").fill(password);
      await visit.page.getByRole("button", { name: "Log in", exact: true }).click();
      return visit;
    }

    describe.each(screens)("on a %s", (screen) => {
      test("a person logs in, and is still logged in after a reload", async () => {
        const { page, context } = await theatre().visit(closed.url, screen, { isStranger: true });
        await page.getByLabel("Name").fill("user");
        await page.getByLabel("Password").fill("not the password");
        await page.getByRole("button", { name: "Log in", exact: true }).click();
        await page.getByRole("alert").waitFor();
        await page.getByLabel("Password").fill(password);
        await page.getByRole("button", { name: "Log in", exact: true }).click();
        await page.getByRole("link", { name: "To be seen" }).waitFor();
        await page.reload();
        await page.getByRole("link", { name: "To be seen" }).waitFor();
        expect(await page.getByRole("dialog").count()).toBe(0);
        // Nothing that opens anything lies where a script could read it.
        const readable = await page.evaluate(() => [document.cookie, ...[localStorage, sessionStorage].flatMap((store) => Object.values(store) as string[])]);
        const [cookie] = await context.cookies();
        expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict" });
        for (const text of readable) {
          expect(text.split(".").length).not.toBe(3);
          expect(text).not.toContain(cookie?.value);
        }
      });

      test("whoever may only look sees no buttons", async () => {
        const { page } = await logIn("/tasks", "viewer", screen);
        await page.getByRole("link", { name: "To be seen" }).waitFor();
        expect(await page.getByRole("link", { name: "New task" }).count()).toBe(0);
        await page.getByRole("link", { name: "To be seen" }).click();
        await page.getByRole("heading", { level: 1, name: "To be seen" }).waitFor();
        for (const name of ["Retry", "Cancel", "Pause"]) expect(await page.getByRole("button", { name }).count()).toBe(0);
        await page.getByRole("link", { name: "Agents", exact: true }).first().click();
        await page.getByRole("link", { name: "scribe" }).click();
        await page.getByRole("heading", { level: 1, name: "scribe" }).waitFor();
        for (const name of ["Pause", "Drain", "Check health"]) expect(await page.getByRole("button", { name }).count()).toBe(0);
        if (screen === "phone") await page.getByRole("button", { name: "More" }).click();
        await page.getByRole("link", { name: "Settings" }).click();
        await page.getByText("with the role viewer").waitFor();
        expect(await page.getByRole("link", { name: "Users" }).count()).toBe(0);
      });

      test("logging out asks who one is, also in a tab beside it", async () => {
        const { page, context } = await logIn("/settings", "user", screen);
        await page.getByText("with the role user").waitFor();
        const beside = await context.newPage();
        await beside.goto(closed.url);
        await beside.getByRole("link", { name: "To be seen" }).waitFor();
        await beside.getByRole("status").filter({ hasText: "Live" }).first().waitFor();
        await page.getByRole("button", { name: "Log out", exact: true }).first().click();
        await page.getByRole("heading", { name: "Log in to Baton" }).waitFor();
        await beside.getByRole("heading", { name: "Log in to Baton" }).waitFor();
        await page.reload();
        await page.getByRole("heading", { name: "Log in to Baton" }).waitFor();
      });
    });

    test("logging out everywhere ends the login of another browser while that looks on, and so does an admin", async () => {
      await closed.client.createUser({ body: { name: "both", password, role: "user" } });
      const one = await logIn("/settings", "both");
      const other = await logIn("/", "both");
      await other.page.getByRole("status").filter({ hasText: "Live" }).first().waitFor();
      await one.page.getByRole("button", { name: "Log out everywhere" }).click();
      await one.page.getByRole("heading", { name: "Log in to Baton" }).waitFor();
      await other.page.getByRole("heading", { name: "Log in to Baton" }).waitFor();
      await other.page.getByText("What you showed before is not known here, or has ended.").waitFor();

      const again = await logIn("/settings", "both");
      await again.page.getByText("with the role user").waitFor();
      const { page } = await theatre().visit(`${closed.url}/settings?show=users`, "desktop", { isStranger: true });
      await page.getByRole("button", { name: "Use an API key" }).click();
      await page.getByRole("textbox", { name: "API key" }).fill("the-key-of-the-operator");
      await page.getByRole("button", { name: "Unlock" }).click();
      await page.getByRole("button", { name: "Log out both everywhere" }).click();
      await page.getByText("All logins of both have ended.").waitFor();
      await again.page.getByRole("heading", { name: "Log in to Baton" }).waitFor();
    });

    test("an API key opens it for this tab", async () => {
      const { page, context } = await theatre().visit(closed.url, "desktop", { isStranger: true });
      await page.getByRole("button", { name: "Use an API key" }).click();
      await page.getByRole("textbox", { name: "API key" }).fill("the-key-of-the-operator");
      await page.getByRole("button", { name: "Unlock" }).click();
      await page.getByRole("link", { name: "To be seen" }).waitFor();
      const other = await context.newPage();
      await other.goto(closed.url);
      await other.getByRole("heading", { name: "Log in to Baton" }).waitFor();
    });
  });

  describe("where people log in elsewhere", () => {
    test("one goes there by a button, comes back to where one was, and is told when that did not work", async () => {
      const issuer = await openIssuer();
      onTestFinished(() => issuer.close());
      const stage = await openStage(theatre().dist, {
        apiKeys: ["the-key-of-the-operator"],
        oidcIssuer: issuer.url,
        oidcClientId: CLIENT.id,
        oidcClientSecret: CLIENT.secret,
        oidcName: "Example",
      });
      onTestFinished(() => stage.close());
      issuer.know(stage.url);
      issuer.people["ada"] = { preferred_username: "ada", email: "ada@example.com", email_verified: true };
      const { page, context } = await theatre().visit(`${stage.url}/settings`, "desktop", { isStranger: true });
      await page.getByRole("link", { name: "Log in with Example" }).click();
      await page.getByRole("link", { name: "Cancel" }).click();
      await page.getByText("it was cancelled there").waitFor();
      await page.goto(`${stage.url}/settings`);
      await page.getByRole("link", { name: "Log in with Example" }).click();
      await page.locator("input[name=login]").fill("ada");
      await page.locator("input[name=password]").fill("any");
      await page.getByRole("button").click();
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByText("with the role viewer").waitFor();
      expect(new URL(page.url()).pathname).toBe("/settings");
      expect(await page.getByRole("dialog").count()).toBe(0);
      expect((await context.cookies(stage.url)).map(({ httpOnly, sameSite }) => [httpOnly, sameSite])).toContainEqual([true, "Strict"]);
      await page.reload();
      await page.getByText("with the role viewer").waitFor();
    });
  });

  test("a server that is started again while one looks is told of, and what happened meanwhile is there", async () => {
    const stage = await openStage(theatre().dist);
    onTestFinished(() => stage.close());
    await addWorkers(stage.client);
    await stage.client.waitForTask((await stage.client.submitTask({ body: { description: "echo before", title: "Before", requirements: ["write"] } })).id);
    const { page } = await theatre().visit(stage.url);
    await page.getByRole("link", { name: "Before" }).waitFor();
    await page.getByRole("status").filter({ hasText: "Live" }).first().waitFor();
    await stage.baton.stop();
    await page.getByRole("alert").getByText("Baton does not answer.").waitFor();
    await page.getByText("What you see is how it was at").waitFor();
    await stage.again();
    await stage.client.submitTask({ body: { description: "echo meanwhile", title: "Meanwhile", requirements: ["write"] } });
    await page.getByRole("link", { name: "Meanwhile" }).waitFor();
    await page.getByRole("alert").waitFor({ state: "detached" });
    await page.getByRole("status").filter({ hasText: "Live" }).first().waitFor();
  });
}
