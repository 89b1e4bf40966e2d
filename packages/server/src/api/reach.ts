// The one place where it is judged what a request reaches: whatever it names must be there for the caller, who is told of what belongs to others
// the same as of what never was. What each route reaches is in the contract's table beside the routes.
import { type Noun, type Reach, Refusal, type Right } from "@baton/contract";
import { covers, EVERYWHERE, type Identity, type Projects } from "../access/access.ts";

/** Whose something is. `project` null: the default one's; `*`: of none, for who is in all. */
export type Owner = { project: string | null } | { shared: true };
export interface ReachDoor {
  /** Undefined: there is no such thing. */
  whose(noun: Noun, id: string): Owner | undefined | Promise<Owner | undefined>;
  projects: Pick<Projects, "isEverywhere" | "enter" | "assertRepository">;
}
interface Named {
  params: unknown;
  query: unknown;
  body: unknown;
}
const HOST: Right = "host";
/** Where requests name directories on this server that a task is about. */
const REPOSITORIES = ["body.repository", "body.task.repository"];
/** What takes more than one project stays away. */
export const withoutHost = (who: Identity): Identity => ({ ...who, rights: who.rights.filter((right) => right !== HOST) });
const notThere = (noun: Noun, id: string): Refusal => new Refusal("not_found", `There is no ${noun === "managed agent" ? "agent" : noun} ${id}.`);

/** @returns who asks, with the rights they have here. @throws Refusal `not_found`, `forbidden` */
export async function judgeReach(door: ReachDoor | undefined, reach: Reach, request: Named, who: Identity): Promise<Identity> {
  if (who.scope.projects === "all") {
    if (typeof reach === "object" && reach.makes) await settleProject(door, request.body, who);
    return who;
  }
  if (reach === "nothing") return who;
  if (door === undefined) throw new Refusal("forbidden", "Nothing of projects is reached here.");
  const isEverywhere = await door.projects.isEverywhere(who.scope);
  if (isBeyond(reach, request)) {
    if (isEverywhere) return who;
    throw new Refusal("forbidden", `${who.name} is in ${who.scope.projects.join(", ")}; this reaches beyond that and is for who is in all projects.`);
  }
  if (reach === "everything") return who;
  for (const [path, noun] of Object.entries(reach.names ?? {}))
    for (const id of idsAt(request, path)) {
      const owner = await door.whose(noun, id);
      if (owner === undefined || !mayReach(owner, noun, who, isEverywhere)) throw notThere(noun, id);
    }
  if (reach.makes) await settleProject(door, request.body, who);
  if (!isEverywhere)
    for (const path of reach.opens ? [reach.opens] : REPOSITORIES)
      for (const repository of idsAt(request, path)) await door.projects.assertRepository(who.scope, repository, path);
  // What no project has is theirs, too, as long as there is no project but theirs.
  return isEverywhere ? { ...who, scope: EVERYWHERE } : withoutHost(who);
}
const isBeyond = (reach: Exclude<Reach, "nothing">, request: Named): boolean =>
  reach === "everything" || (reach.unless !== undefined && idsAt(request, reach.unless.at).includes(reach.unless.is));
/** Of what is shared everybody hears; it is changed by who is in all projects. */
function mayReach(owner: Owner, noun: Noun, who: Identity, isEverywhere: boolean): boolean {
  return "shared" in owner ? (noun !== "managed agent" && noun !== "secret") || isEverywhere : isEverywhere || covers(who.scope, owner.project);
}
async function settleProject(door: ReachDoor | undefined, body: unknown, who: Identity): Promise<void> {
  if (door === undefined || typeof body !== "object" || body === null) return;
  // What is said in a session is of its project, which they reach.
  if (who.scope.projects !== "all" && readAt(body, "projectId") === undefined && typeof readAt(body, "sessionId") === "string") return;
  const named = readAt(body, "projectId") ?? readAt(readAt(body, "task"), "projectId");
  const project = await door.projects.enter(who.scope, typeof named === "string" ? named : undefined);
  if (project !== undefined) Object.assign(body, { projectId: project });
}
const readAt = (value: unknown, name: string): unknown => (typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined);
function idsAt(request: Named, path: string): string[] {
  const found = path.split(".").reduce(readAt, request);
  return Array.isArray(found) ? found.filter((one) => typeof one === "string") : typeof found === "string" ? [found] : [];
}
