// A server that a test can kill -9: holds one agent in a terminal, and prints the processes of it. Arguments: the module that holds the
// terminal connector, a directory for its data, the agent's path, how many seconds the terminal waits for another server, and what the agent
// is to be busy with when the server is killed, if anything, with the line that it says then.
const [, , connectorModule, dataDir, agentPath, waitSeconds, description, answer] = process.argv;
const { openTerminalConnector, openPrograms, systemClock, newId } = await import(connectorModule);
const homesDirectory = `${dataDir}/homes`;
const connector = openTerminalConnector({
  clock: systemClock,
  newId,
  programs: openPrograms(systemClock),
  dataDir,
  homesDirectory,
  waitSeconds: Number(waitSeconds),
});
const settings = { kind: "terminal", command: process.execPath, args: [agentPath], ready: "you>", dialect: "plain", idleMs: 0, columns: 100, rows: 30 };
const agent = { id: "a", name: "a", connector: settings, environment: {}, resourceLimits: {} };
const shown = async (isIt) => {
  for (;;) {
    const found = (await connector.living.screen(agent)).lines.find(isIt);
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
await connector.living.start(agent);
await connector.living.write(agent, "child", ["Enter"]);
const pids = await shown((line) => /^\d+ \d+$/.test(line));
if (description !== undefined) {
  const task = { id: "t", title: "t", description, type: "general", payload: null, files: [], language: null, repository: null };
  const work = { attemptId: "attempt-1", fence: 1, taskId: "t", stepId: "only", title: "t", description, requirements: [], input: null };
  const quiet = { onProgress: () => undefined, onUpdate: () => undefined, askedMs: () => 0, toolServers: [], signal: new AbortController().signal };
  const deadlineAt = new Date(Date.now() + 60_000).toISOString();
  void connector.carryOut(agent, { ...work, context: { task, steps: {} }, timeoutMs: 60_000, deadlineAt }, quiet);
  await shown((line) => line === answer);
}
process.stdout.write(`${JSON.stringify({ message: JSON.stringify(pids.split(" ").map(Number)) })}\n`);
