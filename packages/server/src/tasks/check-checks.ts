// Checks are commands that this server runs: they come in by the door of those who may register agents that are commands, and by no other. Plans that
// agents make cannot name any.
import { isAbsolute } from "node:path";
import { relocating, type StepInput } from "@baton/contract";
import type { CommandWorld } from "./commands.ts";

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
