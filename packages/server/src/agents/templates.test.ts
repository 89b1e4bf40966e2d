// Templates from files, in the spelling of older documents, and what may be done with those that are built in.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, templateInput } from "@baton/contract";
import { afterEach, expect, test } from "vitest";
import { openEventLog } from "../events/events.ts";
import { newId, systemClock } from "../std/clock.ts";
import { migrate } from "../store/migrate.ts";
import { openSeal } from "../std/seal.ts";
import { sql } from "../store/sql.ts";
import { openSqlite } from "../store/sqlite.ts";
import { openTemplates, type Templates } from "./templates.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function open(files: Record<string, string> = {}): Promise<Templates & { again(): Promise<Templates>; stored(): Promise<string> }> {
  const directory = mkdtempSync(join(tmpdir(), "baton-templates-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  const db = openSqlite({ file: ":memory:", synchronous: "normal" });
  closing.push(() => rmSync(directory, { recursive: true }), db.close);
  await migrate(db, 0);
  const events = await openEventLog({ db, clock: systemClock, newId, pollMs: 60_000 });
  closing.push(events.close);
  const again = () => openTemplates({ db, clock: systemClock, newId, events, seal: openSeal(Buffer.alloc(32, 1)) }, directory);
  return { ...(await again()), again, stored: async () => JSON.stringify(await db.all(sql`select * from agent_config_templates`)) };
}
/** As the documents show it, the braces filled. */
const DOCUMENTED = `name: mine
request_mapping:
  method: POST
  path: /endpoint
  headers: { X-Kind: test }
  body_mapping: { query: $.description }

response_mapping:
  status_path: $.status
  result_path: $.result
  error_path: $.error

auth_config:
  type: bearer_token
  env_var: API_KEY
`;

test("a template in the documents' spelling loads from a file", async () => {
  const templates = await open({ "mine.yaml": DOCUMENTED, "readme.txt": "not a template" });
  expect(templates.find("mine")).toMatchObject({
    name: "mine",
    displayName: "mine",
    isBuiltin: false,
    requestMapping: { method: "POST", path: "/endpoint", headers: { "X-Kind": "test" }, bodyMapping: { query: "$.description" } },
    responseMapping: { statusPath: "$.status", resultPath: "$.result", errorPath: "$.error" },
    authConfig: { type: "bearer_token", envVar: "API_KEY" },
  });
  expect(templates.list().length).toBe(5);
});

test("a file may hold one, a list, or a list under templates", async () => {
  const templates = await open({ "a.yml": "- name: one\n- name: two\n", "b.yaml": "templates:\n  - name: three\n", "c.yaml": "name: four\n" });
  expect(
    templates
      .list()
      .slice(4)
      .map(({ name }) => name),
  ).toEqual(["one", "two", "three", "four"]);
});

test("a template that is there already stays as it is", async () => {
  const templates = await open({ "a.yaml": "name: one\ndescription: from the file\n" });
  await templates.replace("one", parse(templateInput, { name: "one", description: "changed" }, "body"));
  expect((await templates.again()).get("one").description).toBe("changed");
});

test.each([
  ["a field nobody knows", "name: one\nnonsense: 1\n", "a.yaml[0].nonsense"],
  ["a wrong type", "name: [1]\n", "a.yaml[0].name"],
  ["no object", "just text\n", "a.yaml[0]"],
  ["one of a list", "- name: ok\n- name: 5\n", "a.yaml[1].name"],
])("a file with %s is refused with file and place", async (_, text, path) => {
  await expect(open({ "a.yaml": text })).rejects.toMatchObject({ code: "bad_input", issues: [{ path }] });
});

test("a file that is no YAML, or unfolds without end, is refused with its name", async () => {
  const bomb = [
    "a: &a [x,x,x,x,x,x,x,x,x]",
    ..."bcdefgh".split("").map((name, at) => `${name}: &${name} [${Array(9).fill(`*${"abcdefg"[at]}`).join(",")}]`),
  ].join("\n");
  for (const text of ["name: [1", bomb])
    await expect(open({ "broken.yaml": text })).rejects.toMatchObject({ code: "bad_input", message: expect.stringContaining("broken.yaml") as string });
});

test("what is built in can be neither changed nor removed, and its name not taken", async () => {
  const templates = await open();
  const input = parse(templateInput, { name: "crewai" }, "body");
  await expect(templates.replace("crewai", input)).rejects.toMatchObject({ code: "conflict" });
  await expect(templates.remove("builtin-crewai")).rejects.toMatchObject({ code: "conflict" });
  await expect(templates.create(input)).rejects.toMatchObject({ code: "name_taken" });
  const own = await templates.create(parse(templateInput, { name: "own" }, "body"));
  await expect(templates.replace(own.id, input)).rejects.toMatchObject({ code: "name_taken" });
});

test("a header that may be a secret is sealed in the store and masked in answers, and a mask that comes back keeps it", async () => {
  const templates = await open();
  const input = parse(templateInput, { name: "keyed", requestMapping: { headers: { "X-Key": "hunter2", Accept: "text/plain" } } }, "body");
  const shown = await templates.create(input);
  expect(shown.requestMapping.headers).toEqual({ "X-Key": "********", Accept: "text/plain" });
  expect(await templates.stored()).not.toContain("hunter2");
  await templates.replace("keyed", { ...input, description: "changed", requestMapping: shown.requestMapping });
  expect(templates.find("keyed")).toMatchObject({ description: "changed", requestMapping: { headers: { "X-Key": "hunter2" } } });
  expect(JSON.stringify(templates.list())).not.toContain("hunter2");
});
