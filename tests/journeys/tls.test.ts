// A server with a certificate of its own making, and the programs that come to it: the command line and an agent that dials in, each as a process
// that was told whom to trust, as docs tell it.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { baton, compile } from "../../packages/cli/src/baton-process.fixture.ts";
import { makeCertificate } from "../certificate.fixture.ts";
import { startJourney } from "./world.fixture.ts";

beforeAll(compile, 300_000);

async function start(): Promise<{ url: string; environment: Record<string, string> }> {
  const { cert, key } = makeCertificate();
  const { url } = await startJourney({ tlsCert: cert, tlsKey: key });
  return { url, environment: { BATON_URL: url, NODE_EXTRA_CA_CERTS: cert } };
}

test("the command line speaks to it once it is told whom to trust, and says how where it is not", async () => {
  const { url, environment } = await start();
  expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  const trusting = await baton(["whoami"], environment);
  expect(trusting).toMatchObject({ exitCode: 0, out: expect.stringContaining("admin") });
  const strict = await baton(["whoami"], { BATON_URL: url });
  expect(strict).toMatchObject({ exitCode: 4, err: expect.stringContaining("NODE_EXTRA_CA_CERTS") });
});

test("an agent that dials in over it does its work", async () => {
  const { url, environment } = await start();
  const settings = { url, name: "counter", capabilities: ["counting"] };
  const module = fileURLToPath(new URL("../../packages/client/dist/index.js", import.meta.url));
  const script = `import { connectAgent } from ${JSON.stringify(module)};
    await connectAgent(${JSON.stringify(settings)}, async ({ description }) => ({ letters: description.length }));`;
  const agent = spawn(process.execPath, ["--input-type=module", "-e", script], { env: environment, stdio: "inherit" });
  onTestFinished(() => void agent.kill("SIGKILL"));
  const { exitCode, out } = await baton(["run", "four", "--requires", "counting", "--wait", "--json"], environment);
  expect(exitCode).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ status: "completed", result: { letters: 4 } });
});
