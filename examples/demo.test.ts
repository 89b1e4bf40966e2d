// The whole way: a Baton, its sample agents as processes of their own, and a real repository reviewed into a report.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createClient, type Client } from "@baton/client";
import { startBaton } from "@baton/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lines, makeRepository, openFolder, temporaryFolder } from "./agents/repository.fixture.ts";
import { runDemo } from "./demo.mjs";
import { startSamples } from "./samples.mjs";

// The agents are plain Node and take the client from its build; `npm test` builds before it tests.
const isBuilt = existsSync(new URL("../packages/client/dist/index.js", import.meta.url));
const anyPort = { "history-analyst": 0, "code-scanner": 0, "dependency-reviewer": 0 };
const answers = (port: number) =>
  fetch(`http://127.0.0.1:${port}/health`).then(
    () => true,
    () => false,
  );

describe.skipIf(!isBuilt)("with a Baton and its sample agents (they need `npm run build`)", () => {
  let baton: Awaited<ReturnType<typeof startBaton>>;
  let client: Client;
  const data = openFolder();
  beforeAll(async () => {
    baton = await startBaton({ port: 0, dataDir: data.path, logLevel: "silent" }, {});
    client = createClient({ url: baton.url });
  });
  afterAll(async () => {
    await baton.stop();
    data.remove();
  });

  test("a repository is reviewed in five steps by five agents of different kinds, and the report is kept", async () => {
    const samples = await startSamples({ url: baton.url, ports: anyPort });
    try {
      const repository = makeRepository();
      repository.commit({ "src/a b.ts": `${lines(20)}// FIXME: one\n`, "vendor/x.js": "// TODO: theirs\n", "package.json": '{"dependencies":{"a":"*"}}' });
      const seen: string[] = [];
      const dataDir = temporaryFolder();
      const { task, reportPath } = await runDemo({ url: baton.url, repository: repository.path, dataDir, onEvent: ({ type }) => seen.push(type) });
      expect(task).toMatchObject({ status: "completed", failure: null });
      expect(task.steps.map(({ id, attempts }) => [id, attempts.map((attempt) => attempt.assignment.agentName)])).toEqual([
        ["inspect", ["repository-inspector"]],
        ["history", ["history-analyst"]],
        ["scan", ["code-scanner"]],
        ["dependencies", ["dependency-reviewer"]],
        ["report", ["report-writer"]],
      ]);
      expect(seen[0]).toBe("task.submitted");
      expect(seen.at(-1)).toBe("task.completed");
      expect(reportPath).toContain(join(dataDir, "reports"));
      const report = readFileSync(reportPath ?? "", "utf8");
      expect(report).toContain("1 FIXME comment says something is wrong");
      expect(report).not.toContain("TODO: theirs");
      expect(report).not.toContain("- Missing:");
      const again = await runDemo({ url: baton.url, repository: repository.path, dataDir });
      expect(again.reportPath).toMatch(/-2\.md$/);
    } finally {
      await samples.stop();
    }
    expect(await Promise.all(Object.values(samples.ports).map(answers))).toEqual([false, false, false]);
  });

  test("started again, the agents of an earlier run are brought up to date under their names", async () => {
    const first = await startSamples({ url: baton.url, ports: anyPort });
    await first.stop();
    const second = await startSamples({ url: baton.url, ports: anyPort });
    await second.stop();
    expect(second.agents.map(({ id }) => id)).toEqual(first.agents.map(({ id }) => id));
    const analyst = await client.getAgent({ params: { id: "history-analyst" } });
    expect(analyst.connector).toMatchObject({ endpoint: `http://127.0.0.1:${second.ports["history-analyst"]}` });
  });

  test("a path that is no repository is refused before anything is submitted", async () => {
    const before = (await client.listTasks()).total;
    await expect(runDemo({ url: baton.url, repository: temporaryFolder() })).rejects.toMatchObject({ code: "not_a_work_tree" });
    expect((await client.listTasks()).total).toBe(before);
  });

  test("they end when whoever started them is killed", async () => {
    const samples = JSON.stringify(new URL("samples.mjs", import.meta.url).href);
    const code = `import { startSamples } from ${samples}; const { ports } = await startSamples(${JSON.stringify({ url: baton.url, ports: anyPort, home: temporaryFolder() })}); console.log(JSON.stringify(ports));`;
    const host = spawn(process.execPath, ["--input-type=module", "-e", code], {
      cwd: fileURLToPath(new URL(".", import.meta.url)),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(createInterface({ input: host.stdout }), "line")) as [string];
    const ports = Object.values(JSON.parse(line) as Record<string, number>);
    expect(await Promise.all(ports.map(answers))).toEqual([true, true, true]);
    host.kill("SIGKILL");
    await expect.poll(() => Promise.all(ports.map(answers))).toEqual([false, false, false]);
  });
});
