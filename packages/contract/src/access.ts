// Who may do what: a role is a set of rights, and every route names the right it takes. A route without one does not compile.
import { z } from "zod";
import { memberships } from "./project.ts";
import { id, instant, instantIn, json, label, pageQuery, text } from "./json.ts";

export const rights = [
  "view",
  "task.submit",
  "task.manage",
  "approval.decide",
  "schedule.manage",
  /** To send messages, and to take those of a mailbox. */
  "message.send",
  /** To look into mailboxes; an agent's key into its own. */
  "message.read",
  "agent.manage",
  /** To be an agent: to dial in, to say that it is alive. */
  "agent.work",
  /** To name what this server runs or reads for it: commands, paths of its disk, variables of its environment. Only for who is in all projects. */
  "host",
  /** To write secrets that registrations name. Nobody reads them. */
  "secret.manage",
  "template.manage",
  "budget.manage",
  /** To change what is kept of agents' work: workspaces, checkpoints. */
  "workspace.manage",
  /** What concerns oneself: who one is. */
  "self",
  "access.manage",
  "audit.view",
] as const;
export type Right = (typeof rights)[number];

export const accessRoles = ["admin", "agent-manager", "user", "viewer", "agent"] as const;
export type AccessRole = (typeof accessRoles)[number];
const user = ["self", "view", "task.submit", "task.manage", "approval.decide", "schedule.manage", "message.send", "message.read", "workspace.manage"] as const;
export const rightsOf: Record<AccessRole, readonly Right[]> = {
  admin: rights,
  "agent-manager": [...user, "agent.manage", "agent.work", "host", "secret.manage", "template.manage", "budget.manage"],
  user,
  viewer: ["self", "view", "message.read"],
  agent: ["self", "agent.work", "message.send", "message.read"],
};

export const password = text(200).min(12);
export const tokenRequest = z.union([
  z.strictObject({ name: id, password: text(200).min(1) }),
  /** Used once: the answer has the next one. One that is used twice ends all that came of the same login. */
  z.strictObject({ refreshToken: text(500).min(1) }),
]);
export const tokens = z.object({ accessToken: z.string(), refreshToken: z.string(), tokenType: z.literal("Bearer"), expiresInSeconds: z.number().int() });
export type Tokens = z.infer<typeof tokens>;
/** Of a person at the page: the answer sets a cookie that no script reads. */
export const browserLogin = z.strictObject({ name: id, password: text(200).min(1) });
/** How people may log in here: `oidc` is the name of the place elsewhere that they may log in at, if there is one. */
export const waysIn = z.object({ password: z.literal(true), oidc: z.object({ name: z.string() }).nullable() });
export type WaysIn = z.infer<typeof waysIn>;
/** Where one comes back to: a path of the page. No control characters: browsers leave tabs out, and go to another host by what is left. */
const pagePath = text(1000).regex(/^\/(?![/\\])[^\\\p{C}]*$/u, "must be a path of the page, such as /tasks");
export const oidcBegin = z.strictObject({ returnTo: pagePath.default("/") });
/** What the other place says, in the words of OpenID Connect; it may say more. */
const said = text(4000).optional();
export const oidcAnswer = z.looseObject({ code: said, state: said, iss: said, error: said });
/** Why nobody was logged in, told to the page as `/?login=…`. `ended`: it took too long, was finished before, or began in another browser. */
export const oidcFailures = ["ended", "cancelled", "failed", "locked", "unreachable"] as const;
export type OidcFailure = (typeof oidcFailures)[number];
/** `local`: no credentials are demanded here, so whoever reaches the server is its operator. */
export const identity = z.object({
  name: z.string(),
  kind: z.enum(["local", "user", "key", "token"]),
  role: z.enum(accessRoles),
  rights: z.array(z.enum(rights)),
  /** The projects one is in, or `*` for all. */
  projects: z.array(z.string()),
});

/** Like nobody else is called in the audit log, and by nothing that cannot be seen. */
const userName = id
  .regex(/^(?!(key|address|login|task|agent|project|role|mailbox):)/iu, "must not begin like the name of a key or an address, such as key:")
  .regex(/\S$/u, "must not end with a space");
export const userInput = z.strictObject({ name: userName, password, role: z.enum(accessRoles).default("user"), projects: memberships.default(["*"]) });
export const userPatch = z.strictObject({
  password: password.optional(),
  role: z.enum(accessRoles).optional(),
  enabled: z.boolean().optional(),
  projects: memberships.optional(),
});
export type UserPatch = z.infer<typeof userPatch>;
export const userAccount = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(accessRoles),
  enabled: z.boolean(),
  projects: z.array(z.string()),
  /** Where they log in, of people who do so elsewhere; and their address, if that place says that it is theirs. */
  issuer: z.string().nullable(),
  email: z.string().nullable(),
  createdAt: instant,
  updatedAt: instant,
  lastLoginAt: instant.nullable(),
});
export type UserAccount = z.infer<typeof userAccount>;

export const apiKeyInput = z.strictObject({
  name: label,
  role: z.enum(accessRoles).default("user"),
  projects: memberships.default(["*"]),
  /** With role `agent`: the one agent whoever holds the key may be, by name. */
  agent: id.optional(),
  expiresAt: instantIn.optional(),
});
export type ApiKeyInput = z.output<typeof apiKeyInput>;
export const apiKey = z.object({
  id: z.string(),
  name: z.string(),
  /** How the key begins, to tell it from others. */
  prefix: z.string(),
  role: z.enum(accessRoles),
  agent: z.string().nullable(),
  projects: z.array(z.string()),
  createdBy: z.string(),
  createdAt: instant,
  expiresAt: instant.nullable(),
  /** To about a minute. */
  lastUsedAt: instant.nullable(),
});
export type ApiKey = z.infer<typeof apiKey>;
/** The key itself is told once, here. */
export const newApiKey = apiKey.extend({ key: z.string() });
export type NewApiKey = z.infer<typeof newApiKey>;

/** By field, null: not set. Longer values are told by their hash. */
export const auditChanges = z.record(z.string(), z.object({ before: json.nullable(), after: json.nullable() }));
export type AuditChanges = z.infer<typeof auditChanges>;
/** One change, or one denial. `hash` is over the entry and the hash before it: see `auditText`. */
export const auditEntry = z.object({
  seq: z.number().int(),
  at: instant,
  who: z.string(),
  role: z.string(),
  address: z.string(),
  /** The route's name in the contract. */
  action: z.string(),
  method: z.string(),
  path: z.string(),
  status: z.number().int(),
  /** Names of what was given in the body, never values. */
  fields: z.array(z.string()),
  /** How what was changed stood before and after, without secrets; null where nothing is told of it. */
  changes: auditChanges.nullable(),
  previousHash: z.string(),
  hash: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntry>;
export const auditQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  who: label.optional(),
});
export const auditPage = z.object({ items: z.array(auditEntry), nextCursor: z.number().int() });
export const auditExportQuery = z.strictObject({
  after: auditQuery.shape.after,
  /** `jsonl` can be verified later; `csv` is for spreadsheets. */
  format: z.enum(["jsonl", "csv"]).default("jsonl"),
});
/** What an entry's hash is the SHA-256 of, in hexadecimal. */
export const auditText = ({ seq, at, who, role, address, action, method, path, status, fields, changes, previousHash }: Omit<AuditEntry, "hash">): string =>
  JSON.stringify([previousHash, seq, at, who, role, address, action, method, path, status, fields, ...(changes === null ? [] : [changes])]);
/** The hash before the first entry. */
export const AUDIT_ROOT = "0".repeat(64);

export const accountQuery = pageQuery;
