// A coding agent that speaks the Agent Client Protocol on its stdin and stdout: Claude Code, Copilot, Codex, Gemini, opencode, Qwen, Cursor or any other.
import { z } from "zod";
import { text } from "./json.ts";
import { mcpServer } from "./mcp-server.ts";
import { permissions } from "./permission.ts";
import { prices } from "./prices.ts";

/** Agents whose command and peculiarities are known. */
export const acpAgents = ["claude", "copilot", "codex", "gemini", "opencode", "qwen", "cursor"] as const;
export type AcpAgent = (typeof acpAgents)[number];

export const acpConnector = z
  .strictObject({
    kind: z.literal("acp"),
    /** One of the agents that are known: says the command and its arguments where they are left out, and how to read what it reports. */
    agent: z.enum(acpAgents).optional(),
    /** Needed where `agent` does not say it. */
    command: text(4000).min(1).optional(),
    /** All arguments; what `agent` says is then not added. */
    args: z.array(text(8000)).max(200).optional(),
    /** Absolute. Default: the task's repository when it is a directory here, else a fresh directory per attempt. */
    cwd: text(4000).optional(),
    /** Of those the agent offers, by id or name. One that it does not offer fails the attempt. */
    mode: text(200).min(1).optional(),
    model: text(200).min(1).optional(),
    /** How to log in before a session is opened, one of those the agent offers. Default: not at all, it is logged in or has its key in `environment`. */
    authMethod: text(200).min(1).optional(),
    mcpServers: z.array(mcpServer).max(50).optional(),
    permissions: permissions.optional(),
    /** For agents that count tokens and do not say what they cost. */
    prices: prices.optional(),
  })
  .refine((settings) => settings.agent !== undefined || settings.command !== undefined, {
    path: ["command"],
    message: "is needed unless agent names a known one",
  });
export type AcpConnector = z.infer<typeof acpConnector>;
