// Asks gates about a tree and the changes that led to it. Those that only look at a change are asked first, all of them; then programs, in the order in
// which they were written, in one place, until one fails: what fails is run once more, so that chance is told from fault.
import type { GitWorld } from "./git-world.ts";
import { readFile, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { type Gate, type GateOf, type GateResult, type GateRun, Refusal } from "@baton/contract";
import { type Clock, iso } from "../std/clock.ts";
import { type Change, readChange } from "./change.ts";
import { judgeCoverage, readLcov } from "./coverage.ts";
import { failureSignature } from "./failure-signature.ts";
import { TookTooLong, within } from "../std/time-bound.ts";
import { failed, type Finding, judgePaths, judgeSize } from "./findings.ts";
import { type JudgingPlace, openJudgingPlace } from "./judging-place.ts";
import { type CommandRun, type CommandWorld, runCommand } from "../programs/run-command.ts";
import { judgeSecrets } from "./secrets.ts";
import type { DefinedGate } from "./verdict.ts";
import { tail, whatMatters } from "./what-matters.ts";

export type JudgeWorld = CommandWorld & GitWorld & { clock: Clock };
export interface Subject {
  repository: string;
  commit: string;
  tree: string;
  /** What was merged, one after the other: from the commit before to the commit with it. */
  changes: readonly { landingId: string | null; from: string; to: string }[];
  /** A directory that may be made, used and removed. */
  directory: string;
  /** Told of with every process. */
  mark: string;
}
const MAX_DETAIL = 8000;
const MAX_SAID = 16_000;
const MAX_LCOV = 128 << 20;

/** @returns a result of every gate. Never rejects for what gates or git say. */
export async function judge(world: JudgeWorld, subject: Subject, gates: readonly DefinedGate[], signal: AbortSignal): Promise<GateResult[]> {
  const isRead = gates.some(({ gate }) => gate.kind !== "command");
  const changes = isRead ? await Promise.all(subject.changes.map(({ from, to }) => read(world, subject.repository, from, to))) : [];
  const looking = gates.filter(({ gate }) => !isOfTree(gate));
  const results = looking.flatMap((one) =>
    subject.changes.map(({ landingId }, at) => toResult(one, lookAt(one.gate, changes[at] as Change | Finding), { landingId })),
  );
  const ofTree = gates.filter(({ gate }) => isOfTree(gate));
  if (ofTree.length === 0) return results;
  const isOver = results.some(({ state }) => state !== "pass");
  if (isOver || signal.aborted) return [...results, ...ofTree.map(skip)];
  const added = changes.flatMap((change) => ("added" in change ? change.added : []));
  return [...results, ...(await judgeTree(world, subject, ofTree, added, signal))];
}
const isOfTree = (gate: Gate): gate is GateOf<"command"> | GateOf<"coverage"> => gate.kind === "command" || gate.kind === "coverage";
const broken = (reason: string, detail = ""): Finding => ({ state: "misconfigured", reason, detail });
const read = (world: GitWorld, repository: string, from: string, to: string): Promise<Change | Finding> =>
  readChange(world, repository, from, to).catch((error: unknown) => {
    if (error instanceof Refusal) return broken("The change cannot be read.", error.message);
    throw error;
  });
/** Others wrote the patterns of a gate, and others the paths and lines they are held against: together they may take for ever, and everything here waits meanwhile. */
const MIN_LOOK_MS = 1000;
const LINES_A_MS = 5;
export function lookAt(gate: Gate, change: Change | Finding): Finding {
  if ("state" in change) return change;
  const limitMs = MIN_LOOK_MS + Math.ceil((change.files.length + change.added.length) / LINES_A_MS);
  try {
    return within(limitMs, () => {
      if (gate.kind === "paths") return judgePaths(gate, change);
      if (gate.kind === "size") return judgeSize(gate, change);
      if (gate.kind === "secrets") return judgeSecrets(gate, change);
      throw new Error(`A gate of kind ${gate.kind} is not one that only looks.`);
    });
  } catch (error) {
    if (!(error instanceof TookTooLong)) throw error;
    return failed(`It could not be judged within ${limitMs} ms: a pattern of the gate, or a line or path of the change, is too much.`, []);
  }
}

async function judgeTree(
  world: JudgeWorld,
  subject: Subject,
  gates: readonly DefinedGate[],
  added: Change["added"],
  signal: AbortSignal,
): Promise<GateResult[]> {
  const results: GateResult[] = [];
  const place = await openJudgingPlace(world, subject).catch((error: unknown) => {
    if (error instanceof Refusal) return broken("The tree could not be laid out to be judged.", error.message);
    throw error;
  });
  if ("state" in place) return gates.map((one, at) => (at === 0 ? toResult(one, place, {}) : skip(one)));
  try {
    for (const one of gates) {
      const isOver = signal.aborted || results.some(({ state }) => state !== "pass" && !(state === "flaky" && one.gate.kind !== "coverage"));
      results.push(isOver ? skip(one) : await ask(world, { one, subject, place, added, signal }));
    }
    return results;
  } finally {
    await place.remove();
  }
}
interface Asked {
  one: DefinedGate;
  subject: Subject;
  place: JudgingPlace;
  added: Change["added"];
  signal: AbortSignal;
}
async function ask(world: JudgeWorld, asked: Asked): Promise<GateResult> {
  const { one, place, added } = asked;
  if (one.gate.kind === "coverage") return toResult(one, await measure(world, one.gate, place, added), {});
  return run(world, { ...asked, gate: one.gate as GateOf<"command"> });
}
async function run(world: JudgeWorld, { one, gate, subject, place, signal }: Asked & { gate: GateOf<"command"> }): Promise<GateResult> {
  const runs: GateRun[] = [];
  const once = async (): Promise<CommandRun> => {
    const startedAt = world.clock.now();
    const environment = { CI: "true", BATON_GATE: gate.name, ...gate.environment };
    const { command, args, timeoutMs } = gate;
    const ran = await runCommand(world, { command, args, timeoutMs, environment, stdin: "", mark: subject.mark, directory: () => place.directory, signal });
    runs.push({ ok: ran.ok, how: ran.how, said: tail(ran.said, MAX_SAID), startedAt: iso(startedAt), durationMs: world.clock.now() - startedAt });
    return ran;
  };
  const words = [gate.command, ...gate.args].join(" ").slice(0, 200);
  const first = await once();
  const cannot = whyCannot(first);
  if (cannot !== undefined) return toResult(one, broken(`${words} ${cannot}.`, whatMatters(first.said, MAX_DETAIL)), { runs });
  const second = first.ok || signal.aborted ? first : await once();
  const other = await place.whyOther();
  if (other !== undefined && (first.ok || second.ok)) return toResult(one, broken(other), { runs });
  if (first.ok) return toResult(one, { state: "pass", reason: `${words} ${first.how}.`, detail: "" }, { runs });
  const detail = whatMatters(first.said, MAX_DETAIL);
  const signature = failureSignature(`${one.origin} ${gate.name} ${first.how}\n${first.said}`);
  if (second.ok)
    return {
      ...toResult(one, { state: "fail", reason: `${words} ${first.how} at first, and passed when it was run again.`, detail }, { runs }),
      state: "flaky",
      signature,
    };
  return { ...toResult(one, { state: "fail", reason: `${words} ${first.how}.`, detail }, { runs }), signature };
}
/** A shell ends with 126 and 127 where a program is missing. */
function whyCannot(ran: CommandRun): string | undefined {
  if (ran.ok) return undefined;
  if (!ran.isWork) return ran.how;
  return /^ended with code 12[67]$/.test(ran.how) ? `${ran.how}: a program it needs is missing or cannot be run` : undefined;
}
async function measure(world: JudgeWorld, gate: GateOf<"coverage">, { directory }: JudgingPlace, added: Change["added"]): Promise<Finding> {
  const path = resolve(directory, gate.file);
  if (relative(directory, path).startsWith("..")) return broken(`${gate.file} lies outside of the repository.`);
  const tracked = await world.git.run({ cwd: directory, args: ["ls-files", "--", gate.file] });
  if (tracked.stdout.trim() !== "") return broken(`${gate.file} is part of the tree: it tells of no run of its tests.`);
  const size = await stat(join(directory, gate.file)).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined,
  );
  if (size === undefined) return broken(`There is no file ${gate.file} after the commands before it were run.`);
  if (size > MAX_LCOV) return broken(`${gate.file} has ${size} bytes; at most ${MAX_LCOV} are read.`);
  return judgeCoverage(gate, readLcov(await readFile(path, "utf8"), directory), added);
}

function toResult({ origin, gate }: DefinedGate, { state, reason, detail }: Finding, more: { landingId?: string | null; runs?: GateRun[] }): GateResult {
  const { landingId = null, runs = [] } = more;
  const signature = state === "fail" ? failureSignature(`${origin} ${gate.name}\n${reason}\n${detail}`) : null;
  return { name: gate.name, kind: gate.kind, origin, state, reason, detail: tail(detail, MAX_DETAIL), signature, landingId, runs };
}
const skip = (one: DefinedGate): GateResult => ({
  ...toResult(one, broken("It was not asked: what came before did not pass."), {}),
  state: "skipped",
});
