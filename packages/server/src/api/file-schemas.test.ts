// The schemas that editors check task files and plans by: true to the contract, named in every file, and kept in docs/schemas as the server answers them.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { fileKinds, type FileKind, toFileSchema } from "./file-schemas.ts";
import { openTestHttp } from "./http.testkit.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const folders: Record<FileKind, string> = { task: join(root, "examples/tasks"), plan: join(root, "packages/server/plans") };
const files = fileKinds.flatMap((kind) => readdirSync(folders[kind]).map((file) => [join(folders[kind], file), kind] as const));
/** As strict as editors are: a keyword that nobody knows is a mistake of ours. */
const validatorOf = (kind: FileKind) =>
  new Ajv2020({ strict: true, strictTypes: false, formats: { "date-time": true, uri: true } }).compile(toFileSchema(kind));

test.each(fileKinds)(
  "docs/schemas/%s.json is what the server answers: npm test -- packages/server/src/api/file-schemas.test.ts -u writes it anew",
  async (kind) => {
    await expect(`${JSON.stringify(toFileSchema(kind), null, 2)}\n`).toMatchFileSnapshot(join(root, `docs/schemas/${kind}.json`));
  },
);

test("the server answers them to whoever asks", async () => {
  const http = await openTestHttp();
  for (const kind of fileKinds) {
    const answer = await fetch(`${http.address}/api/v1/schemas/${kind}.json`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/schema+json; charset=utf-8"]);
    expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(toFileSchema(kind))));
  }
  await http.close();
});

test.each(files)("%s fits its schema, and says where that is", (path, kind) => {
  const text = readFileSync(path, "utf8");
  const validate = validatorOf(kind);
  expect([validate(parse(text)), validate.errors ?? []]).toEqual([true, []]);
  const named = /^# yaml-language-server: \$schema=(\S+)$/m.exec(text)?.[1] ?? "none";
  expect([named.endsWith(`/${kind}.json`), existsSync(join(dirname(path), named))]).toEqual([true, true]);
});

test.each([
  ["a key nobody knows", { description: "Go.", nonsense: 1 }],
  ["nothing to do", { title: "Go" }],
  ["a pattern there is not", { description: "Go.", pattern: "round" }],
  ["a step without a name", { description: "Go.", steps: [{ needs: [] }] }],
  ["no agents at all", { description: "Go.", constraints: { maxAgents: 0 } }],
])("%s is told by the editor already", (_, task) => {
  expect(validatorOf("task")(task)).toBe(false);
});
