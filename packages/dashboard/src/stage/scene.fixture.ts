// A lively afternoon: agents of every kind and state, and tasks at every point of their life.
import { aStep, aTask, ago, anAgent, anAssignment, anAttempt } from "./nouns.fixture.ts";
import { Story } from "./story.fixture.ts";

const report = `# agent-orchestration

A TypeScript monorepo of **214 files** and 18,402 lines, worked on by 3 people over 14 months.

## Languages

| Language | Files | Lines | Share |
|---|---:|---:|---:|
| TypeScript | 171 | 15,930 | 86 % |
| Markdown | 28 | 1,704 | 9 % |
| YAML | 15 | 768 | 5 % |

## Hot spots

1. \`store/claims.ts\` changed 41 times in 90 days
2. \`api/live.ts\` changed 27 times

> Two files carry a third of all changes. They have tests.

- No secret was found
- 12 notes to finish something, the oldest from *March*
`;

export function tellScene(): Story {
  const story = new Story();
  for (const agent of agents()) story.addAgent(agent);
  for (const task of tasks()) story.addTask(task);
  return story;
}

function agents() {
  return [
    anAgent({
      name: "repo-inspector",
      description: "Counts languages, files and lines of a git repository.",
      can: ["inspect-repository", "count-lines", "git"],
      connector: { kind: "process", command: "node", args: ["examples/agents/repo-inspector.ts"], output: "json" },
      successRate: 0.98,
      averageDurationMs: 1840,
      attemptsEnded: 212,
      resourceLimits: { memory: "512MB", timeoutMs: 120_000 },
      status: { reason: "the command is there; nothing runs", facts: [{ source: "start", what: "command found", at: ago(40) }] },
    }),
    anAgent({
      name: "history-reader",
      can: ["git-history", "hot-spots"],
      connector: { kind: "http", endpoint: "http://127.0.0.1:8001/process" },
      maxConcurrentTasks: 4,
      status: {
        state: "busy",
        reason: "2 of 4 tasks at work",
        load: { active: 2, max: 4, factor: 0.5 },
        facts: [{ source: "health check", what: "answered in 12 ms", at: ago(9) }],
      },
    }),
    anAgent({
      name: "secrets-scanner",
      can: ["scan-secrets", "scan-todos"],
      connector: { kind: "http", endpoint: "http://127.0.0.1:8002/process" },
      maxConcurrentTasks: 1,
      status: { state: "busy", reason: "1 of 1 tasks at work", load: { active: 1, max: 1, factor: 1 } },
    }),
    anAgent({
      name: "dependency-mapper",
      can: ["dependencies", "tests"],
      status: { state: "paused", lifecycle: "paused", reason: "paused by a person 4 min ago" },
    }),
    anAgent({ name: "report-writer", can: ["write-report", "markdown", "summarise", "translate", "proof-read"], status: {} }),
    anAgent({
      name: "night-builder",
      can: ["build"],
      connector: { kind: "http", endpoint: "http://10.0.4.7:9000" },
      status: {
        state: "offline",
        health: "unknown",
        reason: "no answer to the last 3 health checks",
        facts: [{ source: "health check", what: "connection refused", at: ago(3720) }],
      },
    }),
  ];
}

function reportSteps(taskId: string) {
  const done = (step: string, agent: string, seconds: number, output: Record<string, string | number>) => {
    const times = { startedAt: ago(60), endedAt: ago(60 - seconds), durationMs: seconds * 1000 };
    return {
      status: "completed" as const,
      reason: "handed in its result",
      output,
      startedAt: times.startedAt,
      completedAt: times.endedAt,
      attempts: [anAttempt(taskId, step, agent, { ...times, state: "completed", outcome: { ok: true, output } })],
    };
  };
  const running = (step: string, agent: string, fraction: number | undefined, message: string) => ({
    status: "running" as const,
    reason: `${agent} is at work`,
    startedAt: ago(8),
    attempts: [
      anAttempt(taskId, step, agent, {
        startedAt: ago(8),
        progress: fraction === undefined ? { message } : { fraction, message },
        assignment: anAssignment(agent, {
          score: 4.61,
          reasons: ["has git-history and hot-spots, as the step asks", "succeeded in 97 % of 88 attempts like this", "has room: 1 of 4 tasks at work"],
          alternatives: [
            { agentId: "agent-repo-inspector", agentName: "repo-inspector", score: 3.2 },
            { agentId: "agent-report-writer", agentName: "report-writer", score: 1.1 },
          ],
          risks: [{ kind: "load", detail: "half of its capacity is in use", severity: "low" }],
        }),
      }),
    ],
  });
  return [
    aStep("inspect", {
      title: "Inspect languages and size",
      requirements: ["inspect-repository"],
      ...done("inspect", "repo-inspector", 2, { files: 214, lines: 18402, main: "TypeScript" }),
    }),
    aStep("history", {
      title: "Find hot spots in the history",
      needs: ["inspect"],
      requirements: ["git-history", "hot-spots"],
      ...running("history", "history-reader", 0.62, "read 1,240 of 2,000 commits"),
    }),
    aStep("scan", {
      title: "Scan for secrets and unfinished notes",
      needs: ["inspect"],
      requirements: ["scan-secrets"],
      ...running("scan", "secrets-scanner", undefined, "scanning packages/"),
    }),
    aStep("depend", {
      title: "Map tests and dependencies",
      needs: ["inspect"],
      requirements: ["dependencies"],
      status: "waiting",
      reason: "dependency-mapper, the only agent with dependencies, is paused",
    }),
    aStep("report", { title: "Write the report", needs: ["history", "scan", "depend"], requirements: ["write-report"] }),
  ];
}

function tasks() {
  const written = {
    state: "completed" as const,
    startedAt: ago(3592),
    endedAt: ago(3588),
    durationMs: 4100,
    outcome: { ok: true as const, output: { markdown: report }, usage: { inputTokens: 1840, outputTokens: 612 } },
  };
  const failure = { kind: "agent_error" as const, detail: "The target database already has a table named events", stepId: "migrate" };
  const firstTry = anAttempt("migrate", "migrate", "night-builder", {
    startedAt: ago(700),
    endedAt: ago(640),
    state: "failed",
    outcome: { ok: false, kind: "timeout", detail: "no answer within 60 s" },
  });
  const secondTry = anAttempt("migrate", "migrate", "night-builder", {
    number: 2,
    startedAt: ago(630),
    endedAt: ago(620),
    state: "failed",
    outcome: { ok: false, kind: "agent_error", detail: failure.detail },
  });
  return [
    aTask("yesterday", {
      title: "Summarise the release notes of October",
      status: "completed",
      reason: "every step is completed",
      createdAt: ago(90_000),
      startedAt: ago(90_000),
      completedAt: ago(89_990),
      steps: [aStep("main", { status: "completed" })],
      result: "Nothing of note.",
    }),
    aTask("docs", {
      title: "Report on agent-orchestration",
      status: "completed",
      reason: "every step is completed",
      createdAt: ago(3600),
      startedAt: ago(3599),
      completedAt: ago(3588),
      requirements: ["write-report"],
      steps: [
        aStep("collect", {
          title: "Collect the facts",
          status: "completed",
          startedAt: ago(3599),
          completedAt: ago(3593),
          output: { files: 214, tidy: true, owners: ["ana", "li"], notes: null },
        }),
        aStep("write", {
          title: "Write the report",
          needs: ["collect"],
          status: "completed",
          reason: "handed in its result",
          startedAt: ago(3592),
          completedAt: ago(3588),
          output: { markdown: report, words: 96 },
          artifacts: [{ type: "report", name: "report.md", mediaType: "text/markdown", content: report, description: "The report as a file" }],
          attempts: [anAttempt("docs", "write", "report-writer", written)],
        }),
      ],
      result: { markdown: report, words: 96 },
    }),
    aTask("translate", {
      title: "Translate the handbook into Portuguese, keep every code sample as it is and mark what is uncertain",
      status: "cancelled",
      reason: "cancelled by a person",
      createdAt: ago(2900),
      completedAt: ago(2800),
      steps: [aStep("main", { status: "cancelled" })],
    }),
    aTask("migrate", {
      title: "Migrate the staging database",
      status: "failed",
      priority: "high",
      reason: "step migrate failed",
      failure,
      createdAt: ago(760),
      startedAt: ago(700),
      completedAt: ago(620),
      steps: [
        aStep("backup", { status: "completed", title: "Back it up" }),
        aStep("migrate", {
          title: "Migrate",
          needs: ["backup"],
          status: "failed",
          reason: failure.detail,
          startedAt: ago(700),
          attempts: [firstTry, secondTry],
        }),
        aStep("verify", { title: "Verify", needs: ["migrate"], status: "skipped", reason: "a step it needs failed" }),
      ],
    }),
    aTask("review", {
      title: "Review the payment module",
      status: "paused",
      reason: "paused by a person",
      createdAt: ago(600),
      startedAt: ago(590),
      steps: [aStep("read", { status: "completed" }), aStep("judge", { status: "held", needs: ["read"] }), aStep("write", { needs: ["judge"] })],
    }),
    aTask("voice", {
      title: "Transcribe the customer calls of last week",
      status: "waiting",
      reason: "nobody can take its next step",
      waitingFor: { kind: "agent", detail: "no agent here has transcribe; the nearest, report-writer, has summarise" },
      requirements: ["transcribe"],
      createdAt: ago(240),
      steps: [aStep("main", { title: "Transcribe", requirements: ["transcribe"], status: "waiting", reason: "no agent here has transcribe" })],
    }),
    aTask("demo", {
      title: "Report on this repository",
      description: "Inspect the repository, look at history, secrets and dependencies side by side, and write a report that a person would keep.",
      status: "executing",
      reason: "2 steps at work, 1 waits for an agent",
      createdAt: ago(62),
      startedAt: ago(61),
      steps: reportSteps("demo"),
      requirements: ["inspect-repository", "write-report"],
    }),
    aTask("changelog", {
      title: "Draft the changelog since v0.9",
      status: "queued",
      priority: "low",
      reason: "waits for its turn: 1 task is ahead of it",
      createdAt: ago(12),
    }),
  ];
}
