// Certificates made for one test by openssl: signed by themselves, so that whoever trusts one trusts it alone.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export interface TestCertificate {
  /** Paths of PEM files. */
  cert: string;
  key: string;
  /** What `cert` holds. */
  pem: string;
}
/** @param names as in `subjectAltName`. @param passphrase with which the key is encrypted. */
export function makeCertificate({
  names = "DNS:localhost,IP:127.0.0.1",
  days = 90,
  passphrase,
}: {
  names?: string;
  days?: number;
  passphrase?: string;
} = {}): TestCertificate {
  const directory = mkdtempSync(join(tmpdir(), "baton-certificate-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const [cert, key] = [join(directory, "cert.pem"), join(directory, "key.pem")];
  const locked = passphrase === undefined ? ["-nodes"] : ["-passout", `pass:${passphrase}`];
  const subject = ["-subj", "/CN=baton test", "-addext", `subjectAltName=${names}`, "-days", String(days)];
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", ...locked, ...subject, "-keyout", key, "-out", cert], {
    stdio: "pipe",
  });
  return { cert, key, pem: readFileSync(cert, "utf8") };
}
