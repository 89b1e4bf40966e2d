// Which verb of access answers each of its routes.
import {
  type AccountsWorld,
  type Audit,
  createApiKey,
  createUser,
  listApiKeys,
  listUsers,
  type Logins,
  type Projects,
  removeApiKey,
  removeUser,
  updateUser,
} from "../access/access.ts";
import { ALL_PROJECTS } from "@baton/contract";
import type { Secrets } from "../secrets/secrets.ts";
import type { Handlers } from "./api-world.ts";

export interface AccessHandlersWorld {
  secrets: Secrets;
  accounts: AccountsWorld;
  audit: Audit;
  logins: Logins;
  projects: Projects;
}
type AccessRoute =
  | "createToken"
  | "logInBrowser"
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
  | "listAudit";

export function toAccessHandlers(world: AccessHandlersWorld): Pick<Handlers, AccessRoute> {
  return {
    createToken: async ({ body, caller }) => ({
      answer: "refreshToken" in body ? await world.logins.refresh(body.refreshToken) : await world.logins.logIn(body.name, body.password, caller),
    }),
    logInBrowser: async ({ body, caller }) => ({ cookie: { secret: await world.logins.logInBrowser(body.name, body.password, caller) } }),
    logOut: async ({ who }) => {
      await world.logins.logOut(who);
      return { cookie: { secret: undefined } };
    },
    logOutEverywhere: async ({ who }) => {
      await world.logins.logOutEverywhere(who);
      return { cookie: { secret: undefined } };
    },
    logOutUser: async ({ params }) => {
      await world.logins.logOutUser(params.id);
      return {};
    },
    listProjects: async ({ query, who }) => ({ answer: await world.projects.list(who.scope, query) }),
    createProject: async ({ body }) => ({ answer: await world.projects.create(body) }),
    getProject: async ({ params }) => ({ answer: await world.projects.get(params.id) }),
    updateProject: async ({ params, body }) => ({ answer: await world.projects.patch(params.id, body) }),
    getIdentity: async ({ who: { name, kind, role, rights, scope } }) => ({
      answer: { name, kind, role, rights: [...rights], projects: scope.projects === "all" ? [ALL_PROJECTS] : [...scope.projects] },
    }),
    listUsers: async ({ query }) => ({ answer: await listUsers(world.accounts, query) }),
    createUser: async ({ body }) => ({ answer: await createUser(world.accounts, body) }),
    updateUser: async ({ params, body }) => ({ answer: await updateUser(world.accounts, params.id, body) }),
    removeUser: async ({ params }) => {
      await removeUser(world.accounts, params.id);
      return {};
    },
    listApiKeys: async ({ query }) => ({ answer: await listApiKeys(world.accounts, query) }),
    createApiKey: async ({ body, caller }) => ({ answer: await createApiKey(world.accounts, body, caller) }),
    removeApiKey: async ({ params }) => {
      await removeApiKey(world.accounts, params.id);
      return {};
    },
    listSecrets: async ({ query, who }) => ({ answer: await world.secrets.list(who.scope, query) }),
    createSecret: async ({ body, caller }) => ({ answer: await world.secrets.create(body, caller) }),
    replaceSecret: async ({ params, body }) => ({ answer: await world.secrets.replace(params.id, body.value) }),
    removeSecret: async ({ params }) => {
      await world.secrets.remove(params.id);
      return {};
    },
    rotateSecretKey: async () => ({ answer: await world.secrets.rotateKey() }),
    listAudit: async ({ query }) => ({ answer: await world.audit.list(query) }),
  };
}
