// Notices that reach a phone while no page is open: switched on in the settings, shown by the service worker, and a click leads to what they tell of.
// The way between a browser and its vendor's push service is not ours and needs their network: the browser here subscribes to one on this machine, and
// what that was sent is handed to the service worker as the browser would.
import { describe, expect, onTestFinished, test } from "vitest";
import { openPushService } from "../push-service.fixture.ts";
import { faultsOf } from "./theatre.fixture.ts";
import type { World } from "./world.fixture.ts";

export function noticeJourneys({ theatre, stage }: World): void {
  describe("notices on a phone", () => {
    test("are switched on, tell what needs a person while one is elsewhere, lead there, and are switched off", async () => {
      const { client, url } = stage();
      const service = await openPushService(async () => (await client.getPushKey()).publicKey);
      onTestFinished(() => service.close());
      const phone = service.browser();
      const { page, context, complaints } = await theatre().visit("about:blank", "phone", { isStranger: true });
      await context.grantPermissions(["notifications"], { origin: url });
      await context.addInitScript((input) => {
        const made = { endpoint: input.endpoint, toJSON: () => input, unsubscribe: async () => true };
        Object.assign(PushManager.prototype, {
          getSubscription: async () => (localStorage.getItem("made") === null ? null : made),
          subscribe: async () => {
            localStorage.setItem("made", "yes");
            return made;
          },
        });
      }, phone.input);
      const browser = await context.newCDPSession(page);
      const registered = new Promise<string>((resolve) => {
        browser.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
          const [one] = registrations.filter(({ scopeURL }) => scopeURL.startsWith(url));
          if (one) resolve(one.registrationId);
        });
      });
      await browser.send("ServiceWorker.enable");
      await page.goto(`${url}/settings`);
      const registrationId = await registered;
      const shown = () =>
        page.evaluate(async () => {
          const { ready } = navigator.serviceWorker;
          return (await (await ready).getNotifications()).map(({ title, body, data }) => [title, body, (data as { url: string }).url]);
        });
      const deliver = () => browser.send("ServiceWorker.deliverPushMessage", { origin: url, registrationId, data: JSON.stringify(phone.told.at(-1)) });

      const isOn = page.getByRole("checkbox", { name: /^Tell this browser/ });
      await isOn.click();
      await expect.poll(() => phone.told.map(({ title }) => title)).toEqual(["Notifications are on"]);
      await expect.poll(() => isOn.isChecked()).toBe(true);
      expect(await faultsOf(page)).toEqual([]);
      await page.goto(`${url}/agents`);
      const { id } = await client.submitTask({ body: { title: "Bring the harvest in", description: "fail", requirements: ["write"] } });
      await expect.poll(() => phone.told.length).toBe(2);
      await deliver();
      await expect.poll(shown).toEqual([["A task failed", expect.stringContaining("Bring the harvest in"), `/tasks/${id}`]]);
      const [worker] = context.serviceWorkers();
      await worker?.evaluate(async () => {
        const scope = globalThis as unknown as { registration: ServiceWorkerRegistration; open(url: string): Promise<unknown> };
        const [notice] = await scope.registration.getNotifications();
        dispatchEvent(Object.assign(new Event("notificationclick"), { notification: notice, waitUntil: () => undefined }));
      });
      await page.getByRole("heading", { level: 1, name: "Bring the harvest in" }).waitFor();
      expect(await shown()).toEqual([]);

      await page.goto(`${url}/settings`);
      await isOn.click();
      await expect.poll(async () => (await client.listPushSubscriptions()).items).toEqual([]);
      await expect.poll(() => isOn.isChecked()).toBe(false);
      expect(complaints).toEqual([]);
    });
  });
}
