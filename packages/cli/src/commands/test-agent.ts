// `baton agents test`: one tiny turn of a registered agent by the way every task takes, or one call of an address that is not registered.
import type { Agent, Attempt, Task, Update } from "@baton/contract";
import { type Cli, given, show } from "../cli.ts";
import { BadUsage, EXIT, Interrupted } from "../exit.ts";
import { stateColour } from "../print/state-colour.ts";
import { duration, plain, plainLines } from "../print/text.ts";

export interface TestOptions {
  template?: string;
  question?: string;
  timeout: number;
}
const QUESTION = "Reply with the single word OK.";
/** For being handed the work and told of the end. */
const MARGIN_MS = 10_000;

export function testAgent(cli: Cli, options: TestOptions, target = ""): Promise<number> {
  if (/^https?:\/\//.test(target)) return testEndpoint(cli, options, target);
  if (options.template !== undefined) throw new BadUsage("--template is for an address; a registered agent has its own.");
  return testRegistered(cli, options, target);
}

async function testEndpoint(cli: Cli, { template, question: testQuery }: TestOptions, endpoint: string): Promise<number> {
  const answer = await cli.client.testConnection({ body: { endpoint, ...given({ template, testQuery }) }, signal: cli.signal });
  const extracted = answer.extractedResult === undefined ? [] : [`It says: ${plain(JSON.stringify(answer.extractedResult))}`];
  show(cli, answer, () =>
    [
      `${plain(answer.message)} (${duration(answer.durationMs)})`,
      ...[answer.error, answer.warning].flatMap((line) => (line === undefined ? [] : [plain(line)])),
      ...extracted,
    ].join("\n"),
  );
  return answer.success ? EXIT.done : EXIT.failed;
}

async function testRegistered(cli: Cli, { question = QUESTION, timeout }: TestOptions, name: string): Promise<number> {
  const agent = await cli.client.getAgent({ params: { id: name }, signal: cli.signal });
  const timeoutMs = timeout * 1000;
  const steps = [{ id: "test", agent: agent.id, description: question, timeoutMs, retries: 0 }];
  const { id } = await cli.client.submitTask({ body: { title: `Test of ${agent.name}`, description: question, type: "test", steps }, signal: cli.signal });
  const task = await waitOrCancel(cli, id, timeoutMs + MARGIN_MS);
  const attempt = task.steps[0]?.attempts.at(-1);
  const updates = attempt === undefined ? {} : await countUpdates(cli, attempt);
  show(cli, { agent: agent.name, task, updates }, () => testWords(cli, agent, task, attempt, updates));
  return task.status === "completed" ? EXIT.done : EXIT.failed;
}

/** A test nobody takes up, or nobody waits for any more, is not left behind. */
async function waitOrCancel(cli: Cli, id: string, withinMs: number): Promise<Task> {
  const tooLong = AbortSignal.timeout(withinMs);
  try {
    return await cli.client.waitForTask(id, { signal: AbortSignal.any([cli.signal, tooLong]) });
  } catch (error) {
    if (!cli.signal.aborted && !tooLong.aborted) throw error;
    const waiting = await cli.client.getTask({ params: { id } });
    const cancelled = await cli.client.cancelTask({ params: { id } });
    if (cli.signal.aborted) throw new Interrupted("The test is cancelled.");
    return { ...cancelled, reason: `${waiting.reason} It was cancelled after ${duration(withinMs)}.` };
  }
}

async function countUpdates(cli: Cli, { id }: Attempt): Promise<Partial<Record<Update["kind"], number>>> {
  const { items } = await cli.client.listAttemptUpdates({ params: { id }, query: { limit: 500 }, signal: cli.signal });
  const counts: Partial<Record<Update["kind"], number>> = {};
  for (const { update } of items) counts[update.kind] = (counts[update.kind] ?? 0) + 1;
  return counts;
}

function testWords({ paint }: Cli, agent: Agent, task: Task, attempt: Attempt | undefined, updates: object): string {
  const outcome = attempt?.outcome;
  const told = Object.entries(updates).map(([kind, count]) => `${count} ${kind}`);
  const line = (title: string, value: string) => `${paint.dim(title.padEnd(9))} ${plain(value)}`;
  const said =
    outcome?.ok === true ? (typeof outcome.output === "string" ? outcome.output : JSON.stringify(outcome.output)) : (task.failure?.detail ?? task.reason);
  return [
    `${paint.bold(plain(agent.name))} by ${agent.connector.kind}: ${stateColour(paint, task.status)(task.status)}`,
    `${paint.dim((outcome?.ok === true ? "output" : "why").padEnd(9))} ${plainLines(said)}`,
    line("took", typeof attempt?.durationMs === "number" ? duration(attempt.durationMs) : "nobody tried"),
    line("tokens", `${outcome?.usage?.inputTokens ?? "unknown"} in, ${outcome?.usage?.outputTokens ?? "unknown"} out`),
    line("cost", outcome?.cost ? `${outcome.cost.amount} ${outcome.cost.currency}` : "unknown"),
    line("updates", told.join(", ") || "none"),
  ].join("\n");
}
