// The agent's own package: what its first start installs is what it was tested with, and it is all it needs.
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const agents = fileURLToPath(new URL("..", import.meta.url));
const readJson = (path: string) => JSON.parse(readFileSync(join(agents, path), "utf8")) as Record<"dependencies" | "devDependencies", Record<string, string>>;

test("it is tested with the versions it installs", () => {
  const { dependencies } = readJson("graph-agent/package.json");
  expect(readJson("../package.json").devDependencies).toMatchObject(dependencies);
  const { packages } = readJson("graph-agent/package-lock.json") as unknown as { packages: Record<string, { version: string }> };
  for (const [name, version] of Object.entries(dependencies)) expect(packages[`node_modules/${name}`]?.version).toBe(version);
});

test.skipIf(process.env["BATON_TEST_AGENTS"] !== "1")(
  "its first start installs it and brings it up, with nothing else there",
  { timeout: 180_000 },
  async () => {
    const away = mkdtempSync(join(tmpdir(), "graph-agent-alone-"));
    onTestFinished(() => rmSync(away, { recursive: true, force: true }));
    for (const folder of ["parts", "graph-agent"])
      cpSync(join(agents, folder), join(away, folder), { recursive: true, filter: (path) => !path.includes("node_modules") });
    const child = spawn(process.execPath, [join(away, "graph-agent/graph-agent.mjs"), "--port", "0", "--data-dir", away, "--until-stdin-ends"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    const { port } = (JSON.parse(line) as { listening: { port: number } }).listening;
    expect(await (await fetch(`http://127.0.0.1:${port}/.well-known/agent-card.json`)).json()).toMatchObject({ name: "graph-agent" });
    child.stdin.end();
    await once(child, "exit");
    expect(child.exitCode).toBe(0);
  },
);
