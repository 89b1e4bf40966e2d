// Access tokens: JWTs signed with a shared secret (HS256 and nothing else), by which every server of a cluster knows who asks.
import { createHash, webcrypto } from "node:crypto";
import { accessRoles, type AccessRole, DEFAULT_PROJECT, memberships } from "@baton/contract";
import { jwtVerify, type JWTPayload, SignJWT } from "jose";
import type { Clock } from "../std/clock.ts";

export interface TokenSettings {
  /** As they are now. The first signs; all are accepted, so that one can be replaced while tokens of the old one live. The same list as long as nothing changed. */
  secrets(): readonly string[];
  issuer: string;
  audience: string;
  lifetimeSeconds: number;
}
/** What a token says. `userId` is there when it was made here, and was made elsewhere by somebody who has the secret otherwise. */
export interface TokenClaims {
  name: string;
  role: AccessRole;
  /** Of who is no user here: the claim `projects`, or the default one. */
  projects: string[];
  userId: string | undefined;
  /** The login it was made for, with `userId`. */
  login: string | undefined;
  /** ms */
  expiresAt: number;
}
export interface TokenKeys {
  sign(clock: Clock, user: { id: string; name: string; role: AccessRole; login: string }): Promise<string>;
  /** @returns undefined for whatever is not a valid token of ours, for whatever reason. */
  verify(clock: Clock, token: string): Promise<TokenClaims | undefined>;
}

/** Made once: of bytes it would be made anew for every token that is shown. */
const keyOf = (secret: string): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey("raw", new TextEncoder().encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
const idOf = (secret: string): string => createHash("sha256").update(`kid:${secret}`).digest("base64url").slice(0, 12);

/** What was verified is known again by its text, under the keys of then: on a busy machine the way to another thread and back for each request was
 * most of what access added to it (bench `access`). Whether it has run out, and whether its login lasts, is asked every time. */
const MAX_KNOWN = 10_000;
const TOLERANCE_SECONDS = 5;
interface Made {
  of: readonly string[];
  keys: { id: string; key: Promise<webcrypto.CryptoKey> }[];
  known: Map<string, TokenClaims>;
}

export function openTokenKeys({ secrets, issuer, audience, lifetimeSeconds }: TokenSettings): TokenKeys {
  let made: Made | undefined;
  const madeNow = (): Made => {
    const of = secrets();
    if (made?.of !== of) made = { of, keys: of.map((secret) => ({ id: idOf(secret), key: keyOf(secret) })), known: new Map() };
    return made;
  };
  async function verify(keys: Made["keys"], now: number, token: string): Promise<JWTPayload | undefined> {
    // A key set of one's own: the header's word on which key it was only saves trying, and never fetches anything.
    for (const { key } of keys) {
      const payload = await jwtVerify(token, await key, {
        algorithms: ["HS256"],
        issuer,
        audience,
        requiredClaims: ["exp", "iat", "sub"],
        currentDate: new Date(now),
        clockTolerance: TOLERANCE_SECONDS,
      }).then(
        ({ payload }) => payload,
        () => undefined,
      );
      if (payload !== undefined) return payload;
    }
    return undefined;
  }
  return {
    sign: async (clock, { id, name, role, login }) => {
      const [{ id: kid, key }] = madeNow().keys as [Made["keys"][number]];
      const now = Math.floor(clock.now() / 1000);
      return new SignJWT({ user: id, login, name, role })
        .setProtectedHeader({ alg: "HS256", typ: "JWT", kid })
        .setSubject(name)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(now)
        .setExpirationTime(now + lifetimeSeconds)
        .sign(await key);
    },
    verify: async (clock, token) => {
      const { keys, known } = madeNow();
      const now = clock.now();
      const before = known.get(token);
      if (before !== undefined && before.expiresAt > now) return before;
      known.delete(token);
      const payload = await verify(keys, now, token);
      const claims = payload && toClaims(payload);
      if (claims === undefined) return undefined;
      // The oldest is verified again when it comes.
      if (known.size >= MAX_KNOWN) known.delete(known.keys().next().value as string);
      known.set(token, claims);
      return claims;
    },
  };
}
function toClaims(payload: JWTPayload): TokenClaims | undefined {
  const role = accessRoles.find((one) => one === payload["role"]);
  if (role === undefined || payload.sub === undefined || payload.sub.length > 200) return undefined;
  const name = typeof payload["name"] === "string" && payload["name"].length <= 200 ? payload["name"] : payload.sub;
  const userId = typeof payload["user"] === "string" ? payload["user"] : undefined;
  const login = typeof payload["login"] === "string" ? payload["login"] : undefined;
  const said = memberships.safeParse(payload["projects"]);
  const expiresAt = ((payload.exp ?? 0) + TOLERANCE_SECONDS) * 1000;
  return { name, role, projects: said.success ? said.data : [DEFAULT_PROJECT], userId, login, expiresAt };
}
