// Whether an agent may do what it asks for: its registration's rules first, a person where they say so. One meaning for every kind of agent.
import { isAbsolute, resolve } from "node:path";
import type { Json, PermissionAnswer, Permissions, ToolKind } from "@baton/contract";
import picomatch from "picomatch";
import type { AttemptContext } from "./connector.ts";
import { isInside } from "./working-directory.ts";

export interface PermissionRequest {
  toolKind: ToolKind;
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

/** The answer of the rules alone. The first rule that fits decides. */
export async function answerOf(
  permissions: Permissions | undefined,
  cwd: string,
  request: PermissionRequest,
): Promise<{ answer: PermissionAnswer; why: string }> {
  const paths = request.paths.map((path) => resolve(cwd, path));
  for (const [at, rule] of (permissions?.rules ?? []).entries()) {
    if (rule.kinds && !rule.kinds.includes(request.toolKind)) continue;
    if (rule.paths && !(paths.length > 0 && paths.every(matcherFor(rule.paths, cwd)))) continue;
    return { answer: rule.answer, why: `rule ${at + 1} of its registration says ${rule.answer}` };
  }
  if (permissions?.otherwise !== undefined)
    return { answer: permissions.otherwise, why: `no rule fits, and its registration says ${permissions.otherwise} then` };
  const inside = (await Promise.all(paths.map((path) => isInside(cwd, path)))).every(Boolean);
  if (HARMLESS.includes(request.toolKind) && inside && (paths.length > 0 || request.toolKind !== "edit"))
    return { answer: "allow", why: `${request.toolKind} inside the working directory is allowed by default` };
  return { answer: "ask", why: "no rule fits: a person is asked" };
}

/** Answers one request; asks a person where the rules say so. A denial by rule is noted with the attempt. Never rejects. */
export async function permit(permissions: Permissions | undefined, cwd: string, request: PermissionRequest, context: AttemptContext): Promise<Permission> {
  const { answer, why } = await answerOf(permissions, cwd, request).catch((error: unknown) => ({
    answer: "ask" as const,
    why: `the rules could not be applied (${error instanceof Error ? error.message : String(error)})`,
  }));
  if (answer === "allow") return { allowed: true, why };
  if (answer === "deny") {
    context.onUpdate({ kind: "note", text: `Denied: ${request.title.slice(0, 3000)} (${why}).` });
    return { allowed: false, why };
  }
  const detail: Json = { toolKind: request.toolKind, paths: [...request.paths], request: request.detail };
  const timeoutMs = permissions?.askTimeoutMs ?? ASK_MS;
  const onTimeout = permissions?.onAskTimeout === "allow" ? "approve" : "reject";
  const said = await context.ask({ kind: "permission", title: request.title, detail, timeoutMs, onTimeout });
  const comment = said.comment === null || said.comment === "" ? "" : `: ${said.comment}`;
  if (said.decision === "approved")
    return { allowed: true, why: said.byTimeout ? "nobody answered in time, which its registration takes for a yes" : `a person allowed it${comment}` };
  if (said.decision === "rejected") return { allowed: false, why: `a person refused it${comment}` };
  return { allowed: false, why: said.decision === "expired" ? "nobody answered in time" : "the attempt is ending" };
}

function matcherFor(globs: readonly string[], cwd: string): (path: string) => boolean {
  const matchers = globs.map((glob) => picomatch(isAbsolute(glob) ? glob : `${escapeGlob(cwd)}/${glob.replace(/^\.\//, "")}`, { dot: true }));
  return (path) => matchers.some((matches) => matches(path));
}
const escapeGlob = (path: string): string => path.replace(/[\\*?[\]{}()!+@]/g, "\\$&");
