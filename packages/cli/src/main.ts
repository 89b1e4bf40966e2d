// The process: arguments and streams in, an exit code out, signals made an abort.
import { runBaton } from "./program.ts";
import { openTerminal } from "./terminal.ts";

const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // The first asks; a second one finds Node's own handler and ends the process.
  process.once(signal, () => interruption.abort());
}
// `baton events | head` closes the pipe: that is how it is told to stop.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

process.exitCode = await runBaton(process.argv.slice(2), openTerminal(process.stdout, process.stderr, process.env), interruption.signal);
