// What an agent may do without being asked about: rules by kind of tool and by path, and what happens to everything else. The first rule
// that fits decides. Connectors apply it; what it answers with `ask` becomes an approval for a person.
import { z } from "zod";
import { commandPattern } from "./command-pattern.ts";
import { milliseconds, text } from "./json.ts";
import { toolKinds } from "./update.ts";

export const permissionAnswers = ["allow", "ask", "deny"] as const;
export type PermissionAnswer = (typeof permissionAnswers)[number];
export const permissionRule = z.strictObject({
  /** Absent: every kind. */
  kinds: z.array(z.enum(toolKinds)).min(1).max(20).optional(),
  /**
   * Globs (`*`, `**`, `?`) of files it may concern, relative to the working directory unless absolute. A request fits an
   * `allow` when all its paths lie there, links followed; a `deny` or an `ask` when any of its paths does, as it is written or links followed. One that
   * names no path fits only a rule without paths. Absent: any path.
   */
  paths: z.array(text(1000).min(1)).min(1).max(100).optional(),
  /** Commands it may concern. An `allow` that names how they begin fits only where mere words follow, never `;`, `|`, `$(`. A request that names none fits only a rule without commands. Absent: any command. */
  commands: z.array(commandPattern).min(1).max(100).optional(),
  /** Names of tools it may concern, as agents name them: `mcp__files__read`. A request that names none fits only a rule without tools. Absent: any tool. */
  tools: z.array(text(500).min(1)).min(1).max(100).optional(),
  answer: z.enum(permissionAnswers),
});
export type PermissionRule = z.infer<typeof permissionRule>;
export const permissions = z.strictObject({
  rules: z.array(permissionRule).max(100).default([]),
  /** For what no rule fits. Default: inside the working directory reading, searching, thinking and editing are allowed; all else is asked. */
  otherwise: z.enum(permissionAnswers).optional(),
  /** How long a person has to answer. */
  askTimeoutMs: milliseconds
    .min(1000)
    .max(7 * 86_400_000)
    .default(600_000),
  /** What it counts as when nobody answers until then: `deny`, unless it says otherwise. */
  onAskTimeout: z.enum(["allow", "deny"]).optional(),
});
export type Permissions = z.infer<typeof permissions>;
