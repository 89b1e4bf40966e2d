// Notices: people who are away are told of questions, failures and conflicts at their browsers, encrypted for them, and nobody else is.
import { createClient } from "@baton/client";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Sql, sql } from "../../packages/server/src/store/sql.ts";
import { openPushService } from "../push-service.fixture.ts";
import { createDatabase, postgresUrl } from "../services.ts";
import { startJourney } from "./world.fixture.ts";

const OPERATOR = "the-key-of-the-operator";
const FAR = Date.parse("2999-12-31");
const password = "a password that is long";
const server = await postgresUrl();
const databases = server === undefined ? [] : [await createDatabase(server)];

describe.each([undefined, ...databases])("notices, with the database %s", (databaseUrl) => {
  test("reach whoever may know of it, once, as one after a pause, and end when the browser is gone or its login is ended", async () => {
    const settings = { apiKeys: [OPERATOR], databaseUrl, secretKey: "of both" };
    const { client, baton, url, addCommand } = await startJourney(settings);
    // Servers that share a store tell each thing once all the same.
    if (databaseUrl !== undefined) await startJourney(settings);
    const service = await openPushService(async () => (await client.getPushKey()).publicKey);
    onTestFinished(() => service.close());
    await addCommand("worker");
    await client.createProject({ body: { name: "red" } });
    const logIn = async (name: string, projects: string[]) => {
      await client.createUser({ body: { name, password, role: "user", projects } });
      const { accessToken } = await createClient({ url }).createToken({ body: { name, password } });
      return createClient({ url, apiKey: accessToken });
    };
    const [ada, ben] = [await logIn("ada", ["*"]), await logIn("ben", ["red"])];
    const [phone, other] = [service.browser(), service.browser()];
    await ada.createPushSubscription({ body: { ...phone.input, label: "Ada's phone" } });
    await ben.createPushSubscription({ body: other.input });
    expect([phone.told, other.told].map((told) => told.map(({ title }) => title))).toEqual([["Notifications are on"], ["Notifications are on"]]);
    expect((await ada.listPushSubscriptions()).items).toMatchObject([{ label: "Ada's phone", endpoint: phone.input.endpoint, failure: null }]);

    const { db } = baton.world;
    const change = (what: Sql) => db.transaction(async (tx) => void (await tx.run(sql`update push_subscriptions ${what}`)));
    /** As if another server were at it; whoever is at it now ends first. */
    const hold = () =>
      expect.poll(async () => {
        await change(sql`set claimed_until = ${FAR} where claimed_until is null`);
        return db.all(sql`select 1 from push_subscriptions where claimed_until <> ${FAR}`);
      });
    /** As if that had ended, and every pause were over. */
    const hurry = () => change(sql`set claimed_until = null, next_at = 0`);
    const fail = async (title: string, projectId = "default") =>
      (await client.waitForTask((await client.submitTask({ body: { title, description: "fail", requirements: ["worker"], projectId } })).id)).id;

    const failed = await fail("Harvest");
    await expect.poll(() => phone.told.length).toBe(2);
    expect(phone.told[1]).toMatchObject({ title: "A task failed", body: "Harvest: I cannot do that", url: `/tasks/${failed}` });

    // Its push service is out of order; what happens meanwhile is told as one, what is over by then is not.
    phone.answer = 503;
    await hold().toEqual([]);
    const ask = async (title: string) => {
      const constraints = { requiredApprovals: ["security"] };
      return (await client.submitTask({ body: { title, description: "echo", requirements: ["worker"], projectId: "red", constraints } })).id;
    };
    await ask("Sow");
    const answered = await ask("Reap");
    await client.decideTaskApproval({ params: { id: answered }, body: { name: "security", decision: "approve" } });
    await hurry();
    await expect.poll(() => other.told.length).toBe(2);
    expect(other.told[1]).toMatchObject({ title: "A question waits for you", url: "/inbox", body: expect.stringContaining("Sow") });
    await expect.poll(async () => (await ada.listPushSubscriptions()).items[0]?.failure).toBe("It answered 503.");
    await fail("Sift");
    phone.answer = 201;
    await hurry();
    await expect.poll(() => phone.told.length).toBe(3);
    expect(phone.told[2]).toMatchObject({ title: "2 things need you", url: "/", body: expect.stringMatching(/Sow.*\nA task failed: Sift/) });
    expect((await ada.listPushSubscriptions()).items[0]?.failure).toBeNull();

    // Gone for good.
    phone.answer = 410;
    await fail("Store");
    await hurry();
    await expect.poll(async () => (await ada.listPushSubscriptions()).items).toEqual([]);
    expect([phone.told.length, other.told.length]).toEqual([3, 2]);
    await ben.logOut();
    expect(await db.all(sql`select 1 from push_subscriptions`)).toEqual([]);
  });

  test("are refused where they lead nowhere, to who is no person, and to whom they do not belong", async () => {
    const { client, url } = await startJourney({ apiKeys: [OPERATOR], outbound: "public" });
    const body = {
      endpoint: "https://10.0.0.1/push",
      keys: { p256dh: Buffer.alloc(65, 4).toString("base64url"), auth: Buffer.alloc(16).toString("base64url") },
    };
    await expect(client.createPushSubscription({ body })).rejects.toMatchObject({ code: "conflict" });
    await client.createUser({ body: { name: "ada", password } });
    const { accessToken } = await createClient({ url }).createToken({ body: { name: "ada", password } });
    const ada = createClient({ url, apiKey: accessToken });
    const service = await openPushService(async () => (await client.getPushKey()).publicKey);
    onTestFinished(() => service.close());
    const { keys, endpoint } = service.browser().input;
    const refused = (given: object) => expect(ada.createPushSubscription({ body: { ...body, ...given } })).rejects;
    await refused({}).toMatchObject({ code: "bad_input", issues: [{ path: "body.keys.p256dh" }] });
    await refused({ keys, endpoint: "http://push.example/1" }).toMatchObject({ code: "bad_input", issues: [{ path: "body.endpoint" }] });
    for (const inside of ["https://10.0.0.1/push", "https://169.254.169.254/latest", endpoint])
      await refused({ keys, endpoint: inside }).toMatchObject({ code: "unsafe_endpoint" });
    await expect(ada.removePushSubscription({ params: { id: "nobody's" } })).rejects.toMatchObject({ code: "not_found" });
    expect((await ada.listPushSubscriptions()).items).toEqual([]);
  });
});
