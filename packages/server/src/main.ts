// The server as a process: environment -> app -> signals.
import { Refusal } from "@baton/contract";
import { startBaton } from "./app/app.ts";

const baton = await startBaton().catch((error: unknown) => {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`refused: ${error.message}\n`);
  process.exit(1);
});
let stopping = false;
async function stop(): Promise<void> {
  if (stopping) process.exit(1);
  stopping = true;
  await baton.stop();
  process.exit(0);
}
process.on("SIGINT", () => void stop());
process.on("SIGTERM", () => void stop());
