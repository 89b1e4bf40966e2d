// How Claude Code is started: its arguments and what it finds in its environment. Pure.
import type { ClaudeConnector, Json, McpServer } from "@baton/contract";
import type { Conversation } from "./conversation.ts";

/** Nothing goes out but what the model needs. The registration's environment may say otherwise. */
export const QUIET_ENVIRONMENT = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  DISABLE_AUTOUPDATER: "1",
  DISABLE_TELEMETRY: "1",
  DISABLE_ERROR_REPORTING: "1",
};
const ALWAYS = "-p --input-format stream-json --output-format stream-json --verbose --include-partial-messages --permission-prompt-tool stdio".split(" ");

/** @param persona who it is to be: no part of the conversation, so that each process is told, and the conversation never twice. @param mcpConfig the file its tool servers are written to, when there are any. */
export function toArguments(connector: ClaudeConnector, persona: string | undefined, conversation: Conversation, mcpConfig: string | undefined): string[] {
  const { resumes, sessionId } = conversation;
  // A conversation is never written to twice: what goes on from it is a copy, so that attempts at once, or one after a failed one, stay apart.
  const resume = resumes === undefined ? [] : [`--resume=${resumes}`, "--fork-session"];
  const options: [string, string | number | undefined][] = [
    ["session-id", sessionId],
    ["model", connector.model],
    ["permission-mode", connector.permissionMode],
    ["append-system-prompt", [persona, connector.appendSystemPrompt].filter(Boolean).join("\n\n")],
    ["max-turns", connector.maxTurns],
    ["mcp-config", mcpConfig],
    ["allowed-tools", connector.allowedTools?.join(",")],
    ["disallowed-tools", connector.disallowedTools?.join(",")],
  ];
  const given = options.flatMap(([name, value]) => (value === undefined || value === "" ? [] : [`--${name}=${value}`]));
  return [...connector.args, ...ALWAYS, ...resume, ...given];
}

/** Its own form of a list of tool servers. A later one of the same name takes the earlier one's place. */
export function toMcpConfig(servers: readonly McpServer[]): Json {
  const entries = servers.map((server): [string, Json] => [
    // Other characters it would refuse, as they become part of the names of tools.
    server.name.replaceAll(/[^A-Za-z0-9_-]/g, "_"),
    "url" in server
      ? { type: "http", url: server.url, headers: server.headers }
      : { type: "stdio", command: server.command, args: server.args, env: server.env },
  ]);
  return { mcpServers: Object.fromEntries(entries) };
}
