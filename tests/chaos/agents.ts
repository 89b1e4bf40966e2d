// Agents of all three kinds, and what they did: every execution is counted, and answers with a number of its own.
import { createServer } from "node:http";
import { type AgentConnection, type Client, connectAgent } from "@baton/client";
import type { Dice } from "./dice.ts";

/** step (by its description, unique in a run) -> the numbers its executions answered with. */
export type Executions = Map<string, number[]>;
export interface Crew {
  executions: Executions;
  /** What the agents of kind process have on their command line. */
  mark: string;
  close(): Promise<void>;
}
/** Requirements that steps name, by the kind of agent that has them. */
export const SKILLS = { http: "chaos-http", process: "chaos-process", dialin: "chaos-dialin" } as const;

const HTTP_AGENTS = 3;
const DIALIN_AGENTS = 4;

export async function openCrew(client: Client, url: string, dice: Dice): Promise<Crew> {
  const executions: Executions = new Map();
  let counter = 0;
  const note = (step: string): number => {
    const number = ++counter;
    executions.set(step, [...(executions.get(step) ?? []), number]);
    return number;
  };
  const mark = `chaos-${process.pid}-${dice.between(0, 1e9)}`;
  const http = await openHttpAgents(dice.of("http agents"), note);
  for (let at = 0; at < HTTP_AGENTS; at++) {
    const connector = { kind: "http" as const, endpoint: `${http.url}/agent-${at}` };
    await client.createAgent({ body: { name: `http-${at}`, connector, capabilities: [SKILLS.http], maxConcurrentTasks: 200 } });
  }
  const connector = { kind: "process" as const, command: "sh", args: ["-c", COMMAND, mark] };
  await client.createAgent({ body: { name: "process", connector, capabilities: [SKILLS.process], maxConcurrentTasks: 8 } });
  const dialled = await Promise.all(Array.from({ length: DIALIN_AGENTS }, (_, at) => dialIn(url, `dialin-${at}`, dice.of(`dialin ${at}`), note)));
  return {
    executions,
    mark,
    close: async () => {
      await Promise.all(dialled.map((agent) => agent.close()));
      await http.close();
    },
  };
}

/** Works for a moment, so that some are under way whenever a server dies; answers with the attempt it was handed. */
const COMMAND = `read -r work; sleep 0.15; rest=\${work#*\\"attemptId\\":\\"}; printf '{"output":{"attemptId":"%s"}}\\n' "\${rest%%\\"*}"`;

async function dialIn(url: string, name: string, dice: Dice, note: (step: string) => number): Promise<AgentConnection> {
  return connectAgent({ url, name, capabilities: [SKILLS.dialin], maxConcurrentTasks: 100, heartbeatMs: 1000 }, async (work, { signal }) => {
    const execution = note(work.description);
    await pause(dice.chance(0.1) ? dice.between(200, 1500) : dice.between(0, 60), signal);
    return { attemptId: work.attemptId, execution };
  });
}
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function openHttpAgents(dice: Dice, note: (step: string) => number): Promise<{ url: string; close(): Promise<void> }> {
  const listener = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    request.on("end", () => {
      if (request.method === "GET") return response.writeHead(200).end("well");
      const execution = note((JSON.parse(text) as { description: string }).description);
      const answer = () => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ status: "success", result: { execution } }));
      return setTimeout(answer, dice.chance(0.05) ? dice.between(200, 1500) : dice.between(0, 40));
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        listener.closeAllConnections();
      }),
  };
}
