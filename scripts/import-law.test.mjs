// The import law is held: what it forbids is refused, what nothing needs any more is refused too.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { law } from "./import-law.mjs";
import { importsOf } from "./law/imports.mjs";
import { judge } from "./law/judge.mjs";

const script = fileURLToPath(new URL("import-law.mjs", import.meta.url));
const server = (/** @type {string} */ path) => `packages/server/src/${path}`;

/** What the law says to one file with this text. @param {string} file @param {string} text */
const messages = (file, text) => judge(law, { files: [file], imports: importsOf(file, text) }).violations.map(({ message }) => message);

describe("the import law", () => {
  it("allows a room to enter another by its door", () => {
    expect(messages(server("tasks/tasks.ts"), `import { agentById } from "../agents/agents.ts"; import { parse } from "@baton/contract";`)).toEqual([]);
  });
  it("refuses a room that enters another by a window", () => {
    expect(messages(server("tasks/tasks.ts"), `import { row } from "../agents/agents-rows.ts";`)).toEqual([
      expect.stringContaining("is entered by its door (agents.ts, "),
    ]);
  });
  it("refuses the doors that reach for the store", () => {
    expect(messages(server("api/http.ts"), `import { open } from "../store/db.ts";`)).toEqual([
      expect.stringContaining("server/api may not import server/store"),
    ]);
  });
  it("refuses the ground that imports anything", () => {
    expect(messages(server("std/clock.ts"), `import type { Db } from "../store/db.ts";`)).toHaveLength(1);
  });
  it("counts an import of a type, a re-export and an import at run time", () => {
    const text = `export type { Store } from "../store/db.ts"; const late = await import("../store/db.ts"); type S = import("../store/db.ts").Store;`;
    expect(messages(server("events/events.ts"), text)).toEqual([]);
    expect(messages(server("std/planted.ts"), text)).toHaveLength(3);
  });
  it("refuses a connector that knows another", () => {
    expect(messages(server("connectors/http/http.ts"), `import { run } from "../process/process.ts";`)).toEqual([
      "server/connectors/http may not know server/connectors/process",
    ]);
  });
  it("refuses a thinker that opens a socket", () => {
    expect(messages(server("routing/routing.ts"), `import { connect } from "node:net";`)).toEqual(["server/routing only thinks: it may not import node:net"]);
  });
  it("refuses the dashboard that imports the server, by name or by path", () => {
    expect(messages("packages/dashboard/src/page.tsx", `import "@baton/server";`)).toHaveLength(1);
    expect(messages("packages/dashboard/src/page.tsx", `import "../../server/src/index.ts";`)).toEqual([expect.stringContaining("entered by its name")]);
  });
  it("refuses what is not installed where Baton runs", () => {
    expect(messages(server("tasks/tasks.ts"), `import { it } from "vitest";`)).toEqual([expect.stringContaining("only tests may import it")]);
  });
  it("refuses an import that cannot be judged", () => {
    expect(messages(server("tasks/tasks.ts"), `await import(process.argv[2]);`)).toEqual([expect.stringContaining("cannot be judged")]);
    expect(messages(server("messages/own-stages.ts"), `await import(process.argv[2]);`)).toEqual([]);
  });
  it("refuses a room it has never heard of", () => {
    expect(messages(server("helpers/helpers.ts"), "")).toEqual([expect.stringContaining(`"server/helpers" is not in the import law`)]);
  });
  it("leaves tests free to look into any room", () => {
    expect(messages(server("tasks/tasks.test.ts"), `import { row } from "../store/sqlite.ts"; import { it } from "vitest";`)).toEqual([]);
  });
});

describe("stale entries of the law", () => {
  const small = {
    may: { contract: [], client: ["contract"] },
    doors: {},
    open: [],
    roof: [],
    pure: [],
    strangers: [],
    testsOnly: [],
    loaders: [],
    planned: [],
  };
  const files = ["packages/contract/src/index.ts", "packages/client/src/index.ts"];

  it("are refused when nothing needs them", () => {
    expect(judge(small, { files, imports: [] })).toMatchObject({ stale: ["no import needs client -> contract"], refused: true });
  });
  it("are none when every entry is needed", () => {
    const imports = importsOf("packages/client/src/index.ts", `import "@baton/contract";`);
    expect(judge(small, { files, imports })).toEqual({ violations: [], stale: [], refused: false });
  });
  it("are told and not refused while a planned place is missing", () => {
    expect(judge({ ...small, planned: ["examples"] }, { files, imports: [] })).toMatchObject({ stale: ["no import needs client -> contract"], refused: false });
  });
});

describe("the command", () => {
  /** @type {string} */
  let planted;
  afterEach(() => rmSync(planted, { recursive: true, force: true }));

  it("fails on a planted import and says where it is", () => {
    planted = mkdtempSync(join(tmpdir(), "baton-law-"));
    const file = join(planted, server("std/planted.ts"));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `export const one = 1;\nexport * from "../tasks/tasks.ts";\n`);
    const { status, stderr } = spawnSync(process.execPath, [script, planted], { encoding: "utf8" });
    expect(stderr).toContain("packages/server/src/std/planted.ts:2  server/std may not import server/tasks");
    expect(status).toBe(1);
  });
});
