// What was measured of each known agent and is not the protocol: nothing else in this folder knows one by name.
// Measured with claude-agent-acp 0.49.0, copilot 1.0.102, codex-acp 2.6.0, gemini 0.61.0, opencode 1.18.33, qwen 0.15.10; cursor's is from its documentation.
import type { AcpAgent } from "@baton/contract";

export interface Quirks {
  /** The first that is found is started. */
  commands: readonly string[];
  args: readonly string[];
  /** What keeps it to its work; the registration's environment stands above it. */
  environment: Readonly<Record<string, string>>;
  /** How it logs in when the registration does not say. */
  authMethod: string | undefined;
  /** Whether it can be offered to read and write files through the client. */
  clientFiles: boolean;
  /** Whether a conversation can be loaded again, whatever it says of itself. */
  loads: boolean;
  /** What the cost it reports adds up: all of a conversation, as the protocol has it, or all since its process began. */
  costOf: "conversation" | "process";
  /** Whether the tokens told at the end of a turn are those of all its calls of the model, or of the last. */
  usageOf: "turn" | "lastCall";
  /** Says something as if it were the answer that is not. */
  aside: RegExp | undefined;
  /** Tells that the model's API failed as if that were the answer: the last piece of it, which agents pass on as one. */
  errorText: RegExp | undefined;
  /** How a conversation is opened with words for its system prompt, where it has a way. Absent: they stand before its first prompt. */
  personaMeta: ((persona: string) => Record<string, unknown>) | undefined;
  /** Whether it counts the tokens of every turn that succeeds: one that ends well without a count did not. */
  countsSuccess: boolean;
}

const PLAIN: Quirks = {
  commands: [],
  args: [],
  environment: {},
  authMethod: undefined,
  clientFiles: true,
  loads: true,
  costOf: "conversation",
  usageOf: "turn",
  aside: undefined,
  errorText: undefined,
  personaMeta: undefined,
  countsSuccess: false,
};

const KNOWN: Record<AcpAgent, Partial<Quirks>> = {
  claude: {
    commands: ["claude-agent-acp"],
    environment: { DISABLE_AUTOUPDATER: "1" },
    costOf: "process",
    personaMeta: (persona) => ({ systemPrompt: { append: persona } }),
  },
  copilot: {
    // The other is a wrapper that does not pass signals on.
    commands: ["copilot-linux-x64", "copilot-linux-arm64", "copilot-darwin-arm64", "copilot-darwin-x64", "copilot"],
    args: ["--acp"],
    environment: { COPILOT_AUTO_UPDATE: "false" },
    aside: /^Info: /,
    errorText: /^Error: /,
  },
  codex: {
    commands: ["codex-acp"],
    errorText: /^(?:exceeded retry limit|We.re currently experiencing high demand|\{"(?:type":"error"|error":)).*\n\n$/s,
    countsSuccess: true,
  },
  gemini: {
    commands: ["gemini"],
    args: ["--acp"],
    // Without it a wrapper starts it again and takes no SIGTERM.
    environment: { GEMINI_CLI_NO_RELAUNCH: "true" },
    // It takes "there is no such file" from the client for a failure, so that it could not create any.
    clientFiles: false,
    loads: false,
  },
  opencode: {
    commands: ["opencode"],
    args: ["acp"],
    environment: { OPENCODE_DISABLE_AUTOUPDATE: "1" },
    usageOf: "lastCall",
  },
  qwen: {
    commands: ["qwen"],
    args: ["--acp"],
    errorText: /^\[API Error: /,
  },
  cursor: { commands: ["agent", "cursor-agent"], args: ["acp"], authMethod: "cursor_login" },
};

export const quirksOf = (agent: AcpAgent | undefined): Quirks => (agent === undefined ? PLAIN : { ...PLAIN, ...KNOWN[agent] });
