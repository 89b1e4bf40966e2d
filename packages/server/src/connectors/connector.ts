// The port every kind of hands implements, and its contract. `connector.testsuite.ts` holds every kind to it.
import type {
  Agent,
  Answer,
  ApprovalRule,
  ConnectorSettings,
  DeliveredMessage,
  Json,
  McpServer,
  OfferedRule,
  Outcome,
  ParsedQuestion,
  Progress,
  TerminalScreen,
  Update,
  Work,
} from "@baton/contract";

/** What a connector knows of an agent: the stored registration with nothing masked. */
export interface ConnectorAgent {
  id: string;
  name: string;
  /** As it was registered, such as `worker`. */
  type?: string | undefined;
  /** Whose secrets it may name; null or left out: those that all projects share. */
  project?: string | null | undefined;
  connector: ConnectorSettings;
  environment: Record<string, string>;
  resourceLimits: Agent["resourceLimits"];
  /** Who it is to be, in words for a model. */
  persona?: string | undefined;
}

export interface Observation {
  /** `unknown` when the probe itself failed to find out. */
  health: "healthy" | "degraded" | "critical" | "unknown";
  detail: string;
  responseTimeMs: number;
}

export type { Answer } from "@baton/contract";
export { workingDirectory } from "./working-directory.ts";
/** Something only a person may decide (`permission`) or knows (`input`); with `timeoutMs`, after which it is decided by itself. */
export type Question = ParsedQuestion & {
  /** What nobody deciding in time counts as: a no, unless the registration says otherwise. Agents cannot say it. */
  onTimeout?: "approve" | "reject";
  /** A rule that would cover it, offered to whoever decides. */
  offer?: OfferedRule;
  /** The agent's own number of it: asked again in the same attempt, by an agent that was away, it is the same question, decided or not. */
  key?: string;
};

export interface AttemptContext {
  /** Aborted when the attempt must end: cancelled, timed out, lease lost, server stopping. `reason` is a string. */
  signal: AbortSignal;
  /** Tells how far the work is. May be called often; the caller thins it out. */
  onProgress(progress: Progress): void;
  /** Tells what the agent says and does, as it happens. May be called often; the caller joins pieces, bounds and stores them. */
  onUpdate(update: Update): void;
  /** Waits for a person; never rejects. What a person takes is not the agent's time. */
  ask(question: Question): Promise<Answer>;
  /** What people said once and for all, for this task and this agent; newest first. May reject. */
  remembered(): Promise<ApprovalRule[]>;
  /** How long people were waited for so far, in milliseconds, a wait that goes on included. */
  askedMs(): number;
  /** Tool servers found for this step, to be offered to an agent that can use them beside those of its own registration. */
  toolServers: readonly HandedServer[];
}
/** A registered tool server as it is handed to an agent: nothing in it is left to be filled in. Its values may be secrets. */
export type HandedServer = McpServer & {
  handed: {
    /** Those of its resources that were found for the step. */
    resources: readonly { uri: string; name: string; description: string }[];
    /** Of its registration. */
    resourceLimits: Agent["resourceLimits"];
  };
};

/** What an agent says of itself when it is registered. */
export interface Discovery {
  description?: string | undefined;
  /** Taken for its capabilities when the registration names none. */
  capabilities: { name: string; proficiency?: number; technologies?: string[] }[];
  /** Shown as it is: a card, a list of tools and resources. At most 256 KiB of JSON. */
  detail: Json;
}

/** What can be done with agents that live between attempts, on the server where they live. */
export interface Living {
  /** At the start of a server: takes up what one that was killed left of these agents, and ends what else it left. What they worked on is broken off. */
  adopt(agents: readonly ConnectorAgent[]): Promise<void>;
  /** Resolves when it can be given work. @throws Refusal `unavailable` with what it said when it does not get there. */
  start(agent: ConnectorAgent): Promise<void>;
  /** Ends all of it; what it carries out ends with it. Gracefully: it is given 5 s to tidy up. */
  stop(agent: ConnectorAgent, graceful: boolean): Promise<void>;
  /** Stops its processes where they are, and lets them go on. */
  pause(agent: ConnectorAgent): Promise<void>;
  resume(agent: ConnectorAgent): Promise<void>;
  screen(agent: ConnectorAgent): Promise<TerminalScreen>;
  /** Types for a person. @throws Refusal `conflict` when it is not running. */
  write(agent: ConnectorAgent, text: string | undefined, keys: readonly string[]): Promise<void>;
}

/**
 * Must: never throw or reject (a failure of an agent is an outcome); end within 2 s of `signal`, with everything it
 * started ended too; give up at `work.deadlineAt`; keep at most 10 MB of what an agent says; hand the agent nothing of
 * this server's environment but what its registration allows; say `unknown` (leave out) what it does not know of tokens and cost,
 * never 0; report what an attempt used, not what the agent has used in all.
 * Must not: retry (the caller does), know tasks' rows, know another connector.
 */
export interface Connector {
  kind: ConnectorSettings["kind"];
  /** It tells the agent its `persona` in a way of its own. Absent: the persona stands before the description of the work that begins a conversation. */
  takesPersona?: true;
  /** It tells the agent `work.context.session` in a way of its own. Absent: what was said in it stands before the description of the work it is handed. */
  takesSession?: true;
  /** Refuses settings that cannot work, before an agent is stored: unsafe address, missing command, unknown template. */
  check(agent: ConnectorAgent): Promise<void>;
  carryOut(agent: ConnectorAgent, work: Work, context: AttemptContext): Promise<Outcome>;
  /** Asks a new agent what it can do, within 30 s. @throws Refusal `unavailable` when it does not say. */
  discover?(agent: ConnectorAgent): Promise<Discovery>;
  /** Asks the agent whether it is well, within 10 s, spending nothing. Absent: nobody can be asked (a command). */
  observe?(agent: ConnectorAgent): Promise<Observation>;
  /** Whether this server can reach the agent now; only kinds where agents come to us say no. */
  isAttached?(agentId: string): boolean;
  /** Only kinds that are tool servers: how another agent reaches it, with its secrets in place. @throws Refusal `bad_input`. */
  hand?(agent: ConnectorAgent): Promise<McpServer>;
  /** Only kinds that take messages by themselves: hands one over, within 30 s. @returns why it could not be; undefined when the agent has it. */
  tell?(agent: ConnectorAgent, message: DeliveredMessage): Promise<string | undefined>;
  /** Its agents are programs that are begun for an attempt and end with it: ending what one works on restarts it. */
  restarts?: true;
  /** Only kinds whose agents live between attempts. */
  living?: Living;
  close(): Promise<void>;
}
