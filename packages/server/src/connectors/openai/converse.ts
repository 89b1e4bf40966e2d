// An attempt with a model: asked, its tool calls carried out, asked again, until it has answered and the answer fits.
import type { Json, OpenaiConnector, Outcome, Work } from "@baton/contract";
import { MAX_ANSWER_BYTES, parseAgentJson, toStorableText } from "../agent-text.ts";
import type { AttemptContext, ConnectorAgent } from "../connector.ts";
import { fail } from "../time-limit.ts";
import { withResources } from "../handed.ts";
import { toPrompt } from "../to-prompt.ts";
import { ask, type AskWorld, type Question } from "./ask.ts";
import { chat } from "./chat.ts";
import { responses } from "./responses.ts";
import { countSpent, type Spent } from "./spent.ts";
import type { Toolbox } from "./tools.ts";
import type { Listener, Said, Turn } from "./turn.ts";
import { misfits } from "../../std/json-schema.ts";

const SHOWN = 2_000;

/** Never rejects but for bugs; what ends the attempt from outside is the caller's to say. */
export async function converse(
  world: AskWorld,
  agent: ConnectorAgent,
  settings: OpenaiConnector,
  work: Work,
  context: AttemptContext,
  tools: Toolbox,
  signal: AbortSignal,
): Promise<Outcome> {
  const spent = countSpent(settings.prices, context);
  const goesOn = settings.wire === "responses" && settings.store;
  const said: Said[] = [{ by: "person", text: withResources(toPrompt(work, goesOn && work.conversation !== undefined), context.toolServers) }];
  const question: Question = {
    agent,
    settings,
    said,
    tools: tools.offered,
    previous: goesOn ? work.conversation : undefined,
    wire: settings.wire === "responses" ? responses : chat,
    signal,
    budget: { bytes: MAX_ANSWER_BYTES },
    without: new Set(),
  };
  const beginAnew = (): void => void said.splice(0, 1, { by: "person", text: withResources(toPrompt(work), context.toolServers) });
  let rounds = 0;
  let repaired = false;
  for (;;) {
    const turn = await askOnce(world, question, beginAnew, context, spent);
    if ("ok" in turn) return turn;
    spent.add(turn.usage);
    const conversation = goesOn && turn.id !== undefined ? { conversation: turn.id } : {};
    const ended = (outcome: Outcome): Outcome => ({ ...outcome, ...spent.told(), ...conversation });
    const tell = (...more: Said[]): void => {
      // A service that keeps the conversation knows its own part of it.
      if (goesOn && turn.id !== undefined) {
        question.previous = turn.id;
        said.splice(0, said.length, ...more);
      } else said.push({ by: "model", turn }, ...more);
    };
    if (turn.end === "length") return ended(fail("limit", `The answer was cut off at the number of tokens it may have. It ends: ${turn.text.slice(-SHOWN)}`));
    if (turn.end === "filter") return ended(fail("agent_error", "The service's content filter stopped the answer."));
    if (turn.refusal !== "") return ended(fail("agent_error", turn.refusal));
    if (turn.calls.length > 0) {
      rounds++;
      if (rounds > settings.maxToolRounds) return ended(fail("limit", `It asked for tools in more than ${settings.maxToolRounds} rounds and gave no answer.`));
      const results: Said[] = [];
      for (const [at, call] of turn.calls.entries()) {
        if (call.id === "") call.id = `call-${rounds}-${at}`;
        results.push({ by: "tool", callId: call.id, output: await tools.run(call, `${rounds}-${at + 1}`) });
        if (signal.aborted) return ended(fail("cancelled", "The attempt is ending."));
      }
      tell(...results);
      continue;
    }
    const answer = toAnswer(settings, turn);
    if ("output" in answer) return ended({ ok: true, output: answer.output });
    if (repaired) return ended(fail("invalid_response", `The answer does not fit its schema: ${answer.problems}. It was: ${turn.text.slice(0, SHOWN)}`));
    repaired = true;
    tell({ by: "person", text: `Your answer does not fit the JSON Schema it must fit: ${answer.problems}. Answer again, with JSON alone.` });
  }
}

/** Also when a conversation that was to go on is gone: then a new one begins. */
async function askOnce(
  world: AskWorld,
  question: Question,
  beginAnew: () => void,
  context: AttemptContext,
  spent: Spent,
): Promise<Turn | Extract<Outcome, { ok: false }>> {
  const began = question.previous;
  const answered = await ask(world, question, toListener(context));
  if ("turn" in answered) return answered.turn;
  if (began !== undefined && question.said.length === 1 && !answered.mayHaveUsed && /previous.?response/i.test(answered.failure.detail)) {
    context.onUpdate({ kind: "note", text: "The earlier conversation is gone; a new one was begun." });
    question.previous = undefined;
    beginAnew();
    return askOnce(world, question, beginAnew, context, spent);
  }
  if (answered.mayHaveUsed) spent.add(undefined);
  return { ...answered.failure, ...spent.told() };
}

function toListener(context: AttemptContext): Listener {
  return {
    onText: inPieces((text) => context.onUpdate({ kind: "text", text })),
    onThought: inPieces((text) => context.onUpdate({ kind: "thought", text })),
  };
}
const inPieces =
  (tell: (text: string) => void) =>
  (text: string): void => {
    for (let at = 0; at < text.length; at += MAX_PIECE) tell(toStorableText(text.slice(at, at + MAX_PIECE)));
  };
const MAX_PIECE = 500_000;

function toAnswer(settings: OpenaiConnector, turn: Turn): { output: Json } | { problems: string } {
  if (settings.responseSchema === undefined) return { output: toStorableText(turn.text) };
  // One way to read it: of several, each would be tried for every one of a thousand empty lines.
  const fenced = /^```(?:json)?[^\S\n]*\n(.*)```$/s.exec(turn.text.trim())?.[1];
  const parsed = parseAgentJson(fenced ?? turn.text);
  if (!parsed.ok) return { problems: `it ${parsed.problem}` };
  const problems = misfits(settings.responseSchema, parsed.value);
  return problems.length === 0 ? { output: parsed.value } : { problems: problems.join("; ") };
}
