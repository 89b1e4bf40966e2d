// Certificates as they are read, refused, and replaced while a server shows them.
import { createServer } from "node:https";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { makeCertificate, type TestCertificate } from "../../../../tests/certificate.fixture.ts";
import { type OpenCertificate, openCertificate, type TlsSettings } from "./certificate.ts";
import { systemClock } from "./clock.ts";
import type { Log } from "./log.ts";

interface Told {
  level: keyof Log;
  message: string;
  fields: object;
}
async function open(settings: Pick<TlsSettings, "cert" | "key"> & Partial<TlsSettings>): Promise<{ certificate: OpenCertificate; told: Told[] }> {
  const told: Told[] = [];
  const tell = (level: keyof Log) => (fields: object, message: string) => void told.push({ level, message, fields });
  const log: Log = { debug: tell("debug"), info: tell("info"), warn: tell("warn"), error: tell("error") };
  const certificate = await openCertificate({ minVersion: "1.2", rereadMs: 10, ...settings }, { clock: systemClock, log });
  onTestFinished(() => certificate.close());
  return { certificate, told };
}
async function serve(certificate: OpenCertificate): Promise<number> {
  const server = createServer(certificate.options, (_, response) => response.end("here"));
  certificate.serve(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
async function visit(port: number, { pem }: Pick<TestCertificate, "pem">): Promise<TLSSocket> {
  const socket = connect({ port, host: "127.0.0.1", ca: pem });
  onTestFinished(() => void socket.destroy());
  await once(socket, "secureConnect");
  return socket;
}
const trusts = (port: number, certificate: TestCertificate): Promise<boolean> =>
  visit(port, certificate).then(
    () => true,
    () => false,
  );
/** Files that a test may replace. */
function installed(first: TestCertificate): Pick<TlsSettings, "cert" | "key"> {
  const directory = mkdtempSync(join(tmpdir(), "baton-installed-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const files = { cert: join(directory, "cert.pem"), key: join(directory, "key.pem") };
  copyFileSync(first.cert, files.cert);
  copyFileSync(first.key, files.key);
  return files;
}

test("a certificate that was replaced is shown to who connects from then on, and who is connected stays", async () => {
  const [first, second] = [makeCertificate(), makeCertificate()];
  const files = installed(first);
  const { certificate, told } = await open(files);
  const port = await serve(certificate);
  const connected = await visit(port, first);
  copyFileSync(second.cert, files.cert);
  copyFileSync(second.key, files.key);
  await expect.poll(() => trusts(port, second)).toBe(true);
  expect(await trusts(port, first)).toBe(false);
  expect(told.map(({ message }) => message)).toContain("the certificate was replaced");
  connected.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
  const [answer] = (await once(connected, "data")) as [Buffer];
  expect(String(answer)).toContain("200 OK");
});

test("while only one of the files is new, or one is unreadable, the certificate before goes on, and that is told once", async () => {
  const [first, second] = [makeCertificate(), makeCertificate()];
  const files = installed(first);
  const { certificate, told } = await open(files);
  const port = await serve(certificate);
  const warnings = () => told.filter(({ level }) => level === "warn").map(({ fields }) => JSON.stringify(fields));
  copyFileSync(second.cert, files.cert);
  await expect.poll(warnings).toEqual([expect.stringContaining("is not the key of the certificate")]);
  expect(await trusts(port, first)).toBe(true);
  rmSync(files.key);
  await expect.poll(warnings).toEqual([expect.anything(), expect.stringContaining("ENOENT")]);
  expect(await trusts(port, first)).toBe(true);
  copyFileSync(second.key, files.key);
  await expect.poll(() => trusts(port, second)).toBe(true);
  expect(warnings()).toHaveLength(2);
});

test("a key that is encrypted is opened by its passphrase", async () => {
  const locked = makeCertificate({ passphrase: "open sesame" });
  const { certificate } = await open({ ...locked, passphrase: "open sesame" });
  expect(await trusts(await serve(certificate), locked)).toBe(true);
});

test("what cannot be used is refused, by the name of its setting and the file", async () => {
  const [one, other, locked] = [makeCertificate(), makeCertificate(), makeCertificate({ passphrase: "open sesame" })];
  const text = join(installed(one).cert, "..", "text.pem");
  writeFileSync(text, "hello");
  const refusalOf = (settings: Parameters<typeof open>[0]): Promise<string> =>
    open(settings).then(
      () => "none",
      (error: { code: string; message: string }) => `${error.code} ${error.message}`,
    );
  expect(await refusalOf({ ...one, cert: "/nowhere/cert.pem" })).toBe("bad_input BATON_TLS_CERT: /nowhere/cert.pem cannot be read (ENOENT).");
  expect(await refusalOf({ ...one, key: tmpdir() })).toBe(`bad_input BATON_TLS_KEY: ${tmpdir()} cannot be read (EISDIR).`);
  expect(await refusalOf({ ...one, cert: text })).toMatch(`bad_input BATON_TLS_CERT: ${text} holds no certificate in PEM`);
  expect(await refusalOf({ ...one, key: text })).toMatch(`bad_input BATON_TLS_KEY: ${text} holds no private key in PEM`);
  expect(await refusalOf({ ...one, key: other.key })).toBe(`bad_input BATON_TLS_KEY: ${other.key} is not the key of the certificate in ${one.cert}.`);
  expect(await refusalOf(locked)).toMatch("is encrypted: set BATON_TLS_KEY_PASSPHRASE");
  expect(await refusalOf({ ...locked, passphrase: "close sesame" })).toMatch("is not opened by BATON_TLS_KEY_PASSPHRASE");
});

test("a certificate that ends soon is warned of", async () => {
  const { told } = await open(makeCertificate({ days: 7 }));
  expect(told).toMatchObject([{ level: "warn", message: "the certificate ends within 14 days" }]);
});
