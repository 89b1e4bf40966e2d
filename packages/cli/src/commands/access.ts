// `baton users …`, `baton keys …`, `baton whoami`: who may do what.
import { type AccessRole, type ApiKey, apiKeyInput, type UserAccount, userInput, userPatch } from "@baton/contract";
import type { Command } from "commander";
import { type Cli, checked, given, show, showTable } from "../cli.ts";
import { BadUsage } from "../exit.ts";
import type { Column } from "../print/table.ts";
import { ago } from "../print/text.ts";
import { type Act, toList } from "./command.ts";
import { readHidden } from "./read-hidden.ts";

interface UserOptions {
  role?: AccessRole;
  projects?: string[];
  passwordStdin?: boolean;
  enable?: boolean;
  disable?: boolean;
}
interface KeyOptions {
  role?: AccessRole;
  projects?: string[];
  agent?: string;
  expires?: string;
}
const PROJECTS = "names of the projects to act in, with commas; * for all (the default)";
const ROLES = "admin, agent-manager, user, viewer or agent";

export function addAccessCommands(program: Command, act: Act): void {
  program.command("whoami").description("who you are to the server, and what you may").action(act(whoami));
  const users = program.command("users").summary("list, add, change, log out, remove").description("People who may log in.");
  users.command("list").description("every user").action(act(listUsers));
  users
    .command("add")
    .description("let somebody log in; the password is read from standard input")
    .argument("<name>")
    .option("--role <role>", ROLES)
    .option("--projects <names>", PROJECTS, toList)
    .action(act<UserOptions>(addUser));
  users
    .command("change")
    .description("change a role or password, lock out or let in again; ends the user's logins")
    .argument("<name>")
    .option("--role <role>", ROLES)
    .option("--projects <names>", PROJECTS, toList)
    .option("--password-stdin", "read a new password from standard input")
    .option("--disable", "lock the user out")
    .option("--enable", "let the user in again")
    .action(act<UserOptions>(changeUser));
  users.command("logout").description("end all logins of a user at once, with their tokens and connections").argument("<name>").action(act(logOutUser));
  users.command("remove").description("remove a user").argument("<name>").action(act(removeUser));

  const keys = program.command("keys").summary("list, add, remove").description("API keys.");
  keys.command("list").description("every key, without the keys themselves").action(act(listKeys));
  keys
    .command("add")
    .description("make a key; it is shown once")
    .argument("<name>", "what it is for")
    .option("--role <role>", ROLES)
    .option("--projects <names>", PROJECTS, toList)
    .option("--agent <name>", "with the role agent: the one agent its holder may be")
    .option("--expires <time>", "such as 2027-01-31T00:00:00Z")
    .action(act<KeyOptions>(addKey));
  keys.command("remove").description("revoke a key, at once").argument("<id>").action(act(removeKey));
}

async function whoami(cli: Cli): Promise<undefined> {
  const me = await cli.client.getIdentity({ signal: cli.signal });
  show(
    cli,
    me,
    () => `${cli.paint.bold(me.name)}  ${me.role}${me.kind === "local" ? cli.paint.dim("  (no credentials are demanded here)") : ""}\n${me.rights.join(", ")}`,
  );
}
async function listUsers(cli: Cli): Promise<undefined> {
  const page = await cli.client.listUsers({ query: { limit: 500 }, signal: cli.signal });
  const columns: Column<UserAccount>[] = [
    { title: "NAME", of: ({ name }) => name },
    { title: "ROLE", of: ({ role }) => role },
    { title: "PROJECTS", of: ({ projects }) => projects.join(", "), flexible: true },
    { title: "MAY LOG IN", of: ({ enabled }) => (enabled ? "yes" : "no") },
    { title: "LAST LOGIN", of: ({ lastLoginAt }) => (lastLoginAt === null ? "never" : ago(lastLoginAt, Date.now())) },
  ];
  show(cli, page, () => showTable(cli, columns, page.items, "There are no users."));
}
async function addUser(cli: Cli, { role, projects }: UserOptions, name = ""): Promise<undefined> {
  const body = checked(userInput, { name, password: await readHidden(cli, "Password"), ...given({ role, projects }) });
  const user = await cli.client.createUser({ body, signal: cli.signal });
  show(cli, user, () => `${user.name} may log in, as ${user.role}.`);
}
async function changeUser(cli: Cli, { role, projects, passwordStdin, enable, disable }: UserOptions, name = ""): Promise<undefined> {
  const password = passwordStdin ? await readHidden(cli, "Password") : undefined;
  const enabled = enable ? true : disable ? false : undefined;
  const body = checked(userPatch, given({ role, projects, password, enabled }));
  if (Object.keys(body).length === 0) throw new BadUsage("Say what to change: --role, --projects, --password-stdin, --disable or --enable.");
  const user = await cli.client.updateUser({ params: { id: name }, body, signal: cli.signal });
  show(cli, user, () => `${user.name} is ${user.role}${user.enabled ? "" : ", and locked out"}.`);
}
async function logOutUser(cli: Cli, _: object, name = ""): Promise<undefined> {
  await cli.client.logOutUser({ params: { id: name }, signal: cli.signal });
  show(cli, { loggedOut: name }, () => `${name} is logged out everywhere.`);
}
async function removeUser(cli: Cli, _: object, name = ""): Promise<undefined> {
  await cli.client.removeUser({ params: { id: name }, signal: cli.signal });
  show(cli, { removed: name }, () => `${name} is removed.`);
}

async function listKeys(cli: Cli): Promise<undefined> {
  const page = await cli.client.listApiKeys({ query: { limit: 500 }, signal: cli.signal });
  const columns: Column<ApiKey>[] = [
    { title: "NAME", of: ({ name }) => name, flexible: true },
    { title: "KEY", of: ({ prefix }) => `${prefix}…` },
    { title: "ROLE", of: ({ role, agent }) => (agent === null ? role : `${role} ${agent}`) },
    { title: "EXPIRES", of: ({ expiresAt }) => expiresAt ?? "never" },
    { title: "LAST USED", of: ({ lastUsedAt }) => (lastUsedAt === null ? "never" : ago(lastUsedAt, Date.now())) },
    { title: "ID", of: ({ id }) => id },
  ];
  show(cli, page, () => showTable(cli, columns, page.items, "There are no keys."));
}
async function addKey(cli: Cli, { role, projects, agent, expires }: KeyOptions, name = ""): Promise<undefined> {
  const body = checked(apiKeyInput, { name, ...given({ role: role ?? (agent === undefined ? undefined : "agent"), projects, agent, expiresAt: expires }) });
  const made = await cli.client.createApiKey({ body, signal: cli.signal });
  show(cli, made, () => `${made.key}\n${cli.paint.dim(`Keep it: it is not shown again. Role ${made.role}.`)}`);
}
async function removeKey(cli: Cli, _: object, id = ""): Promise<undefined> {
  await cli.client.removeApiKey({ params: { id }, signal: cli.signal });
  show(cli, { removed: id }, () => "The key is revoked.");
}
