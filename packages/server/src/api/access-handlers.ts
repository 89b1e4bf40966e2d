// Which verb of access answers each of its routes.
import {
  type AccountsWorld,
  type Audit,
  createApiKey,
  createUser,
  listApiKeys,
  listUsers,
  type Logins,
  removeApiKey,
  removeUser,
  updateUser,
} from "../access/access.ts";
import type { Handlers } from "./api-world.ts";

export interface AccessHandlersWorld {
  accounts: AccountsWorld;
  audit: Audit;
  logins: Logins;
}
type AccessRoute =
  | "createToken"
  | "getIdentity"
  | "listUsers"
  | "createUser"
  | "updateUser"
  | "removeUser"
  | "listApiKeys"
  | "createApiKey"
  | "removeApiKey"
  | "listAudit";

export function toAccessHandlers(world: AccessHandlersWorld): Pick<Handlers, AccessRoute> {
  return {
    createToken: async ({ body, caller }) => ({
      answer: "refreshToken" in body ? await world.logins.refresh(body.refreshToken) : await world.logins.logIn(body.name, body.password, caller),
    }),
    getIdentity: async ({ who: { name, kind, role, rights } }) => ({ answer: { name, kind, role, rights: [...rights] } }),
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
    listAudit: async ({ query }) => ({ answer: await world.audit.list(query) }),
  };
}
