// What members of a project make and limit is of that project: what is said in their sessions, and what their budgets are about.
import { createClient } from "@baton/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDatabase, postgresUrl } from "../services.ts";
import { startTenants, type Tenants } from "./tenants.fixture.ts";

function makingOn(store: string, open: () => Promise<Tenants>): void {
  describe(`what is made in projects on ${store}`, () => {
    let tenants: Tenants;
    beforeAll(async () => {
      tenants = await open();
    });
    afterAll(() => tenants.end());

    test("what is said in a session is said in its project, also by who is in several", async () => {
      const { client, as, planted, url } = tenants;
      const both = (await client.createApiKey({ body: { name: `both-${Date.now()}`, role: "user", projects: ["blue", "red"] } })).key;
      const body = { description: "Go.", requirements: ["nobody-has-this"], sessionId: planted.session };
      for (const who of [createClient({ url, apiKey: both }), as("red", "user"), client]) expect((await who.submitTask({ body })).projectId).toBe("red");
      const other = { code: "bad_input", issues: [{ path: "body.sessionId", message: "is of project red, and the task of blue" }] };
      await expect(client.submitTask({ body: { ...body, projectId: "blue" } })).rejects.toMatchObject(other);
      expect((await as("red", "viewer").listSessions({})).items.map(({ id }) => id)).toContain(planted.session);
      expect((await as("blue", "viewer").listSessions({})).items.map(({ projectId }) => projectId)).not.toContain("red");
    });
    test("a member limits what is of the project, and sees that alone; what is shared or everybody's is limited by who is in all", async () => {
      const { as, client, planted, addCommand } = tenants;
      const manager = as("red", "agent-manager");
      const named = (name: string) => ({ name: `${name}-${Date.now()}`, attempts: 1_000_000 });
      const own = await manager.createBudget({ body: { ...named("own"), scope: "agent", agent: planted.agent } });
      const shared = await addCommand(`limited-${Date.now()}`);
      const beyond = await client.createBudget({ body: { ...named("beyond"), scope: "agent", agent: shared } });
      const all = await client.createBudget({ body: { ...named("all"), scope: "everything" } });
      const seen = async (project: "red" | "blue") => (await as(project, "viewer").listBudgets({ query: { limit: 500 } })).items.map(({ id }) => id);
      expect(await seen("red")).toEqual(expect.arrayContaining([planted.budget, own.id]));
      for (const { id } of [beyond, all]) {
        expect(await seen("red")).not.toContain(id);
        await expect(manager.getBudget({ params: { id } })).rejects.toMatchObject({ code: "not_found" });
      }
      expect(await seen("blue")).not.toContain(own.id);
      await expect(manager.createBudget({ body: { ...named("x"), scope: "agent", agent: shared } })).rejects.toMatchObject({ code: "not_found" });
      await expect(manager.createBudget({ body: { ...named("x"), scope: "everything" } })).rejects.toMatchObject({ code: "forbidden" });
      await manager.removeBudget({ params: { id: own.id } });
    });
  });
}
const postgres = await postgresUrl();

makingOn("SQLite", () => startTenants());
const databaseUrl = postgres === undefined ? undefined : await createDatabase(postgres);
if (databaseUrl !== undefined) makingOn("Postgres", () => startTenants({ databaseUrl }));
