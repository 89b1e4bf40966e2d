// The shape of what this package uses of the examples, which are plain JavaScript that newcomers read and copy.
declare module "@baton/examples/samples" {
  import type { Agent, AgentInput } from "@baton/contract";

  export function registerBackgroundProcessor(given: { url: string; apiKey?: string | undefined }): Promise<Agent>;
  export function sampleAgents(): AgentInput[];
  export function startSamples(given: {
    url: string;
    apiKey?: string | undefined;
    log?: (line: string) => void;
  }): Promise<{ agents: Agent[]; ports: Record<string, number>; stop(): Promise<void> }>;
}

declare module "@baton/examples/demo" {
  import type { Event, Task } from "@baton/contract";

  export function runDemo(given: {
    url: string;
    apiKey?: string | undefined;
    repository: string;
    dataDir?: string | undefined;
    onEvent?: ((event: Event) => void) | undefined;
    signal?: AbortSignal | undefined;
  }): Promise<{ task: Task; reportPath: string | null }>;
}
