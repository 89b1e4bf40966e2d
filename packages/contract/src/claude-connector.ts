// How Claude Code is reached: its own command, spoken to in stream-json both ways.
import { z } from "zod";
import { text } from "./json.ts";
import { mcpServer } from "./mcp-server.ts";
import { permissions } from "./permission.ts";

const tools = z.array(text(1000).min(1)).max(200);
export const claudePermissionModes = ["default", "acceptEdits", "plan", "auto", "dontAsk", "bypassPermissions"] as const;

/** One process per attempt; conversations go on from attempt to attempt. */
export const claudeConnector = z.strictObject({
  kind: z.literal("claude"),
  command: text(4000).min(1).default("claude"),
  /** Put before what Baton adds, so that `command` may be something that starts Claude Code. */
  args: z.array(text(8000)).max(200).default([]),
  /** Absolute. Default: the task's repository when it is a directory here, else a directory per conversation. */
  cwd: text(4000).optional(),
  model: text(200).min(1).optional(),
  permissionMode: z.enum(claudePermissionModes).optional(),
  /** Asked before every tool, whatever `permissionMode` says. Absent: what Claude Code itself would ask is decided by the default rules. */
  permissions: permissions.optional(),
  appendSystemPrompt: text(100_000).min(1).optional(),
  mcpServers: z.array(mcpServer).max(50).default([]),
  /** Of the conversation within one attempt. */
  maxTurns: z.number().int().min(1).max(10_000).optional(),
  /** In Claude Code's own words, such as `Bash(git log:*)`. */
  allowedTools: tools.optional(),
  disallowedTools: tools.optional(),
});
export type ClaudeConnector = z.infer<typeof claudeConnector>;
