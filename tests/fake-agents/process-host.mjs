// A server that a test can kill -9: runs one attempt of the fake command-line agent, and prints what it says of its progress.
// Arguments: the module that holds the process connector, a directory for attempts, the agent's path, the description.
const [, , connectorModule, attemptsDirectory, agentPath, description] = process.argv;
const { openProcessConnector, openPrograms, systemClock } = await import(connectorModule);
const connector = openProcessConnector({ clock: systemClock, programs: openPrograms(systemClock), attemptsDirectory });
const settings = { kind: "process", command: process.execPath, args: [agentPath], output: "json" };
const agent = { id: "a", name: "a", connector: settings, environment: {}, resourceLimits: {} };
const task = { id: "t", title: "t", description: "t", type: "general", payload: null, files: [], language: null, repository: null };
const deadlineAt = new Date(Date.now() + 600_000).toISOString();
const context = { task, steps: {} };
const work = {
  attemptId: `host-${process.pid}`,
  fence: 1,
  taskId: "t",
  stepId: "s",
  title: "t",
  description,
  requirements: [],
  input: null,
  context,
  timeoutMs: 600_000,
  deadlineAt,
};
const said = (progress) => process.stdout.write(`${JSON.stringify(progress)}\n`);
const nothing = () => undefined;
const surroundings = {
  signal: new AbortController().signal,
  onProgress: said,
  onUpdate: nothing,
  ask: async () => ({ decision: "rejected", comment: null }),
  askedMs: () => 0,
  toolServers: [],
};
await connector.carryOut(agent, work, surroundings);
