import type { Outcome, Update } from "@baton/contract";
import { expect, test } from "vitest";
import type { AttemptContext, Connector, ConnectorAgent } from "./connector.ts";
import { withSecrets } from "./with-secrets.ts";
import { openVeil, SHARED } from "../secrets/veil.ts";

const agent = {
  id: "a",
  name: "a",
  connector: { kind: "process", command: "x" },
  environment: { KEY: "${secret:key}" },
  resourceLimits: {},
} as unknown as ConnectorAgent;

/** A connector whose agent tells these updates, and the updates that came out. */
async function tell(updates: readonly Update[], outcome: Outcome): Promise<{ updates: Update[]; outcome: Outcome; environment: object }> {
  const veil = openVeil();
  const out: Update[] = [];
  let environment = {};
  const connector = {
    kind: "process",
    check: async () => undefined,
    carryOut: async (given: ConnectorAgent, _: unknown, context: AttemptContext) => {
      environment = given.environment;
      for (const update of updates) context.onUpdate(update);
      return outcome;
    },
    close: async () => undefined,
  } as unknown as Connector;
  const world = {
    readEnv: () => undefined,
    readSecret: (_: string | null, name: string) => {
      veil.hide(SHARED, "the-secret-value");
      return name === "key" ? "the-secret-value" : undefined;
    },
    hiderFor: veil.of,
  };
  const context = { onUpdate: (update: Update) => out.push(update), signal: new AbortController().signal } as unknown as AttemptContext;
  const given = await withSecrets(world, connector).carryOut(agent, {} as never, context);
  return { updates: out, outcome: given, environment };
}
const text = (piece: string): Update => ({ kind: "text", text: piece });

test("a secret that an agent tells in pieces is hidden, and everything else is told, in order", async () => {
  const pieces = ["so: the-s", "e", "cret-valu", "e, or t", "h", "e-secr", "et-value", "; the-secret it is"].map(text);
  const tool: Update = { kind: "tool", callId: "1", title: "the-secret-value", input: { "the-secret-value": ["the-secret-value"] } };
  const { updates, environment } = await tell([...pieces, text("the-sec"), tool, { kind: "thought", text: "the-s" }], { ok: true, output: 1 });
  expect(environment).toEqual({ KEY: "the-secret-value" });
  const at = updates.indexOf(updates.find(({ kind }) => kind === "tool") as Update);
  const said = (some: Update[]) => some.map((one) => ("text" in one ? one.text : "")).join("");
  expect(said(updates.slice(0, at))).toBe("so: ********, or ********; the-secret it isthe-sec");
  expect(updates[at]).toMatchObject({ title: "********", input: { "********": ["********"] } });
  expect(said(updates.slice(at))).toBe("the-s");
});

test("a secret is hidden in what came of an attempt, and one that is not there is a failure that names it", async () => {
  const { outcome } = await tell([], { ok: false, kind: "agent_error", detail: "401 for the-secret-value" });
  expect(outcome).toEqual({ ok: false, kind: "agent_error", detail: "401 for ********" });
  agent.environment["KEY"] = "${secret:other}";
  const { outcome: missed } = await tell([], { ok: true, output: 1 });
  expect(missed).toMatchObject({ ok: false, kind: "agent_error", detail: 'There is no secret named "other" that agents that all projects share may name.' });
});
