// Logging in elsewhere, by OpenID Connect: the code flow with PKCE. What binds an answer to the browser that asked (state, nonce and verifier) is made of
// one secret in a short-lived cookie of that browser, of which the store has the hash, once: an answer counts in that browser and no second time.
import { createHmac } from "node:crypto";
import { type AccessRole, id, type OidcFailure, Refusal, text } from "@baton/contract";
import * as client from "openid-client";
import type { Log } from "../std/log.ts";
import type { Tx } from "../store/db.ts";
import { insertUser, selectUserOf, setEmail, type UserRow } from "./account-rows.ts";
import { type AccountsWorld, hashOf, secretText } from "./accounts.ts";
import { countOidcAttempts, deleteExpiredOidcAttempts, insertOidcAttempt, takeOidcAttempt } from "./login-rows.ts";
import { openBrowserLogin } from "./logins.ts";

export interface OidcSettings {
  issuer: string;
  clientId: string;
  /** Undefined: a public client, of which PKCE is all the proof. */
  clientSecret: string | undefined;
  /** What the page calls it; undefined: the issuer's host. */
  name: string | undefined;
  /** Of accounts that are made when somebody comes for the first time. */
  role: AccessRole;
  projects: string[];
  /** For the calls to the issuer: bounded and guarded. */
  fetch: client.CustomFetch;
}
export interface Oidc {
  readonly name: string;
  /** @returns where to send the browser, and what its cookie is to say. @throws Refusal `too_many_requests` */
  begin(from: { returnTo: string; redirectUri: string }): Promise<{ cookie: string; location: string } | { failure: OidcFailure }>;
  /** @param url what the browser came back to. Never throws for what a provider or a browser says: `failure` tells why nobody is logged in. */
  finish(from: { cookie: string | undefined; url: URL }): Promise<{ cookie: string; name: string; returnTo: string } | { failure: OidcFailure; name?: string }>;
}
type OidcWorld = AccountsWorld & { log: Log };
/** As far as they are told and can be kept. */
interface Person {
  subject: string;
  called: string;
  /** Only if the issuer says that it is theirs. */
  email: string | null;
}

const ATTEMPT_MS = 600_000;
const MOST_ATTEMPTS = 10_000;
/** How long it counts what the issuer says of itself. */
const KNOWN_MS = 3_600_000;
const TIMEOUT_SECONDS = 10;
const MOST_NAMESAKES = 1000;

export function openOidc(world: OidcWorld, settings: OidcSettings): Oidc {
  const host = new URL(settings.issuer).hostname;
  let known: { configuration: client.Configuration; until: number } | undefined;
  async function discover(): Promise<client.Configuration> {
    if (known !== undefined && world.clock.now() < known.until) return known.configuration;
    const configuration = await client.discovery(new URL(settings.issuer), settings.clientId, {}, authenticate(settings.clientSecret), {
      [client.customFetch]: settings.fetch,
      timeout: TIMEOUT_SECONDS,
      // Its signature too, although the token came straight from the issuer: where that is on this machine there is no TLS.
      execute: [client.enableNonRepudiationChecks, ...(settings.issuer.startsWith("http:") ? [client.allowInsecureRequests] : [])],
    });
    known = { configuration, until: world.clock.now() + KNOWN_MS };
    return configuration;
  }
  /** What it says is ours to log: never tokens, codes or the client's secret. */
  const warn = (error: unknown, said: string): void => {
    const { code, message, cause } = error as { code?: unknown; message?: unknown; cause?: { message?: unknown } };
    world.log.warn({ issuer: settings.issuer, code, reason: message, because: cause?.message }, said);
  };

  async function personOf(configuration: client.Configuration, tokens: Awaited<ReturnType<typeof client.authorizationCodeGrant>>): Promise<Person> {
    const claims = tokens.claims();
    if (claims === undefined) throw new Error("The issuer sent no ID token.");
    const isTold = claims["email"] !== undefined || claims["preferred_username"] !== undefined;
    const asks = !isTold && configuration.serverMetadata().userinfo_endpoint !== undefined;
    const said = asks ? { ...(await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)) } : claims;
    const email = said["email_verified"] === true ? text(320).safeParse(said["email"]).data : undefined;
    const called = typeof said["preferred_username"] === "string" ? said["preferred_username"] : claims.sub;
    return { subject: claims.sub, called, email: email ?? null };
  }
  /** The account of whom the issuer calls so; one is made when they come for the first time. Whoever else has the name or the address is somebody else. */
  async function settle(person: Person): Promise<UserRow> {
    await world.projects.assertThere(settings.projects);
    return world.db.transaction(async (tx) => {
      const user = await findOrMake(tx, person);
      if (user.email !== person.email) await setEmail(tx, user.id, person.email);
      return user;
    });
  }
  async function findOrMake(tx: Tx, { subject, called, email }: Person): Promise<UserRow> {
    const now = world.clock.now();
    // With its host, so that nobody takes the name of an agent or of a user here by calling themselves so there.
    const base = nameOf(email ?? `${called}@${host}`) ?? `${hashOf(subject).slice(0, 12)}@${host}`;
    for (let n = 1; n <= MOST_NAMESAKES; n++) {
      const found = await selectUserOf(tx, settings.issuer, subject);
      if (found) return found;
      const name = n === 1 ? base : `${base}-${n}`;
      const { issuer, role } = settings;
      const made = { id: world.newId(), name, role, enabled: 1, password: "", projects: JSON.stringify(settings.projects), created_at: now, updated_at: now };
      const user = { ...made, issuer, subject, email };
      if (await insertUser(tx, user)) return { ...user, last_login_at: null };
    }
    throw new Refusal("conflict", `There are ${MOST_NAMESAKES} users called ${base}.`);
  }

  return {
    name: settings.name ?? host,
    begin: async ({ returnTo, redirectUri }) => {
      const configuration = await discover().catch((error: unknown) => warn(error, "the place where people log in could not be reached"));
      if (configuration === undefined) return { failure: "unreachable" };
      const cookie = secretText();
      const now = world.clock.now();
      await world.db.transaction(async (tx) => {
        await deleteExpiredOidcAttempts(tx, now);
        if ((await countOidcAttempts(tx)) >= MOST_ATTEMPTS)
          throw new Refusal("too_many_requests", "Too many people log in right now.", { retryAfterSeconds: 60 });
        await insertOidcAttempt(tx, { cookie: hashOf(cookie), return_to: returnTo, expires_at: now + ATTEMPT_MS });
      });
      const location = client.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: "openid profile email",
        state: partOf(cookie, "state"),
        nonce: partOf(cookie, "nonce"),
        code_challenge: await client.calculatePKCECodeChallenge(partOf(cookie, "verifier")),
        code_challenge_method: "S256",
      });
      return { cookie, location: location.href };
    },
    finish: async ({ cookie, url }) => {
      // Of another browser, or made up: it spoils nothing of what this browser is at.
      if (cookie === undefined || url.searchParams.get("state") !== partOf(cookie, "state")) return { failure: "ended" };
      const attempt = await world.db.transaction((tx) => takeOidcAttempt(tx, hashOf(cookie)));
      if (attempt === undefined || attempt.expires_at <= world.clock.now()) return { failure: "ended" };
      try {
        const configuration = await discover();
        const expected = { expectedState: partOf(cookie, "state"), expectedNonce: partOf(cookie, "nonce"), pkceCodeVerifier: partOf(cookie, "verifier") };
        const tokens = await client.authorizationCodeGrant(configuration, url, { ...expected, idTokenExpected: true });
        const user = await settle(await personOf(configuration, tokens));
        if (user.enabled === 0) return { failure: "locked", name: user.name };
        return { cookie: await openBrowserLogin(world, user), name: user.name, returnTo: attempt.return_to };
      } catch (error) {
        if (error instanceof client.AuthorizationResponseError && error.error === "access_denied") return { failure: "cancelled" };
        warn(error, "somebody who logs in elsewhere was not let in");
        return { failure: "failed" };
      }
    },
  };
}

const partOf = (secret: string, part: "state" | "nonce" | "verifier"): string => createHmac("sha256", secret).update(part).digest("base64url");

/** In the way that the issuer takes: by the Authorization header, which all must take that say nothing, else in the body. */
const authenticate =
  (secret: string | undefined): client.ClientAuth =>
  (server, ...more) => {
    if (secret === undefined) return client.None()(server, ...more);
    const takesHeader = server.token_endpoint_auth_methods_supported?.includes("client_secret_basic") ?? true;
    return (takesHeader ? client.ClientSecretBasic : client.ClientSecretPost)(secret)(server, ...more);
  };

/** As users are called here: nothing that addresses, and no `:`, by which the audit log tells keys and addresses. */
function nameOf(called: string): string | undefined {
  const name = called
    .replace(/[\p{C}/?#:]/gu, "-")
    .trim()
    .slice(0, 150);
  return id.safeParse(name).data;
}
