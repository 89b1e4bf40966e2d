// Whether an agent may do what it asks for: its registration's rules first, then what people said once and for all, then a person. One meaning
// for every kind of agent.
import type { ApprovalRule, Json, OfferedRule, PermissionAnswer, Permissions, ToolKind } from "@baton/contract";
import { describeRule } from "@baton/contract";
import type { Doing } from "./doing.ts";
import type { AttemptContext } from "./connector.ts";
import { fits, offerOf, type Target, toTargets } from "./rule-fits.ts";

export interface PermissionRequest extends Doing {
  /** Files it concerns, as far as the agent says; relative ones are taken from the working directory. */
  paths: readonly string[];
  /** What it wants, in a sentence. */
  title: string;
  /** What a person needs to judge it: the command, the diff. */
  detail: Json;
}
export interface Permission {
  allowed: boolean;
  /** By which rule, or by whom, in words; fit to be told to the agent. */
  why: string;
}

const ASK_MS = 600_000;
/** What needs no asking inside the working directory. */
const HARMLESS: readonly ToolKind[] = ["read", "search", "think", "edit"];

interface Ruled {
  answer: PermissionAnswer;
  why: string;
}
/** The answer of the registration's rules alone. The first rule that fits decides. */
export async function answerOf(permissions: Permissions | undefined, cwd: string, request: PermissionRequest): Promise<Ruled> {
  return byRegistration(permissions, request, await toTargets(cwd, request.paths));
}
async function byRegistration(permissions: Permissions | undefined, request: PermissionRequest, target: Target): Promise<Ruled> {
  for (const [at, rule] of (permissions?.rules ?? []).entries())
    if (await fits(rule, request, target)) return { answer: rule.answer, why: `rule ${at + 1} of its registration says ${rule.answer}` };
  if (permissions?.otherwise !== undefined)
    return { answer: permissions.otherwise, why: `no rule fits, and its registration says ${permissions.otherwise} then` };
  const { toolKind } = request;
  if (HARMLESS.includes(toolKind) && target.isInside && (target.paths.length > 0 || toolKind !== "edit"))
    return { answer: "allow", why: `${toolKind} inside the working directory is allowed by default` };
  return { answer: "ask", why: "no rule fits: a person is asked" };
}
async function byPeople(rules: readonly ApprovalRule[], request: PermissionRequest, target: Target): Promise<Ruled | undefined> {
  for (const { rule, createdBy, scope } of rules)
    if (await fits(rule, request, target)) return { answer: rule.answer, why: `${createdBy} said for this ${scope}: ${rule.answer} ${describeRule(rule)}` };
  return undefined;
}
async function judge(
  permissions: Permissions | undefined,
  cwd: string,
  request: PermissionRequest,
  context: AttemptContext,
): Promise<Ruled & { offer?: OfferedRule }> {
  const target = await toTargets(cwd, request.paths);
  const ruled = await byRegistration(permissions, request, target);
  if (ruled.answer !== "ask") return ruled;
  const offer = offerOf(request, target);
  return (await byPeople(await context.remembered(), request, target)) ?? { ...ruled, ...(offer ? { offer } : {}) };
}

/** Answers one request; asks a person where nothing else says. What was decided by rule is noted with the attempt, but for what it may do anyhow. Never rejects. */
export async function permit(permissions: Permissions | undefined, cwd: string, request: PermissionRequest, context: AttemptContext): Promise<Permission> {
  const { answer, why, offer } = await judge(permissions, cwd, request, context).catch((error: unknown) => ({
    answer: "ask" as const,
    why: `the rules could not be applied (${error instanceof Error ? error.message : String(error)})`,
    offer: undefined,
  }));
  if (answer === "allow") return { allowed: true, why };
  if (answer === "deny") {
    context.onUpdate({ kind: "note", text: `Denied: ${request.title.slice(0, 3000)} (${why}).` });
    return { allowed: false, why };
  }
  const detail: Json = { toolKind: request.toolKind, paths: [...request.paths], request: request.detail };
  const timeoutMs = permissions?.askTimeoutMs ?? ASK_MS;
  const onTimeout = permissions?.onAskTimeout === "allow" ? "approve" : "reject";
  const said = await context.ask({ kind: "permission", title: request.title, detail, timeoutMs, onTimeout, ...(offer ? { offer } : {}) });
  const comment = said.comment === null || said.comment === "" ? "" : `: ${said.comment}`;
  if (said.decision === "approved")
    return { allowed: true, why: said.byTimeout ? "nobody answered in time, which its registration takes for a yes" : `a person allowed it${comment}` };
  if (said.decision === "rejected") return { allowed: false, why: `a person refused it${comment}` };
  return { allowed: false, why: said.decision === "expired" ? "nobody answered in time" : "the attempt is ending" };
}
