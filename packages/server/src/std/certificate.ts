// The certificate of this server and its key: read from files, and read again while it runs, so that a renewal needs no restart. What is there
// counts once both files fit each other; until then connections are opened with what was there before.
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { createSecureContext, type SecureContextOptions, type Server } from "node:tls";
import { Refusal } from "@baton/contract";
import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";

export interface TlsSettings {
  /** Paths of PEM files; the certificate first, then whoever vouches for it. */
  cert: string;
  key: string;
  /** Of an encrypted key. */
  passphrase?: string | undefined;
  /** 1.3 is what is agreed on with whoever speaks it, in any case. */
  minVersion: "1.2" | "1.3";
  /** How often the files are looked at. Default 10 s: links that are moved and mounts that are swapped tell nobody. */
  rereadMs?: number | undefined;
}
export interface OpenCertificate {
  readonly options: SecureContextOptions;
  /** The first of these names and addresses that the certificate is for; else the first it is for. Undefined when it is for none by name. */
  nameOf(candidates: readonly string[]): string | undefined;
  /** From now on this server opens connections with whatever is newest. */
  serve(server: Server): void;
  close(): void;
}
const REREAD_MS = 10_000;
const SOON_MS = 14 * 86_400_000;

interface Pair {
  options: SecureContextOptions & { cert: string; key: string };
  /** The server's own, without those who vouch for it. */
  own: X509Certificate;
}
/** @throws Refusal `bad_input` for files that cannot be read, are none of these, or do not fit each other. */
export async function openCertificate(settings: TlsSettings, { clock, log }: { clock: Clock; log: Log }): Promise<OpenCertificate> {
  let pair = await readPair(settings);
  const servers: Server[] = [];
  function warnOfAge({ own: { subject, validTo } }: Pair): void {
    const left = Date.parse(validTo) - clock.now();
    if (left < SOON_MS) log.warn({ subject, validTo }, left < 0 ? "the certificate is no longer valid" : "the certificate ends within 14 days");
  }
  warnOfAge(pair);
  /** What was wrong when they were last read, so that it is told once. */
  let wrong: string | undefined;
  async function reread(): Promise<void> {
    try {
      const found = await readPair(settings);
      wrong = undefined;
      if (found.options.cert === pair.options.cert && found.options.key === pair.options.key) return;
      pair = found;
      for (const server of servers) server.setSecureContext(pair.options);
      log.info({ subject: pair.own.subject, validTo: pair.own.validTo }, "the certificate was replaced");
      warnOfAge(pair);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.message !== wrong) log.warn({ reason: error.message }, "the certificate cannot be replaced by what is there; the one before goes on");
      wrong = error.message;
    }
  }
  let reading: Promise<void> | undefined;
  const timer = setInterval(() => {
    reading ??= reread().finally(() => (reading = undefined));
  }, settings.rereadMs ?? REREAD_MS);
  timer.unref();
  return {
    get options() {
      return pair.options;
    },
    nameOf: (candidates) => candidates.find((name) => isFor(pair.own, name)) ?? namesOf(pair.own)[0],
    serve: (server) => void servers.push(server),
    close: () => clearInterval(timer),
  };
}

async function readPair({ cert: certFile, key: keyFile, passphrase, minVersion }: TlsSettings): Promise<Pair> {
  const [cert, key] = await Promise.all([readPem("BATON_TLS_CERT", certFile), readPem("BATON_TLS_KEY", keyFile)]);
  const locked = passphrase === undefined ? {} : { passphrase };
  const own = understand("BATON_TLS_CERT", `${certFile} holds no certificate in PEM`, () => new X509Certificate(cert));
  const privateKey = understand("BATON_TLS_KEY", `${keyFile} ${whyNot(key, passphrase)}`, () => createPrivateKey({ key, ...locked }));
  if (!own.checkPrivateKey(privateKey)) throw refuse("BATON_TLS_KEY", `${keyFile} is not the key of the certificate in ${certFile}`);
  const options = { cert, key, minVersion: `TLSv${minVersion}` as const, ...locked };
  understand("BATON_TLS_CERT", `${certFile} cannot be shown to anybody`, () => createSecureContext(options));
  return { options, own };
}
function whyNot(key: string, passphrase: string | undefined): string {
  if (!key.includes("ENCRYPTED")) return "holds no private key in PEM";
  return passphrase === undefined ? "is encrypted: set BATON_TLS_KEY_PASSPHRASE" : "is not opened by BATON_TLS_KEY_PASSPHRASE";
}
async function readPem(setting: string, file: string): Promise<string> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw refuse(setting, `${file} cannot be read (${error.code ?? error.message})`);
  });
}
function understand<T>(setting: string, problem: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw refuse(setting, `${problem} (${(error as Error).message})`);
  }
}
const refuse = (setting: string, message: string): Refusal => new Refusal("bad_input", `${setting}: ${message}.`, { issues: [{ path: setting, message }] });

const isFor = (own: X509Certificate, name: string): boolean => (isIP(name) === 0 ? own.checkHost(name) : own.checkIP(name)) !== undefined;
/** Those that somebody can go to: not those with a star. */
const namesOf = ({ subjectAltName = "" }: X509Certificate): string[] =>
  subjectAltName
    .split(", ")
    .filter((one) => one.startsWith("DNS:") && !one.includes("*"))
    .map((one) => one.slice("DNS:".length));
