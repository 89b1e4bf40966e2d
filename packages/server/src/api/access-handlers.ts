// Which verb of access answers each of its routes.
import {
  type AccountsWorld,
  type Audit,
  cookieFrom,
  createApiKey,
  createUser,
  listApiKeys,
  listUsers,
  type Logins,
  type Oidc,
  type Projects,
  removeApiKey,
  removeUser,
  updateUser,
} from "../access/access.ts";
import { createHash } from "node:crypto";
import { ALL_PROJECTS, AUDIT_CSV_HEAD, openAuditChain, Refusal, routes, toAuditCsv } from "@baton/contract";
import type { Secrets } from "../secrets/secrets.ts";
import type { Handlers, Lines } from "./api-world.ts";

export interface AccessHandlersWorld {
  secrets: Secrets;
  accounts: AccountsWorld;
  audit: Audit;
  logins: Logins;
  projects: Projects;
  /** Undefined: people log in by password alone. */
  oidc: Oidc | undefined;
  /** How this server is reached; undefined: as whoever asks reached it. */
  publicUrl: string | undefined;
}
type AccessRoute =
  | "createToken"
  | "logInBrowser"
  | "getWaysIn"
  | "beginOidc"
  | "finishOidc"
  | "logOut"
  | "logOutEverywhere"
  | "logOutUser"
  | "listProjects"
  | "createProject"
  | "getProject"
  | "updateProject"
  | "getIdentity"
  | "listUsers"
  | "createUser"
  | "updateUser"
  | "removeUser"
  | "listApiKeys"
  | "createApiKey"
  | "removeApiKey"
  | "listSecrets"
  | "createSecret"
  | "replaceSecret"
  | "removeSecret"
  | "rotateSecretKey"
  | "exportAudit"
  | "listAudit";

export function toAccessHandlers(world: AccessHandlersWorld): Pick<Handlers, AccessRoute> {
  return {
    createToken: async ({ body, visit }) => ({
      answer: "refreshToken" in body ? await world.logins.refresh(body.refreshToken) : await world.logins.logIn(body.name, body.password, visit.network),
    }),
    logInBrowser: async ({ body, visit }) => ({
      cookies: [{ name: "login", secret: await world.logins.logInBrowser(body.name, body.password, visit.network) }],
    }),
    getWaysIn: async () => ({ answer: { password: true, oidc: world.oidc ? { name: world.oidc.name } : null } }),
    beginOidc: async ({ query, visit }) => {
      const begun = await oidcOf(world).begin({ returnTo: query.returnTo, redirectUri: redirectUri(world, visit.url) });
      if ("failure" in begun) return { location: `/?login=${begun.failure}` };
      return { cookies: [{ name: "oidc", secret: begun.cookie }], location: begun.location };
    },
    finishOidc: async ({ visit }) => {
      const url = new URL(redirectUri(world, visit.url));
      url.search = new URL(visit.url).search;
      const done = await oidcOf(world).finish({ cookie: cookieFrom(visit.cookies, visit.host, "oidc"), url });
      const over = { name: "oidc", secret: undefined } as const;
      if ("failure" in done) {
        const audited = { who: `login:${done.name ?? "elsewhere"}`, status: done.failure === "locked" ? 403 : 401 };
        // What may have come of another browser ends nothing of what this one is at.
        return { cookies: done.failure === "ended" ? [] : [over], location: `/?login=${done.failure}`, audited };
      }
      return { cookies: [over, { name: "login", secret: done.cookie }], location: done.returnTo, audited: { who: `login:${done.name}`, status: 200 } };
    },
    logOut: async ({ who }) => {
      await world.logins.logOut(who);
      return { cookies: [{ name: "login", secret: undefined }] };
    },
    logOutEverywhere: async ({ who }) => {
      await world.logins.logOutEverywhere(who);
      return { cookies: [{ name: "login", secret: undefined }] };
    },
    logOutUser: async ({ params }) => {
      await world.logins.logOutUser(params.id);
      return {};
    },
    listProjects: async ({ query, who }) => ({ answer: await world.projects.list(who.scope, query) }),
    createProject: async ({ body }) => ({ answer: await world.projects.create(body) }),
    getProject: async ({ params }) => ({ answer: await world.projects.get(params.id) }),
    updateProject: async ({ params, body, saw }) => ({ answer: await world.projects.patch(params.id, body, saw) }),
    getIdentity: async ({ who: { name, kind, role, rights, scope } }) => ({
      answer: { name, kind, role, rights: [...rights], projects: scope.projects === "all" ? [ALL_PROJECTS] : [...scope.projects] },
    }),
    listUsers: async ({ query }) => ({ answer: await listUsers(world.accounts, query) }),
    createUser: async ({ body }) => ({ answer: await createUser(world.accounts, body) }),
    updateUser: async ({ params, body, saw }) => ({ answer: await updateUser(world.accounts, params.id, body, saw) }),
    removeUser: async ({ params, saw }) => {
      await removeUser(world.accounts, params.id, saw);
      return {};
    },
    listApiKeys: async ({ query }) => ({ answer: await listApiKeys(world.accounts, query) }),
    createApiKey: async ({ body, caller }) => ({ answer: await createApiKey(world.accounts, body, caller) }),
    removeApiKey: async ({ params, saw }) => {
      await removeApiKey(world.accounts, params.id, saw);
      return {};
    },
    listSecrets: async ({ query, who }) => ({ answer: await world.secrets.list(who.scope, query) }),
    createSecret: async ({ body, caller }) => ({ answer: await world.secrets.create(body, caller) }),
    replaceSecret: async ({ params, body }) => ({ answer: await world.secrets.replace(params.id, body.value) }),
    removeSecret: async ({ params, saw }) => {
      await world.secrets.remove(params.id, saw);
      return {};
    },
    rotateSecretKey: async () => ({ answer: await world.secrets.rotateKey() }),
    exportAudit: async ({ query }) => ({ lines: auditLines(world.audit, query) }),
    listAudit: async ({ query }) => ({ answer: await world.audit.list(query) }),
  };
}

function auditLines(audit: Audit, { after, format }: { after: number; format: "jsonl" | "csv" }): Lines {
  const chain = openAuditChain(after === 0 ? "root" : "anywhere", (text) => createHash("sha256").update(text).digest("hex"));
  const lineOf = format === "csv" ? toAuditCsv : JSON.stringify;
  async function* texts(): AsyncGenerator<string> {
    if (format === "csv") yield `${AUDIT_CSV_HEAD}\n`;
    for await (const page of audit.pages(after)) {
      for (const entry of page) chain.add(entry);
      yield page.map((entry) => `${lineOf(entry)}\n`).join("");
    }
  }
  const type = format === "csv" ? "text/csv; charset=utf-8; header=present" : "application/jsonl; charset=utf-8";
  return { type, texts: texts(), trailers: () => ({ "Baton-Chain": chain.words() }) };
}
function oidcOf({ oidc }: AccessHandlersWorld): Oidc {
  if (oidc === undefined) throw new Refusal("not_found", "People log in here by name and password: no other place is named by BATON_OIDC_ISSUER.");
  return oidc;
}
const redirectUri = ({ publicUrl }: AccessHandlersWorld, visited: string): string =>
  (publicUrl ?? new URL(visited).origin).replace(/\/+$/, "") + routes.finishOidc.path;
