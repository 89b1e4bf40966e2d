// The server as a process: environment -> app -> signals.
import { startBaton } from "./app/app.ts";

const baton = await startBaton();
let stopping = false;
async function stop(): Promise<void> {
  if (stopping) process.exit(1);
  stopping = true;
  await baton.stop();
  process.exit(0);
}
process.on("SIGINT", () => void stop());
process.on("SIGTERM", () => void stop());
