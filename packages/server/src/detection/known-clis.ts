// The coding agents that are known by name: under which names they are found, how Baton reaches each, and what tells whether it can log in.
// Files are relative to HOME and only looked for; a status command is one that is free, works offline and says by its exit code.

import type { AcpAgent } from "@baton/contract";

export interface KnownCli {
  id: string;
  title: string;
  /** Names on the PATH, the best first. */
  programs: readonly string[];
  /** Left out where that one is found: both would be the same agent. */
  unless?: string;
  /** A program of its own that speaks ACP for it; it is taken where it is there. */
  adapter?: string;
  /** Without an adapter. `ready`: how the line ends on which it waits for input. `none`: by nothing Baton has hands for. */
  reach: { kind: "claude" } | { kind: "acp"; args: readonly string[] } | { kind: "terminal"; ready: string } | { kind: "none" };
  /** What the acp connector calls it, for its peculiarities. */
  acpAgent?: AcpAgent;
  /** In which it asks before it does anything: only then are the registration's rules heard. */
  mode?: string;
  /** Others have a program of this name too: whether this one, by its real path or by what `--version` says, is meant. */
  isIt?: (realPath: string, said: string) => boolean;
  login: {
    /** Each of these is a login. */
    files: readonly string[];
    variables: readonly string[];
    status?: readonly string[];
  };
}

const ANTHROPIC = ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"];
const OPENAI = ["OPENAI_API_KEY"];
const GOOGLE = ["GEMINI_API_KEY", "GOOGLE_API_KEY"];
const ANY_PROVIDER = [...ANTHROPIC.slice(0, 1), ...OPENAI, ...GOOGLE, "OPENROUTER_API_KEY"];

export const KNOWN_CLIS: readonly KnownCli[] = [
  {
    id: "claude",
    title: "Claude Code",
    programs: ["claude"],
    reach: { kind: "claude" },
    login: { files: [".claude/.credentials.json"], variables: ANTHROPIC, status: ["auth", "status"] },
  },
  {
    id: "claude-acp",
    acpAgent: "claude",
    title: "Claude Code (ACP adapter)",
    programs: ["claude-agent-acp", "claude-code-acp"],
    unless: "claude",
    reach: { kind: "acp", args: [] },
    login: { files: [".claude/.credentials.json"], variables: ANTHROPIC },
  },
  {
    id: "copilot",
    acpAgent: "copilot",
    title: "GitHub Copilot",
    programs: ["copilot"],
    reach: { kind: "acp", args: ["--acp"] },
    // AWS has a `copilot` too.
    isIt: (_, said) => !/aws|ecs/i.test(said),
    login: { files: [], variables: ["COPILOT_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN", "COPILOT_PROVIDER_BASE_URL"] },
  },
  {
    id: "codex",
    acpAgent: "codex",
    mode: "read-only",
    title: "Codex",
    programs: ["codex", "codex-acp"],
    adapter: "codex-acp",
    reach: { kind: "none" },
    login: { files: [".codex/auth.json"], variables: ["CODEX_API_KEY", ...OPENAI], status: ["login", "status"] },
  },
  {
    id: "gemini",
    acpAgent: "gemini",
    title: "Gemini CLI",
    programs: ["gemini"],
    reach: { kind: "acp", args: ["--acp"] },
    login: { files: [".gemini/oauth_creds.json"], variables: [...GOOGLE, "GOOGLE_APPLICATION_CREDENTIALS"] },
  },
  {
    id: "opencode",
    acpAgent: "opencode",
    title: "opencode",
    programs: ["opencode"],
    reach: { kind: "acp", args: ["acp"] },
    login: { files: [".local/share/opencode/auth.json"], variables: ANY_PROVIDER },
  },
  {
    id: "qwen",
    acpAgent: "qwen",
    title: "Qwen Code",
    programs: ["qwen"],
    reach: { kind: "acp", args: ["--acp"] },
    login: { files: [".qwen/oauth_creds.json"], variables: [...OPENAI, "DASHSCOPE_API_KEY"] },
  },
  {
    id: "cursor",
    acpAgent: "cursor",
    title: "Cursor",
    programs: ["cursor-agent", "agent"],
    reach: { kind: "acp", args: ["acp"] },
    isIt: (realPath) => /cursor/i.test(realPath),
    login: { files: [".config/cursor/auth.json"], variables: ["CURSOR_API_KEY", "CURSOR_AUTH_TOKEN"] },
  },
  {
    id: "goose",
    title: "goose",
    programs: ["goose"],
    reach: { kind: "acp", args: ["acp"] },
    // The migration tool of that name says "goose version: v3.24".
    isIt: (_, said) => !/^goose version/i.test(said),
    login: { files: [], variables: ANY_PROVIDER },
  },
  { id: "aider", title: "aider", programs: ["aider"], reach: { kind: "terminal", ready: ">" }, login: { files: [], variables: ANY_PROVIDER } },
  { id: "cline", title: "Cline", programs: ["cline"], reach: { kind: "acp", args: ["--acp"] }, login: { files: [], variables: [] } },
  {
    id: "amp",
    title: "Amp",
    programs: ["amp"],
    reach: { kind: "none" },
    login: { files: [".local/share/amp/secrets.json"], variables: ["AMP_API_KEY"] },
  },
  {
    id: "auggie",
    title: "Auggie",
    programs: ["auggie"],
    reach: { kind: "acp", args: ["--acp"] },
    login: { files: [".augment/session.json"], variables: ["AUGMENT_SESSION_AUTH", "AUGMENT_API_TOKEN"] },
  },
  {
    id: "pi",
    title: "pi",
    programs: ["pi"],
    reach: { kind: "none" },
    login: { files: [".pi/agent/auth.json"], variables: ANY_PROVIDER },
  },
];

/** What all of them can do; what one does best is for a person to say. */
export const CODING_CAPABILITIES = ["coding", "code_review", "debugging", "testing", "refactoring", "documentation"];
