// A connector whose agents are given the secrets that their registrations name, when they are started or called, and who are not heard telling them.
// Headers are filled where they are sent (request-headers.ts): here it is what programs find in their environment, and whatever any agent says.
import { type Outcome, Refusal, type TerminalScreen, type Update } from "@baton/contract";
import type { AttemptContext, Connector, ConnectorAgent, Living } from "./connector.ts";
import { fillSecrets, type SecretsWorld } from "./request-headers.ts";
import { fail } from "./time-limit.ts";

/** What takes values of secrets out of what an agent said. */
export interface Hider {
  hide(text: string): string;
  /** How many characters at the end may be the beginning of one. */
  begun(text: string): number;
}
export interface VeilWorld extends SecretsWorld {
  /** Asked anew for each word of an agent: a secret may have been filled in since. Undefined: there is nothing to hide. */
  hiderFor(project: string | null): Hider | undefined;
}

export function withSecrets<C extends Connector>(world: VeilWorld, connector: C): C {
  const { check, carryOut, discover, observe, hand, tell, living } = connector;
  const hiderOf = (agent: ConnectorAgent): Hider | undefined => world.hiderFor(agent.project ?? null);
  /** With everything that came of it, also of its refusals, without secrets. */
  const quiet = async <T>(agent: ConnectorAgent, ask: (agent: ConnectorAgent) => Promise<T>): Promise<T> => {
    try {
      return hideIn(await ask(await filled(world, agent)), hiderOf(agent));
    } catch (error) {
      const hider = hiderOf(agent);
      if (hider === undefined || !(error instanceof Refusal)) throw error;
      const { issues, retryAfterSeconds } = error;
      throw new Refusal(error.code, hider.hide(error.message), {
        ...(issues ? { issues: hideIn(issues, hider) } : {}),
        ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      });
    }
  };
  return {
    ...connector,
    check: (agent) => quiet(agent, check),
    carryOut: (agent, work, context) => {
      const veiled = veil(context, () => hiderOf(agent));
      const begin = async (): Promise<Outcome> => {
        try {
          return await carryOut(await filled(world, agent), work, veiled.context);
        } catch (error) {
          if (error instanceof Refusal) return fail("agent_error", error.message);
          throw error;
        }
      };
      // Most name none: they are handed over at once, as whoever waits for that expects.
      const going = namesSecret(agent) ? begin() : carryOut(agent, work, veiled.context);
      return going.then((outcome) => {
        veiled.end();
        return hideIn(outcome, hiderOf(agent));
      });
    },
    ...(discover ? { discover: (agent: ConnectorAgent) => quiet(agent, discover) } : {}),
    ...(observe ? { observe: (agent: ConnectorAgent) => quiet(agent, observe) } : {}),
    // It goes to another agent, with its secrets in place.
    ...(hand ? { hand: async (agent: ConnectorAgent) => hand(await filled(world, agent)) } : {}),
    ...(tell ? { tell: (agent: ConnectorAgent, message: Parameters<typeof tell>[1]) => quiet(agent, (one) => tell(one, message)) } : {}),
    ...(living ? { living: veilLiving(world, living, quiet) } : {}),
  };
}
function veilLiving(world: VeilWorld, living: Living, quiet: <T>(agent: ConnectorAgent, ask: (agent: ConnectorAgent) => Promise<T>) => Promise<T>): Living {
  return {
    // One whose secret is gone is taken up as it is registered: it was started otherwise, and is ended.
    adopt: async (agents) => living.adopt(await Promise.all(agents.map((agent) => filled(world, agent).catch(() => agent)))),
    start: (agent) => quiet(agent, living.start),
    stop: (agent, graceful) => living.stop(agent, graceful),
    pause: (agent) => living.pause(agent),
    resume: (agent) => living.resume(agent),
    screen: (agent): Promise<TerminalScreen> => living.screen(agent).then((screen) => hideIn(screen, world.hiderFor(agent.project ?? null))),
    write: (agent, text, keys) => living.write(agent, text, keys),
  };
}

const NAMES = "${secret:";
const isNaming = (value: unknown): boolean => JSON.stringify(value).includes(NAMES);
const namesSecret = (agent: ConnectorAgent): boolean => isNaming(agent.environment) || isNaming(agent.connector);

/** The agent with secrets in its environment, and in what programs of its tool servers find in theirs. @throws Refusal `bad_input` */
async function filled(world: VeilWorld, agent: ConnectorAgent): Promise<ConnectorAgent> {
  if (!namesSecret(agent)) return agent;
  const environment = isNaming(agent.environment) ? await fillSecrets(world, agent.environment, agent, "environment") : agent.environment;
  const { connector } = agent;
  // Those that are reached by this server itself are filled in when they are.
  if (!("mcpServers" in connector) || connector.kind === "openai" || !isNaming(connector.mcpServers)) return { ...agent, environment };
  const mcpServers = await Promise.all(
    (connector.mcpServers ?? []).map(async (server, at) =>
      "url" in server
        ? { ...server, headers: await fillSecrets(world, server.headers, agent, `connector.mcpServers[${at}].headers`) }
        : { ...server, env: await fillSecrets(world, server.env, agent, `connector.mcpServers[${at}].env`) },
    ),
  );
  return { ...agent, environment, connector: { ...connector, mcpServers } as ConnectorAgent["connector"] };
}

type Spoken = Extract<Update, { kind: "text" | "thought" | "terminal" }>;
/** What is told in pieces is looked through as one text: the end of a piece that may begin a secret waits for the next. */
function veil(context: AttemptContext, hider: () => Hider | undefined): { context: AttemptContext; end(): void } {
  let held: Spoken | undefined;
  const release = (): void => {
    const last = held;
    held = undefined;
    if (last) context.onUpdate(last);
  };
  const onUpdate = (update: Update): void => {
    const hides = hider();
    if (hides === undefined) return context.onUpdate(update);
    if (!("text" in update) || update.kind === "note") {
      release();
      return context.onUpdate(hideIn(update, hides));
    }
    if (held && held.kind !== update.kind) release();
    const text = hides.hide((held?.text ?? "") + update.text);
    const begun = hides.begun(text);
    held = begun === 0 ? undefined : { ...update, text: text.slice(text.length - begun) };
    if (begun < text.length) context.onUpdate({ ...update, text: text.slice(0, text.length - begun) });
  };
  return {
    end: release,
    context: {
      ...context,
      // Read where it is used: others change it while it lasts.
      signal: context.signal,
      onUpdate,
      onProgress: (progress) => context.onProgress(hideIn(progress, hider())),
      ask: (question) => context.ask(hideIn(question, hider())),
    },
  };
}

function hideIn<T>(value: T, hider: Hider | undefined): T {
  return hider === undefined ? value : (hideWithin(value, hider) as T);
}
function hideWithin(value: unknown, hider: Hider): unknown {
  if (typeof value === "string") return hider.hide(value);
  if (Array.isArray(value)) return value.map((item) => hideWithin(item, hider));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [hider.hide(name), hideWithin(item, hider)]));
}
