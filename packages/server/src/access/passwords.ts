// Passwords as they are kept: scrypt with a salt each. A few at a time, as each takes tens of milliseconds and megabytes.
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** 32 MiB and some 60 ms a password (OWASP's floor for scrypt is N = 2^17; 2^15 with p = 3 is its equal in work). */
const PASSWORD_COST = 2 ** 15;
const MORE = { r: 8, p: 3, maxmem: 64 << 20 };
const AT_ONCE = 2;
const MAX_WAITING = 64;

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Takes as long when there is nothing to compare with: who asks learns nothing of who exists. */
  matches(password: string, kept: string | undefined): Promise<boolean>;
  /** Whether another one would have to wait for too long. */
  readonly isBusy: boolean;
}
/** @param cost `N` of scrypt, which all hashes of a store share: the default, but for tests. */
export function openPasswords(cost = PASSWORD_COST): Passwords {
  const hashOf = (password: string, salt: Buffer): Promise<Buffer> =>
    new Promise((resolve, reject) =>
      scrypt(password.normalize("NFKC"), salt, 32, { N: cost, ...MORE }, (error, hash) => (error ? reject(error) : resolve(hash))),
    );
  let busy = 0;
  const waiting: (() => void)[] = [];
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    while (busy >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    busy++;
    try {
      return await work();
    } finally {
      busy--;
      waiting.shift()?.();
    }
  };
  return {
    hash: (password) =>
      inTurn(async () => {
        const salt = randomBytes(16);
        return `scrypt:${salt.toString("base64")}:${(await hashOf(password, salt)).toString("base64")}`;
      }),
    matches: (password, kept) =>
      inTurn(async () => {
        const [, salt = "", hash = ""] = (kept ?? "").split(":");
        const given = await hashOf(password, Buffer.from(salt, "base64"));
        const expected = Buffer.from(hash, "base64");
        return expected.length === given.length && timingSafeEqual(expected, given);
      }),
    get isBusy() {
      return waiting.length >= MAX_WAITING;
    },
  };
}
