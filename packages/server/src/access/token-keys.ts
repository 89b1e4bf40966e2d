// Access tokens: JWTs signed with a shared secret (HS256 and nothing else), by which every server of a cluster knows who asks.
import { createHash, webcrypto } from "node:crypto";
import { accessRoles, type AccessRole, DEFAULT_PROJECT, memberships } from "@baton/contract";
import { jwtVerify, SignJWT } from "jose";
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

export function openTokenKeys({ secrets, issuer, audience, lifetimeSeconds }: TokenSettings): TokenKeys {
  let made: { of: readonly string[]; keys: { id: string; key: Promise<webcrypto.CryptoKey> }[] } | undefined;
  const keysNow = (): { id: string; key: Promise<webcrypto.CryptoKey> }[] => {
    const of = secrets();
    if (made?.of !== of) made = { of, keys: of.map((secret) => ({ id: idOf(secret), key: keyOf(secret) })) };
    return made.keys;
  };
  return {
    sign: async (clock, { id, name, role, login }) => {
      const [{ id: kid, key }] = keysNow() as [{ id: string; key: Promise<webcrypto.CryptoKey> }];
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
      // A key set of one's own: the header's word on which key it was only saves trying, and never fetches anything.
      for (const { key } of keysNow()) {
        const claims = await jwtVerify(token, await key, {
          algorithms: ["HS256"],
          issuer,
          audience,
          requiredClaims: ["exp", "iat", "sub"],
          currentDate: new Date(clock.now()),
          clockTolerance: 5,
        }).then(
          ({ payload }) => payload,
          () => undefined,
        );
        if (claims === undefined) continue;
        const role = accessRoles.find((one) => one === claims["role"]);
        if (role === undefined || claims.sub === undefined || claims.sub.length > 200) return undefined;
        const name = typeof claims["name"] === "string" && claims["name"].length <= 200 ? claims["name"] : claims.sub;
        const userId = typeof claims["user"] === "string" ? claims["user"] : undefined;
        const login = typeof claims["login"] === "string" ? claims["login"] : undefined;
        const said = memberships.safeParse(claims["projects"]);
        return { name, role, projects: said.success ? said.data : [DEFAULT_PROJECT], userId, login };
      }
      return undefined;
    },
  };
}
