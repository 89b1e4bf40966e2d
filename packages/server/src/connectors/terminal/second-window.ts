// The second window of an agent's terminal: what the agent uses, or for a worker what waits for it. When the server that watches over the
// terminal is gone, kill -9 included, it holds the agent still, and ends all of it unless another server takes it up in time. It knows by a
// pipe whose other end only that server has.
import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Work } from "@baton/contract";
import type { ConnectorAgent } from "../connector.ts";
import type { Tmux } from "./tmux.ts";

export interface Windows {
  /** The pipe that ends with this server. */
  lifeline: string;
  /** How long an agent waits for a server that takes it up. */
  waitSeconds: number;
  close(): void;
}
export function openWindows(folder: string, waitSeconds: number): Windows {
  // Of this server alone: two may share a folder.
  const lifeline = join(folder, `alive-${process.pid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  rmSync(lifeline, { force: true });
  execFileSync("mkfifo", ["-m", "600", lifeline]);
  // For both ways, or it could not be opened before somebody reads. Nothing is ever written.
  const held = openSync(lifeline, constants.O_RDWR | constants.O_NONBLOCK);
  return {
    lifeline,
    waitSeconds,
    close: () => {
      closeSync(held);
      rmSync(lifeline, { force: true });
    },
  };
}

/** $1 the session of the agent's processes, $2 the lifeline, $3 tmux's socket, $4 the session in tmux, $5 how long to wait, $6 the file to show, or nothing. */
const WINDOW = `
signal() {
  for stat in /proc/[0-9]*/stat; do
    { read -r facts <"$stat"; } 2>/dev/null || continue
    pid=\${facts%% *}
    set -- "$1" "$2" \${facts##*) }
    [ "$6" = "$1" ] && [ "$pid" != "$1" ] && kill "-$2" "$pid" 2>/dev/null
  done
}
if [ -n "$6" ]; then tail -n +1 -F "$6" 2>/dev/null &
else
  while kill -0 "$1" 2>/dev/null; do
    printf '\\033[H\\033[2J'
    ps -o pid,stat,pcpu,rss,etime,args -s "$1" 2>/dev/null || printf 'ps is not installed here.\\n'
    sleep 5
  done &
fi
cat "$2" >/dev/null 2>&1
signal "$1" STOP
sleep "$5"
signal "$1" KILL
kill -KILL "-$1" 2>/dev/null
exec tmux -S "$3" kill-session -t "=$4"
`;
export async function openWindow(
  { tmux, windows }: { tmux: Tmux; windows: Windows },
  agent: ConnectorAgent,
  session: string,
  group: number,
  place: string,
): Promise<void> {
  const isWorker = agent.type === "worker";
  if (isWorker) writeFileSync(queueFile(place), "", { mode: 0o600 });
  const shows = isWorker ? queueFile(place) : "";
  const words = ["/bin/sh", "-c", WINDOW, "baton-window", String(group), windows.lifeline, tmux.socket, session, String(windows.waitSeconds), shows];
  await tmux.addWindow(session, isWorker ? "queue" : "monitor", words);
}
const queueFile = (place: string): string => join(place, "queue");

/** The first works, the others wait. A new file each time: whoever follows its name shows it whole. */
export function showQueue(place: string, line: readonly Work[]): void {
  const [first, ...others] = line.map(({ title, attemptId }) => `${title.slice(0, 100)}  (${attemptId})`);
  const words = first === undefined ? ["Nothing to do."] : [`Works on ${first}`, `${others.length} wait`, ...others.slice(0, 30)];
  writeFileSync(`${queueFile(place)}.part`, `\u001b[H\u001b[2J${words.map((word) => word.replaceAll(/\p{Cc}/gu, " ")).join("\n")}\n`, { mode: 0o600 });
  renameSync(`${queueFile(place)}.part`, queueFile(place));
}
