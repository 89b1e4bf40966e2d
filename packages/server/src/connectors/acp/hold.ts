// Holds one conversation with one process, from its start to its end: opens it, hands over the prompt, and ends the process when it has
// answered, when it must stop, or when it says what nobody can take.
import { methods, RequestError } from "@agentclientprotocol/sdk";
import type { AcpConnector, Outcome } from "@baton/contract";
import type { Ended, GuardedRun, Program, Programs } from "../../programs/programs.ts";
import type { Clock } from "../../std/clock.ts";
import { toStorableText } from "../agent-text.ts";
import type { AttemptContext } from "../connector.ts";
import type { Reading } from "../quota-words.ts";
import { resourcesOf, serversFor } from "../handed.ts";
import { type Failure, fail, type TimeLimit } from "../time-limit.ts";
import { openClient, takeNotification } from "./client.ts";
import { toEndFailure, toOutcome, toRequestFailure } from "./ending.ts";
import type { Kept } from "./kept.ts";
import type { Initialized, Prompted } from "./messages.ts";
import type { Quirks } from "./quirks.ts";
import { canLoad, openSession, sayHello, sendPrompt } from "./session.ts";
import type { Money, Told } from "./spent.ts";
import { openTurn } from "./turn.ts";
import { openWire } from "./wire.ts";

export interface HoldWorld {
  clock: Clock;
  programs: Programs;
  openingMs?: number | undefined;
}
export interface HoldInput {
  program: Program;
  connector: AcpConnector;
  quirks: Quirks;
  /** `resumed`: whether an earlier conversation goes on. */
  toPrompt(resumed: boolean): string;
  /** Who it is to be: told before the first prompt of a conversation, and never again. */
  persona: string | undefined;
  kept: Kept | undefined;
  context: AttemptContext;
  limit: TimeLimit;
}
export interface Held {
  outcome: Outcome;
  told: Told;
  /** The newest cost it told in this turn, whatever that adds up. */
  cost: Money | undefined;
  /** Where the conversation can go on later. */
  sessionId: string | undefined;
}

const OPENING_MS = 120_000;
const STDERR_TAIL = 4_096;
/** After a cancel: for the answer that it was cancelled, for its own end, for the signal. Together well within the 2 s an attempt has. */
const CANCEL_MS = 400;
const TERM_MS = 800;
const KILL_MS = 1_500;
/** After its answer it ends when its input does; some take their time to write down the conversation. */
const LEAVE_MS = 2_500;

export async function hold({ clock, programs, openingMs = OPENING_MS }: HoldWorld, input: HoldInput): Promise<Held> {
  const { connector, context, kept, limit, program, quirks } = input;
  const timers: NodeJS.Timeout[] = [];
  const ends = new AbortController();
  let stopped: Failure | undefined;
  let hello: Initialized | undefined;
  let sessionId: string | undefined;
  let answered: Prompted | undefined;
  let stderr = "";

  const run = programs.start(program, (detail) => end(fail("limit", detail)));
  const end = (failure: Failure): void => {
    stopped ??= failure;
    ends.abort();
  };
  /** What nobody can take any more of is ended at once; a person's or the clock's no is told to it first. */
  const cut = (failure: Failure): void => {
    end(failure);
    run.kill();
  };
  const turn = openTurn(context, quirks, cut);
  const client = { cwd: program.cwd, permissions: connector.permissions, context, turn, signal: ends.signal, sessionId: () => sessionId };
  const wire = openWire(run, { onBreach: cut, onNotification: (method, params) => takeNotification(client, method, params) });
  run.stderr.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString("utf8")).slice(-STDERR_TAIL);
  });
  run.stderr.on("error", () => undefined);
  const connection = openClient(client).connect(wire.stream);
  const cancel = (): void => {
    end(limit.failure() ?? fail("cancelled", "It must end."));
    if (sessionId !== undefined) void connection.agent.notify(methods.agent.session.cancel, { sessionId }).catch(() => undefined);
    const leave = sessionId === undefined ? 0 : CANCEL_MS;
    timers.push(
      setTimeout(() => run.stdin.end(), leave),
      setTimeout(run.stop, TERM_MS),
      setTimeout(run.kill, KILL_MS),
    );
  };
  limit.signal.addEventListener("abort", cancel, { once: true });
  const opening = setTimeout(() => cut(fail("unavailable", `It did not open a conversation within ${openingMs / 1000} s. ${saying()}`.trim())), openingMs);
  const reading = (): Reading => ({ now: clock.now(), zone: program.environment["TZ"] ?? Intl.DateTimeFormat().resolvedOptions().timeZone });
  const saying = (): string =>
    toStorableText(
      [stderr, wire.noise()]
        .map((text) => text.trim())
        .filter((text) => text !== "")
        .join("\n"),
    );

  /** undefined: the connection ended first. */
  const talk = async (): Promise<Outcome | undefined> => {
    try {
      const wanted = {
        connector,
        quirks,
        cwd: program.cwd,
        mcpServers: serversFor(connector.mcpServers ?? [], context.toolServers),
        resume: kept?.session,
        persona: input.persona,
        note: (text: string) => context.onUpdate({ kind: "note", text }),
      };
      const greeted = await sayHello(connection.agent, wanted);
      if (!greeted.ok) return greeted;
      hello = greeted.initialized;
      const opened = await openSession(connection.agent, wanted, hello);
      if (!opened.ok) return opened;
      clearTimeout(opening);
      sessionId = opened.sessionId;
      if (ends.signal.aborted) return undefined;
      // One that told nothing may have begun anew: it is told everything.
      const prompt = input.toPrompt(opened.resumed && turn.replayed());
      if (opened.resumed && !turn.replayed())
        wanted.note("It says that the earlier conversation goes on, and told nothing of it: it may have begun a new one.");
      turn.begin(opened.resumed ? kept?.cost : NOTHING);
      const told = opened.resumed || opened.knowsPersona || input.persona === undefined ? prompt : `${input.persona.trimEnd()}\n\n${prompt}`;
      const ending = await sendPrompt(connection.agent, sessionId, told, resourcesOf(context.toolServers));
      if ("ok" in ending) return ending;
      answered = ending;
      return toOutcome(ending, { answer: turn.answer(), errorText: turn.errorText(ending), denied: turn.denied() }, reading());
    } catch (error) {
      if (error instanceof RequestError) return toRequestFailure(error, hello, reading());
      if (connection.signal.aborted) return undefined;
      throw error;
    }
  };

  try {
    const outcome = await talk();
    const ended = await leave(run, timers);
    return {
      outcome: limit.failure() ?? stopped ?? outcome ?? toEndFailure(ended, hello !== undefined, saying(), reading()),
      told: turn.figures(answered),
      cost: turn.cost(),
      sessionId: hello !== undefined && canLoad(hello, quirks) ? sessionId : undefined,
    };
  } finally {
    limit.signal.removeEventListener("abort", cancel);
    for (const timer of [...timers, opening]) clearTimeout(timer);
    connection.close();
    // Whatever went wrong here, nothing of it stays.
    run.kill();
    await run.ended;
  }
}
/** Of no currency yet. */
const NOTHING: Money = { amount: 0, currency: "" };

/** Lets it end by itself, and makes it. */
async function leave(run: GuardedRun, timers: NodeJS.Timeout[]): Promise<Ended> {
  run.stdin.end();
  timers.push(setTimeout(run.stop, LEAVE_MS));
  return run.ended;
}
