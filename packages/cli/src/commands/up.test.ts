// A whole Baton as a process: it comes up, does real work, and leaves nothing behind.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baton, compile, startBaton } from "../baton-process.fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "baton-up-"));
const NOBODY = ["--url", "http://127.0.0.1:1"];

beforeAll(compile);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A git repository with one commit. */
function makeRepository(name: string): string {
  const path = join(folder, name);
  const git = (...args: string[]) => execFileSync("git", ["-C", path, "-c", "user.name=A", "-c", "user.email=a@example.org", ...args]);
  execFileSync("git", ["init", "--quiet", path]);
  writeFileSync(join(path, "main.js"), "// TODO: greet by name\nconsole.log('hello');\n");
  git("add", ".");
  git("commit", "--quiet", "-m", "Say hello");
  return path;
}

describe("baton up", () => {
  it("says where it answers as one JSON document, and ends well when it is told to", async () => {
    const { child, ended } = startBaton(["up", "--port", "0", "--data-dir", join(folder, "up"), "--no-samples", "--json"], { LOG_LEVEL: "silent" });
    const line = await new Promise<string>((resolve) => child.stdout?.once("data", (chunk: Buffer) => resolve(chunk.toString())));
    const { url, pid } = JSON.parse(line) as { url: string; pid: number };
    expect(pid).toBe(child.pid);
    expect(await (await fetch(`${url}/health/live`)).json()).toMatchObject({ status: "ok" });
    // Registered right after the line, so asked for until it is there.
    await expect.poll(async () => (await baton(["agents", "scale", "background-processor", "1", "--url", url])).out).toContain("at most 1 at once; now on 0.");
    child.kill("SIGTERM");
    expect(await ended).toEqual({ exitCode: 0, out: line, err: "" });
  });
  it("refuses a port that is taken, and says what to do", async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => other.listen(0, "127.0.0.1", () => resolve((other.address() as AddressInfo).port)));
    const { exitCode, err } = await baton(["up", "--port", String(port), "--data-dir", join(folder, "taken"), "--no-samples"], { LOG_LEVEL: "silent" });
    other.close();
    expect({ exitCode, err }).toEqual({
      exitCode: 3,
      err: `refused: 127.0.0.1:${port} is in use. Choose another with --port (npm start -- --port 8001); 0 takes any that is free.\n`,
    });
  });
});

describe("baton demo", () => {
  it("reviews a git repository where no server answers, and keeps the report", async () => {
    const repository = makeRepository("hello");
    const { exitCode, out } = await baton(["demo", repository, "--data-dir", join(folder, "demo"), "--json", ...NOBODY], { LOG_LEVEL: "silent" });
    expect(exitCode).toBe(0);
    const { status, reportPath } = JSON.parse(out) as { status: string; reportPath: string };
    expect(status).toBe("completed");
    expect(readFileSync(reportPath, "utf8")).toContain("# Review of hello");
  });
  it("refuses a folder that is no git repository", async () => {
    const { exitCode, err } = await baton(["demo", tmpdir(), "--data-dir", join(folder, "none"), ...NOBODY], { LOG_LEVEL: "silent" });
    expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringContaining("is not inside a git work tree") });
    expect(existsSync(join(folder, "none", "reports"))).toBe(false);
  });
});
