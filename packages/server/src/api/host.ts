// What in a registration has this server run or read something of its own: a command, a variable of its environment. It takes the right `host`.
import { type AuthConfig, type ConnectorSettings, Refusal, type Right } from "@baton/contract";
import type { Identity } from "../access/access.ts";

const HOST: Right = "host";
/** They are called over the network, or call; all others are commands, whatever their settings say. */
const ELSEWHERE: readonly string[] = ["http", "a2a", "openai", "langgraph", "dialin", "mcp"];
/** No brace inside: of a million that are opened and never closed each would be read to the end. */
const BORROWED = /\$\{(?!secret:)([^{}]*)\}/g;

interface Settings {
  kind?: ConnectorSettings["kind"];
  auth?: AuthConfig | undefined;
}
/** @param own variables that the registration itself brings. @param path where the settings stand. @throws Refusal `forbidden` */
export function refuseHost({ rights, name }: Identity, settings: Settings | undefined, path: string, own: Readonly<Record<string, string>> = {}): void {
  if (rights.includes(HOST) || settings === undefined) return;
  const refuse = (message: string): never => {
    throw new Refusal("forbidden", `${path} ${message}. That takes the right ${HOST}, which ${name} has not got: it is for who is in all projects.`, {
      issues: [{ path, message }],
    });
  };
  if ((settings.kind !== undefined && !ELSEWHERE.includes(settings.kind)) || namesCommand(settings)) refuse("has this server run a command");
  const { auth, ...rest } = settings;
  const names = [...JSON.stringify(rest).matchAll(BORROWED)].map((match) => match[1] as string);
  const lent = [...names, ...(auth?.envVar ? [auth.envVar] : [])].find((one) => !Object.hasOwn(own, one));
  if (lent !== undefined) refuse(`asks for ${lent} of this server's environment`);
}
/** Also of a tool server among the settings. */
function namesCommand(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([name, one]) => (name === "command" && typeof one === "string") || namesCommand(one));
}
