// The installation's keys for secrets at rest: from a passphrase that servers of one store share, else from a file made on first use. The newest
// seals; those before it still open what they sealed.
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { keyIdOf, type Seal, sealBy, sealedUnder } from "./seal.ts";

export interface Keyring extends Seal {
  /** The newest first. */
  keys(): readonly [Buffer, ...Buffer[]];
  keyId(): string;
  /** How everything begins that is sealed under the newest. */
  sealedNow(): string;
  /** Makes a key that seals from now on. @returns false where the keys are passphrases: those are changed by whoever gives them. */
  renew(): boolean;
  /** Takes all but the newest out of the file. Until it is closed, this ring still opens what they sealed. */
  retire(): void;
  /** Whether the file holds more than the newest. */
  hasOlder(): boolean;
}
export function openKeyring(given: { passphrase?: string | undefined; previous?: readonly string[] | undefined; file: string }): Keyring {
  const { passphrase, previous = [], file } = given;
  const fromPassphrase = (one: string): Buffer => createHash("sha256").update(one).digest();
  let keys = passphrase === undefined ? readKeys(file) : ([passphrase, ...previous].map(fromPassphrase) as [Buffer, ...Buffer[]]);
  return {
    ...sealBy(() => keys),
    keys: () => keys,
    keyId: () => keyIdOf(keys[0]),
    sealedNow: () => sealedUnder(keys[0]),
    renew: () => {
      if (passphrase !== undefined) return false;
      const renewed: [Buffer, ...Buffer[]] = [randomBytes(32), ...keys];
      // Written before anything is sealed under it.
      writeKeys(file, renewed);
      keys = renewed;
      return true;
    },
    retire: () => {
      if (passphrase === undefined) writeKeys(file, keys.slice(0, 1));
    },
    hasOlder: () => passphrase === undefined && keys.length > 1,
  };
}
/** A line for each, the newest first. */
function readKeys(file: string): [Buffer, ...Buffer[]] {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, randomBytes(32).toString("hex"), { mode: 0o600, flag: "wx" });
  }
  const keys = readFileSync(file, "utf8")
    .trim()
    .split(/\s+/)
    .map((line) => Buffer.from(line, "hex"));
  if (keys.some((key) => key.length !== 32)) throw new Error(`${file} does not hold keys of 32 bytes in hexadecimal.`);
  return keys as [Buffer, ...Buffer[]];
}
function writeKeys(file: string, keys: readonly Buffer[]): void {
  const written = `${file}.new`;
  writeFileSync(written, keys.map((key) => key.toString("hex")).join("\n"), { mode: 0o600, flush: true });
  renameSync(written, file);
}
