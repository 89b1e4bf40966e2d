// The port every kind of hands implements, and its contract. `connector.testsuite.ts` holds every kind to it.
import type { Agent, ConnectorSettings, Outcome, Progress, Work } from "@baton/contract";

/** What a connector knows of an agent: the stored registration with nothing masked. */
export interface ConnectorAgent {
  id: string;
  name: string;
  connector: ConnectorSettings;
  environment: Record<string, string>;
  resourceLimits: Agent["resourceLimits"];
}

export interface Observation {
  /** `unknown` when the probe itself failed to find out. */
  health: "healthy" | "degraded" | "critical" | "unknown";
  detail: string;
  responseTimeMs: number;
}

export interface AttemptContext {
  /** Aborted when the attempt must end: cancelled, timed out, lease lost, server stopping. `reason` is a string. */
  signal: AbortSignal;
  /** Tells how far the work is. May be called often; the caller thins it out. */
  onProgress(progress: Progress): void;
}

/**
 * Must: never throw or reject (a failure of an agent is an outcome); end within 2 s of `signal`, with everything it
 * started ended too; give up at `work.deadlineAt`; keep at most 10 MB of what an agent says; hand the agent nothing of
 * this server's environment but what its registration allows.
 * Must not: retry (the caller does), know tasks' rows, know another connector.
 */
export interface Connector {
  kind: ConnectorSettings["kind"];
  /** Refuses settings that cannot work, before an agent is stored: unsafe address, missing command, unknown template. */
  check(agent: ConnectorAgent): Promise<void>;
  carryOut(agent: ConnectorAgent, work: Work, context: AttemptContext): Promise<Outcome>;
  /** Asks the agent whether it is well, within 10 s, spending nothing. Absent: nobody can be asked (a command). */
  observe?(agent: ConnectorAgent): Promise<Observation>;
  /** Whether this server can reach the agent now; only kinds where agents come to us say no. */
  isAttached?(agentId: string): boolean;
  close(): Promise<void>;
}
