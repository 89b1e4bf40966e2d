// Checks are commands that this server runs: they come in by the door of those who may register agents that are commands, and by no other. Plans that
// agents make cannot name any.
import { isAbsolute } from "node:path";
import { accessRoles, Refusal, relocating, type Right, rightsOf, type StepInput } from "@baton/contract";
import type { CommandWorld } from "./commands.ts";

/** What naming a command takes that this server will run: the same as registering an agent that is one. */
export const CHECK_RIGHT: Right = "host";

/** @throws Refusal `forbidden` for a check named by somebody who has not the right to. @param mayCheck whether they have. */
export function refuseChecks(steps: readonly StepInput[] | undefined, mayCheck: boolean, path = "body.steps"): void {
  if (mayCheck) return;
  for (const [at, { check }] of (steps ?? []).entries()) {
    if (!check) continue;
    const roles = accessRoles.filter((role) => rightsOf[role].includes(CHECK_RIGHT)).join(", ");
    const message = `names a command for this server to run (${JSON.stringify(check.command.slice(0, 200))}), which takes the right ${CHECK_RIGHT}; roles that have it: ${roles}`;
    throw new Refusal("forbidden", `${path}[${at}].check ${message}.`, { issues: [{ path: `${path}[${at}].check`, message }] });
  }
}
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
