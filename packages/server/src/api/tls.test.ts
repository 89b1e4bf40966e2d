// HTTPS at the doors: which versions, what browsers are told, where the server says it is, and that it stops in time.
import { once } from "node:events";
import { connect as connectPlain } from "node:net";
import { connect, type ConnectionOptions } from "node:tls";
import { Agent, fetch } from "undici";
import { WebSocket } from "ws";
import { expect, onTestFinished, test } from "vitest";
import { makeCertificate } from "../../../../tests/certificate.fixture.ts";
import { openCertificate } from "../std/certificate.ts";
import { systemClock } from "../std/clock.ts";
import { silent } from "../tasks/tasks.testkit.ts";
import { openTestHttp } from "./http.testkit.ts";

interface Wanted {
  host?: string;
  names?: string;
  minVersion?: "1.2" | "1.3";
}
async function open({ host = "127.0.0.1", names, minVersion = "1.2" }: Wanted = {}) {
  const made = makeCertificate(names === undefined ? {} : { names });
  const certificate = await openCertificate({ ...made, minVersion }, { clock: systemClock, log: silent });
  onTestFinished(() => certificate.close());
  const http = await openTestHttp({
    certificate,
    config: { host, requireAuth: false },
    handlers: { logInBrowser: async () => ({ cookies: [{ name: "login", secret: "s" }] }) as never },
  });
  onTestFinished(() => http.close());
  const dispatcher = new Agent({ connect: { ca: made.pem } });
  onTestFinished(() => dispatcher.close());
  const port = Number(new URL(http.address).port);
  const get = (path: string, init: object = {}) => fetch(`https://127.0.0.1:${port}${path}`, { dispatcher, ...init });
  const agree = async (options: ConnectionOptions): Promise<string | null> => {
    const socket = connect({ port, host: "127.0.0.1", ca: made.pem, ...options });
    onTestFinished(() => void socket.destroy());
    await once(socket, "secureConnect");
    return socket.getProtocol();
  };
  return { http, get, agree, port, ca: made.pem };
}

test("TLS 1.3 is agreed on where both speak it, 1.2 with who does not, and nothing older", async () => {
  const { agree } = await open();
  expect(await agree({})).toBe("TLSv1.3");
  expect(await agree({ maxVersion: "TLSv1.2" })).toBe("TLSv1.2");
  await expect(agree({ minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" })).rejects.toThrow();
});

test("where 1.3 is demanded nobody comes in by 1.2", async () => {
  const { agree } = await open({ minVersion: "1.3" });
  expect(await agree({})).toBe("TLSv1.3");
  await expect(agree({ maxVersion: "TLSv1.2" })).rejects.toThrow(/protocol version/);
});

test("browsers are told to come by TLS alone, but of a loopback address", async () => {
  const [far, near] = [await open({ host: "0.0.0.0" }), await open()];
  expect((await far.get("/healthz")).headers.get("strict-transport-security")).toBe("max-age=31536000");
  expect((await near.get("/healthz")).headers.get("strict-transport-security")).toBeNull();
});

test("the cookie of a login goes by TLS alone", async () => {
  const { get } = await open();
  const body = JSON.stringify({ name: "ann", password: "a long password" });
  const answer = await get("/api/v1/auth/login", { method: "POST", headers: { "content-type": "application/json" }, body });
  expect(answer.headers.getSetCookie()[0]).toMatch(/^__Host-baton-login\d+=s; .*; Secure$/);
});

test("live sockets are opened by wss", async () => {
  const { port, ca } = await open();
  const socket = new WebSocket(`wss://127.0.0.1:${port}/api/v1/live`, { ca });
  await once(socket, "open");
  socket.close();
});

test.each([
  [{ host: "127.0.0.1" }, "127.0.0.1"],
  [{ host: "127.0.0.1", names: "DNS:localhost" }, "localhost"],
  [{ host: "127.0.0.1", names: "DNS:baton.example" }, "127.0.0.1"],
  [{ host: "0.0.0.0", names: "DNS:*.example,DNS:baton.example" }, "baton.example"],
  [{ host: "0.0.0.0", names: "DNS:baton.example,IP:127.0.0.1" }, "127.0.0.1"],
])("a server opened as %j says it is at https://%s", async (wanted, name) => {
  const { http } = await open(wanted);
  expect(new URL(http.address)).toMatchObject({ protocol: "https:", hostname: name });
});

test("neither who says nothing nor who does not speak TLS keeps it from stopping", async () => {
  const { http, port, agree } = await open();
  const mute = connectPlain(port, "127.0.0.1");
  await once(mute, "connect");
  const plain = connectPlain(port, "127.0.0.1");
  plain.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
  await once(plain, "close");
  await agree({});
  const began = Date.now();
  await http.close();
  expect(Date.now() - began).toBeLessThan(2000);
});
