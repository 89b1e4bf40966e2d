// Work that waits for people and for checks: what is handed in, who does it, and what was asked and answered on the way.
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type AgentConnection, type Client, connectAgent } from "@baton/client";
import type { Answer, Json, TaskInput, Work } from "@baton/contract";
import type { Dice } from "./dice.ts";
import { wait } from "./workload.ts";

export const shapes = ["named", "plan", "asks", "checked", "grown", "swarm"] as const;
export type Shape = (typeof shapes)[number];

/** One question of one agent: its title is said once in a run. */
export interface Asked {
  title: string;
  /** Undefined while nobody has answered. */
  answer: Answer | undefined;
}
export interface WaitingCrew {
  asked: Asked[];
  /** On the command lines of agents and checks. */
  mark: string;
  /** Of each check that began: of which attempt, and how it ended, if it was let. */
  checks(): { attemptId: string; ended: "pass" | "fail" | undefined }[];
  close(): Promise<void>;
}
/** A check that takes a while and passes when the agent has been told that it did not. */
const CHECK = `read -r given; rest=\${given#*\\"attemptId\\":\\"}; attempt=\${rest%%\\"*}; echo "begin $attempt" >> "$1"; sleep 0.4
case "$given" in *'"told":true'*) echo "pass $attempt" >> "$1";; *) echo "fail $attempt" >> "$1"; echo "not told yet"; exit 1;; esac`;
const AGENT = `read -r work; sleep 0.1; rest=\${work#*\\"attemptId\\":\\"}; told=false; case "$work" in *'"feedback":'*) told=true;; esac
printf '{"output":{"attemptId":"%s","told":%s}}\\n' "\${rest%%\\"*}" "$told"`;

export function makeWaitingTask(key: string, shape: Shape, dice: Dice, directory: string, mark: string): TaskInput {
  const title = key;
  const inTime = dice.chance(0.15) ? { approvalTimeoutMs: 1500, onApprovalTimeout: dice.pick(["approve", "reject"] as const) } : {};
  const named = { ...inTime, requiredApprovals: ["safety", "cost"] };
  const step = (id: string, needs: string[] = []) => ({ id, description: `${key}/${id}`, needs, requirements: ["asks"] });
  switch (shape) {
    case "named":
      return { title, description: key, steps: [step("only")], constraints: named };
    case "plan":
      return { title, description: key, steps: [step("first"), step("second", ["first"])], planReview: true, constraints: inTime };
    case "asks":
      return { title, description: key, steps: [step("left"), step("right"), step("both", ["left", "right"])] };
    case "checked": {
      const check = { command: "sh", args: ["-c", CHECK, mark, join(directory, "checks.log")] };
      return { title, description: key, steps: [{ id: "only", description: key, requirements: ["checked"], check }] };
    }
    case "grown":
      return { title, description: key, pattern: "hierarchical", constraints: named, planReview: dice.chance(0.5) };
    case "swarm":
      return { title, description: key, pattern: "swarm", payload: [1, 2, 3, 4], requirements: ["asks"], coordination: { stragglerFactor: 5 } };
  }
}

export async function openWaitingCrew(client: Client, url: string, dice: Dice, directory: string): Promise<WaitingCrew> {
  const asked: Asked[] = [];
  const log = join(directory, "checks.log");
  appendFileSync(log, "");
  const mark = `chaos-${process.pid}-${dice.between(0, 1e9)}`;
  const connector = { kind: "process" as const, command: "sh", args: ["-c", AGENT, mark] };
  await client.createAgent({ body: { name: "process", connector, capabilities: ["checked"], maxConcurrentTasks: 8 } });
  const names = ["one", "two", "three"];
  const dialled = await Promise.all(names.map((name) => dialIn(url, name, dice.of(name), asked)));
  return {
    asked,
    mark,
    checks: () => readChecks(log),
    close: async () => void (await Promise.all(dialled.map((agent) => agent.close({ graceMs: 0 })))),
  };
}
function dialIn(url: string, name: string, dice: Dice, asked: Asked[]): Promise<AgentConnection> {
  return connectAgent({ url, name, capabilities: ["asks", "checked"], maxConcurrentTasks: 50, heartbeatMs: 500 }, async (work, { ask }) => {
    await wait(dice.between(0, 150));
    const steering = steer(work);
    if (steering !== undefined) return steering;
    const said: string[] = [];
    for (let n = dice.between(0, 2); n > 0 && work.requirements.includes("asks"); n--) {
      const one: Asked = { title: `May I do ${work.taskId}/${work.stepId} (${work.attemptId}, ${n})?`, answer: undefined };
      asked.push(one);
      one.answer = await ask({ kind: "permission", title: one.title, timeoutMs: dice.chance(0.1) ? 800 : 120_000 });
      said.push(one.answer.decision);
      await wait(dice.between(0, 100));
    }
    return { attemptId: work.attemptId, told: work.feedback !== undefined, said };
  });
}
/** What agents answer that steer a plan; the first review is no, so that it grows further. */
function steer({ stepId, input }: Work): Json | undefined {
  switch ((input as { type?: string } | null)?.type) {
    case "task_decomposition":
      return { subtasks: Array.from({ length: 3 }, (_, at) => ({ description: `part ${at}`, requirements: ["asks"] })) };
    case "review":
      return { accepted: stepId !== "review-1", revise: [{ id: "work-1", feedback: "again" }] };
    case "result_aggregation":
      return { combined: true };
    default:
      return undefined;
  }
}
function readChecks(log: string): ReturnType<WaitingCrew["checks"]> {
  const lines = readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(" ") as ["begin" | "pass" | "fail", string]);
  const endOf = (attemptId: string) => lines.find(([what, of]) => what !== "begin" && of === attemptId)?.[0] as "pass" | "fail" | undefined;
  return lines.filter(([what]) => what === "begin").map(([, attemptId]) => ({ attemptId, ended: endOf(attemptId) }));
}
