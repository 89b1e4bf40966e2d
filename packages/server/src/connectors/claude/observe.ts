// Whether Claude Code is there: the program answers with its version. An answer stays good while the file is the same, so that an idle agent costs nothing.
import { stat } from "node:fs/promises";
import type { ClaudeConnector } from "@baton/contract";
import { describeExit, findProgram, type Programs, SAFE_PATH } from "../../programs/programs.ts";
import type { Clock } from "../../std/clock.ts";
import { toStorableText } from "../agent-text.ts";
import type { ConnectorAgent, Observation } from "../connector.ts";

const TIMEOUT_MS = 10_000;
const GOOD_FOR_MS = 600_000;
const MAX_DETAIL = 500;

type Seen = Pick<Observation, "health" | "detail">;
export interface ObserveWorld {
  clock: Clock;
  programs: Programs;
  newId(): string;
}

export function openObserver(world: ObserveWorld): (agent: ConnectorAgent, connector: ClaudeConnector, home: string) => Promise<Observation> {
  const known = new Map<string, { seen: Seen; at: number; file: string }>();
  return async (agent, connector, home) => {
    const startedAt = world.clock.now();
    const told = (seen: Seen): Observation => ({ ...seen, responseTimeMs: world.clock.now() - startedAt });
    const found = await locate(agent, connector);
    if ("problem" in found) return told({ health: "critical", detail: found.problem });
    const before = known.get(agent.id);
    if (before !== undefined && before.file === found.file && startedAt - before.at < GOOD_FOR_MS) return told(before.seen);
    const seen = await askVersion(world, agent, connector, found.command, home);
    if (seen.health === "healthy") known.set(agent.id, { seen, at: startedAt, file: found.file });
    else known.delete(agent.id);
    return told(seen);
  };
}

async function locate(agent: ConnectorAgent, connector: ClaudeConnector): Promise<{ command: string; file: string } | { problem: string }> {
  try {
    const command = await findProgram(connector, agent.environment, SAFE_PATH);
    const { ino, size, mtimeMs } = await stat(command);
    return { command, file: [command, ...connector.args, ino, size, mtimeMs].join("\n") };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

async function askVersion(world: ObserveWorld, agent: ConnectorAgent, connector: ClaudeConnector, command: string, home: string): Promise<Seen> {
  const run = world.programs.start(
    {
      command,
      args: [...connector.args, "--version"],
      cwd: home,
      environment: agent.environment,
      path: SAFE_PATH,
      home,
      resourceLimits: agent.resourceLimits,
      attemptId: `observe-${world.newId()}`,
    },
    () => undefined,
  );
  let said = "";
  let late = false;
  for (const stream of [run.stdout, run.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString("utf8")).slice(0, MAX_DETAIL);
    });
    stream.on("error", () => undefined);
  }
  run.stdin.on("error", () => undefined);
  run.stdin.end();
  const timer = setTimeout(() => {
    late = true;
    run.kill();
  }, TIMEOUT_MS);
  const ended = await run.ended;
  clearTimeout(timer);
  const version = toStorableText(said.trim());
  if (late) return { health: "unknown", detail: `It did not say its version within ${TIMEOUT_MS / 1000} s.` };
  if (ended.code === 0 && version !== "") return { health: "healthy", detail: version };
  if (ended.startError !== undefined) return { health: "critical", detail: ended.startError.message };
  const how = ended.code === null ? "was killed" : `exited with ${describeExit(ended.code)}`;
  return { health: "critical", detail: `Asked for its version it ${how}${version === "" ? " and said nothing." : `: ${version}`}` };
}
