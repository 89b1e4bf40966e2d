// The command line as a whole: every command, the options all of them take, and one place where errors become exit codes.
import { Command, Option } from "commander";
import { addAgentCommands } from "./commands/agents.ts";
import { addAuditCommands } from "./commands/audit.ts";
import { addApprovalCommands } from "./commands/approvals.ts";
import { addBudgetCommands } from "./commands/budgets.ts";
import { openAct } from "./commands/command.ts";
import { addCheckpointCommands } from "./commands/checkpoints.ts";
import { addChatCommand } from "./commands/chat.ts";
import { addDemoCommand } from "./commands/demo.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addEventsCommand } from "./commands/events.ts";
import { addGateCommands } from "./commands/gates.ts";
import { addLandCommands } from "./commands/land.ts";
import { addMessageCommands } from "./commands/messages.ts";
import { addProjectCommands } from "./commands/projects.ts";
import { addRunCommand } from "./commands/run.ts";
import { addAccessCommands } from "./commands/access.ts";
import { addConfigCommand } from "./commands/config.ts";
import { addSecretCommands } from "./commands/secrets.ts";
import { addScheduleCommands } from "./commands/schedules.ts";
import { addSessionCommands } from "./commands/sessions.ts";
import { addTaskCommands } from "./commands/tasks.ts";
import { addTemplateCommands } from "./commands/templates.ts";
import { addToolCommands } from "./commands/tools.ts";
import { addUpCommand } from "./commands/up.ts";
import { addConflictCommands } from "./commands/conflicts.ts";
import { addWorkspaceCommands } from "./commands/workspaces.ts";
import { addVersionCommand, manifest } from "./commands/version.ts";
import { EXIT, tellError } from "./exit.ts";
import type { Terminal } from "./terminal.ts";

const EXIT_CODES = "\nExit codes: 0 done, 1 the task failed, 2 bad usage, 3 refused, 4 the server does not answer.";

/** Carries out one command line. Never throws. @returns the exit code */
export async function runBaton(argv: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<number> {
  let exitCode: number = EXIT.done;
  const program = openProgram(terminal, argv.includes("--json"));
  const act = openAct(terminal, signal, (code) => {
    exitCode = code;
  });
  for (const add of [
    addUpCommand,
    addRunCommand,
    addTaskCommands,
    addAgentCommands,
    addApprovalCommands,
    addTemplateCommands,
    addToolCommands,
    addScheduleCommands,
    addSessionCommands,
    addChatCommand,
    addBudgetCommands,
    addMessageCommands,
    addLandCommands,
    addGateCommands,
    addWorkspaceCommands,
    addCheckpointCommands,
    addConflictCommands,
    addAccessCommands,
    addProjectCommands,
    addAuditCommands,
    addSecretCommands,
    addConfigCommand,
    addEventsCommand,
    addDemoCommand,
    addDoctorCommand,
    addVersionCommand,
  ])
    add(program, act);
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    return tellError(error, terminal, argv.includes("--json"));
  }
}

function openProgram(terminal: Terminal, json: boolean): Command {
  return new Command("baton")
    .description("One control plane for AI agents.")
    .version(manifest.version, "-V, --version")
    .addOption(new Option("--url <url>", "where the server is").env("BATON_URL").default("http://127.0.0.1:8000"))
    .addOption(new Option("--api-key <key>", "credentials; better in the environment than in a list of processes").env("BATON_API_KEY"))
    .option("--json", "one JSON document for programs, or one a line for streams")
    .addHelpText("after", EXIT_CODES)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: (text) => terminal.out.write(text), writeErr: (text) => (json ? undefined : terminal.err.write(text)) })
    .showSuggestionAfterError()
    .helpCommand(false)
    .exitOverride();
}
