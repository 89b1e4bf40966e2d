// The coding agents that tests drive for real: how each is started, and how its model is the scripted one and nobody else's.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { AcpAgent, AgentInput, Permissions } from "@baton/contract";
import { programOf } from "./pinned.ts";

/** Where the model answers, and a folder that is the agent's HOME and nobody else's. */
export interface Surroundings {
  model: string;
  home: string;
}
export interface RealAgent {
  /** For people. */
  title: string;
  /** Its key in packages.json. */
  name: string;
  connector(permissions: Permissions): AgentInput["connector"];
  environment(at: Surroundings): Record<string, string>;
  /** Settings it reads from its HOME. */
  files?(at: Surroundings): Record<string, unknown>;

  // What is known of it and differs from most; tests hold it to this, so that news is noticed.
  /** Why what it used stays unknown; absent: it tells of the whole turn. */
  hidesUsage?: string;
  /** Where its cost comes from; absent: it tells none. */
  cost?: string;
  /** Why a conversation cannot be resumed. */
  cannotResume?: string;
  /** Hosts it tries to reach besides its model. */
  reachesFor?: readonly string[];
  ignoresNoProxy?: true;
  /** It lives in the HOME that Baton makes for it and answers its first questions in. */
  livesInItsOwnHome?: true;
}

const KEY = "no-real-key";

const claudeEnvironment = ({ model }: Surroundings): Record<string, string> => ({
  ANTHROPIC_API_KEY: KEY,
  ANTHROPIC_BASE_URL: model,
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  CLAUDE_CODE_MAX_RETRIES: "1",
  DISABLE_AUTOUPDATER: "1",
  DISABLE_TELEMETRY: "1",
  DISABLE_ERROR_REPORTING: "1",
});

const acp = (agent: AcpAgent, name: string, more: { args?: string[]; mode?: string } = {}) => ({
  connector: (permissions: Permissions): AgentInput["connector"] => ({ kind: "acp", agent, command: programOf(name), ...more, permissions }),
});

const copilotEnvironment = ({ model }: Surroundings): Record<string, string> => ({
  COPILOT_PROVIDER_BASE_URL: `${model}/v1`,
  COPILOT_PROVIDER_TYPE: "openai",
  COPILOT_PROVIDER_API_KEY: KEY,
  COPILOT_MODEL: "gpt-4.1",
  COPILOT_OFFLINE: "true",
  COPILOT_AUTO_UPDATE: "false",
});

export const realAgents: RealAgent[] = [
  {
    title: "GitHub Copilot",
    name: "copilot",
    ...acp("copilot", "copilot", { args: ["--acp"] }),
    environment: copilotEnvironment,
  },
  {
    title: "GitHub Copilot (terminal)",
    name: "copilot",
    connector: ({ rules, ...permissions }) => ({
      kind: "terminal",
      dialect: "copilot",
      command: programOf("copilot"),
      // Whether it may trust the directory that a task names is the first it asks.
      permissions: { ...permissions, rules: [{ kinds: ["other"], answer: "allow" }, ...rules] },
    }),
    environment: copilotEnvironment,
  },
  {
    title: "Claude Code (adapter)",
    name: "claude-agent-acp",
    ...acp("claude", "claude-agent-acp"),
    environment: claudeEnvironment,
    cost: "by its own price list",
  },
  {
    title: "Claude Code",
    name: "claude",
    connector: (permissions) => ({ kind: "claude", command: programOf("claude"), permissions }),
    environment: claudeEnvironment,
    cost: "by its own price list",
  },
  {
    title: "Claude Code (terminal)",
    name: "claude",
    connector: (permissions) => ({
      kind: "terminal",
      dialect: "claude",
      command: programOf("claude"),
      args: ["--permission-mode", "default"],
      permissions,
    }),
    environment: claudeEnvironment,
    hidesUsage: "its hooks tell of no tokens",
    livesInItsOwnHome: true,
    reachesFor: ["downloads.claude.ai", "github.com"],
  },
  {
    title: "Codex (adapter)",
    name: "codex-acp",
    // In its other modes it writes inside its workspace without asking anybody, and no rule is heard.
    ...acp("codex", "codex-acp", { mode: "read-only" }),
    reachesFor: ["github.com", "api.github.com", "chatgpt.com"],
    environment: ({ home }) => ({ SCRIPTED_KEY: KEY, CODEX_HOME: join(home, ".codex") }),
    files: ({ model }) => ({
      ".codex/config.toml": [
        'model = "gpt-5.5"',
        'model_provider = "scripted"',
        "[model_providers.scripted]",
        'name = "scripted"',
        `base_url = "${model}/v1"`,
        'env_key = "SCRIPTED_KEY"',
        'wire_api = "responses"',
        "request_max_retries = 0",
        "stream_max_retries = 0",
        "[analytics]",
        "enabled = false",
        "",
      ].join("\n"),
    }),
  },
  {
    title: "opencode",
    name: "opencode",
    ...acp("opencode", "opencode", { args: ["acp"] }),
    hidesUsage: "it tells of its last call only, which is less than the turn used",
    cost: "from the prices in its settings",
    reachesFor: ["registry.npmjs.org"],
    environment: () => ({
      OPENCODE_DISABLE_AUTOUPDATE: "1",
      OPENCODE_DISABLE_MODELS_FETCH: "1",
      OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
      OPENCODE_DISABLE_DEFAULT_PLUGINS: "1",
    }),
    files: ({ model }) => ({
      ".config/opencode/opencode.json": {
        model: "scripted/scripted",
        // It asks only where its own settings say so.
        permission: { edit: "ask" },
        provider: {
          scripted: {
            npm: "@ai-sdk/openai-compatible",
            name: "scripted",
            options: { baseURL: `${model}/v1`, apiKey: KEY },
            models: { scripted: { name: "scripted", limit: { context: 100_000, output: 4000 }, cost: { input: 1, output: 2 } } },
          },
        },
      },
    }),
  },
  {
    title: "Gemini CLI",
    name: "gemini",
    ...acp("gemini", "gemini", { args: ["--acp"] }),
    reachesFor: ["play.googleapis.com"],
    cannotResume: "it does not find its own sessions again, so that none is kept; a new one begins",
    environment: ({ model }) => ({ GEMINI_API_KEY: KEY, GOOGLE_GEMINI_BASE_URL: model, GEMINI_CLI_TRUST_WORKSPACE: "true", GEMINI_CLI_NO_RELAUNCH: "true" }),
    files: () => ({ ".gemini/settings.json": { security: { auth: { selectedType: "gemini-api-key" } } } }),
  },
  {
    title: "Qwen Code",
    name: "qwen",
    ...acp("qwen", "qwen", { args: ["--acp"] }),
    environment: ({ model }) => ({ OPENAI_API_KEY: KEY, OPENAI_BASE_URL: `${model}/v1`, OPENAI_MODEL: "scripted" }),
    ignoresNoProxy: true,
    files: () => ({ ".qwen/settings.json": { security: { auth: { selectedType: "openai" } } } }),
  },
];

/** Writes the agent's settings into its HOME. */
export function furnish(agent: RealAgent, at: Surroundings): void {
  for (const [path, content] of Object.entries(agent.files?.(at) ?? {})) {
    const file = join(at.home, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content, null, 2));
  }
}
