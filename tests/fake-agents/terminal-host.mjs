// A server that a test can kill -9: holds one agent in a terminal, and prints the processes of it. Arguments: the module that holds the
// terminal connector, a directory for its data, the agent's path.
const [, , connectorModule, dataDir, agentPath] = process.argv;
const { openTerminalConnector, openPrograms, systemClock } = await import(connectorModule);
const connector = openTerminalConnector({ clock: systemClock, programs: openPrograms(systemClock), dataDir, homesDirectory: `${dataDir}/homes` });
const settings = { kind: "terminal", command: process.execPath, args: [agentPath], ready: "you>", dialect: "plain", idleMs: 0, columns: 100, rows: 30 };
const agent = { id: "a", name: "a", connector: settings, environment: {}, resourceLimits: {} };
await connector.living.start(agent);
await connector.living.write(agent, "child", ["Enter"]);
for (;;) {
  const { lines } = await connector.living.screen(agent);
  const pids = lines.find((line) => /^\d+ \d+$/.test(line));
  if (pids === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    continue;
  }
  process.stdout.write(`${JSON.stringify({ message: JSON.stringify(pids.split(" ").map(Number)) })}\n`);
  break;
}
