// Checks, and gates that are commands, are commands that this server runs: they come in by the door of those who may register agents that are commands, and by no other. Plans that
// agents make cannot name any.
import { isAbsolute } from "node:path";
import { accessRoles, Refusal, type ParsedTaskInput, relocating, type Right, rightsOf, type StepInput } from "@baton/contract";
import type { CommandWorld } from "./commands.ts";

/** What naming a command takes that this server will run: the same as registering an agent that is one. */
export const CHECK_RIGHT: Right = "host";

/** @throws Refusal `forbidden` for a check named by somebody who has not the right to. @param mayCheck whether they have. */
export function refuseChecks({ steps = [], gates }: Pick<Partial<ParsedTaskInput>, "steps" | "gates">, mayCheck: boolean, path = "body"): void {
  if (mayCheck) return;
  const named = [
    ...commandsOf(gates, `${path}.gates`),
    ...steps.flatMap(({ check, gates: own }, at) => [
      ...(check ? [{ path: `${path}.steps[${at}].check`, command: check.command }] : []),
      ...commandsOf(own, `${path}.steps[${at}].gates`),
    ]),
  ];
  const [first] = named;
  if (!first) return;
  const roles = accessRoles.filter((role) => rightsOf[role].includes(CHECK_RIGHT)).join(", ");
  const message = `names a command for this server to run (${JSON.stringify(first.command.slice(0, 200))}), which takes the right ${CHECK_RIGHT}; roles that have it: ${roles}`;
  throw new Refusal("forbidden", `${first.path} ${message}.`, { issues: [{ path: first.path, message }] });
}
const commandsOf = (gates: ParsedTaskInput["gates"], path: string) =>
  (gates ?? []).flatMap((gate, at) => (gate.kind === "command" ? [{ path: `${path}[${at}]`, command: gate.command }] : []));
/** @throws Refusal `bad_input` where this server runs no commands, or has not got this one. */
export async function checkChecks(world: Pick<CommandWorld, "connectorOf">, steps: readonly StepInput[]): Promise<void> {
  for (const [at, { check }] of steps.entries()) {
    if (!check) continue;
    const { command, args } = check;
    const { check: checkCommand } = world.connectorOf("process");
    // Where a relative path leads is known when it is run.
    if (command.includes("/") && !isAbsolute(command)) continue;
    const agent = {
      id: "check",
      name: "check",
      connector: { kind: "process" as const, command, args, output: "text" as const },
      environment: {},
      resourceLimits: {},
    };
    await relocating("connector.", `body.steps[${at}].check.`, () => checkCommand(agent));
  }
}
