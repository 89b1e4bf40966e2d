// tmux by its command line, on a socket of our own: nobody else's sessions are seen, and no configuration is read. Nothing passes a shell.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const CALL_MS = 10_000;
const MAX_OUTPUT = 32 << 20;

export interface Pane {
  pid: number;
  isDead: boolean;
  exitCode: number | null;
  /** Lines that have scrolled off the top. */
  history: number;
  row: number;
  column: number;
}
export interface SessionPlan {
  session: string;
  cwd: string;
  columns: number;
  rows: number;
  /** The whole environment of the program, nothing beside it. */
  environment: Record<string, string>;
  command: string;
  args: readonly string[];
}
export type Tmux = ReturnType<typeof openTmux>;

export function openTmux(socket: string) {
  const call = async (...args: string[]): Promise<string> => {
    const environment = { PATH: "/usr/local/bin:/usr/bin:/bin", LANG: "C.UTF-8", TERM: "xterm-256color", HOME: "/nonexistent" };
    const { stdout } = await run("tmux", ["-S", socket, "-f", "/dev/null", ...args], { timeout: CALL_MS, maxBuffer: MAX_OUTPUT, env: environment, cwd: "/" });
    return stdout;
  };
  /** Exactly this session: tmux would also take the beginning of another one's name. */
  const target = (session: string, window = "main"): string => `=${session}:${window}`;
  return {
    socket,
    attachCommand: (session: string): string => `tmux -S ${socket} attach -t =${session}`,
    /** Sessions on this socket; none when no tmux runs there. */
    list: async (): Promise<string[]> => {
      const found = await call("list-sessions", "-F", "#{session_name}").catch(() => "");
      return found.split("\n").filter((name) => name !== "");
    },
    start: async ({ session, cwd, columns, rows, environment, command, args }: SessionPlan): Promise<void> => {
      const words = ["env", "-i", ...Object.entries(environment).map(([name, value]) => `${name}=${value}`), command, ...args];
      // Dead panes stay, so that their last words and exit code can be read.
      await call(
        "start-server",
        ";",
        "set-option",
        "-g",
        "history-limit",
        "20000",
        ";",
        "set-option",
        "-g",
        "remain-on-exit",
        "on",
        ";",
        "set-option",
        "-g",
        "escape-time",
        "0",
        ";",
        "new-session",
        "-d",
        "-s",
        session,
        "-n",
        "main",
        "-c",
        cwd,
        "-x",
        String(columns),
        "-y",
        String(rows),
        "--",
        ...words,
      );
    },
    addWindow: async (session: string, window: string, words: readonly string[]): Promise<void> => {
      await call("new-window", "-d", "-t", `=${session}:`, "-n", window, "--", ...words);
    },
    /** undefined when the session is gone. */
    pane: async (session: string): Promise<Pane | undefined> => {
      const format = "#{pane_pid} #{pane_dead} #{pane_dead_status} #{history_size} #{cursor_y} #{cursor_x}";
      const told = await call("display-message", "-p", "-t", target(session), format).catch(() => undefined);
      const fields = /^(\d+) ([01]) (\d*) (\d+) (\d+) (\d+)\s*$/.exec(told ?? "");
      if (!fields) return undefined;
      const number = (at: number): number => Number(fields[at]);
      return {
        pid: number(1),
        isDead: fields[2] === "1",
        exitCode: fields[3] === "" ? null : number(3),
        history: number(4),
        row: number(5),
        column: number(6),
      };
    },
    /** The rendered lines from `from` (0: the top of the screen; negative: in the history) to the end, wrapped ones joined. */
    lines: async (session: string, from: number): Promise<string[]> => {
      const text = await call("capture-pane", "-p", "-J", "-t", target(session), "-S", String(from));
      return text
        .replace(/\n$/, "")
        .split("\n")
        .map((line) => line.trimEnd());
    },
    /** Typed as it is, many lines as one paste. */
    type: async (session: string, text: string): Promise<void> => {
      if (!text.includes("\n")) {
        for (let at = 0; at < text.length; at += 4000) await call("send-keys", "-t", target(session), "-l", "--", text.slice(at, at + 4000));
        return;
      }
      const buffer = `baton-${session}`;
      await call("set-buffer", "-b", buffer, "--", text);
      await call("paste-buffer", "-d", "-p", "-r", "-b", buffer, "-t", target(session));
    },
    keys: async (session: string, ...keys: string[]): Promise<void> => {
      await call("send-keys", "-t", target(session), ...keys);
    },
    /** Writes everything the program says to a file, as it comes. */
    pipeTo: async (session: string, file: string): Promise<void> => {
      // One that has ended already says nothing more.
      await call("pipe-pane", "-O", "-t", target(session), `exec cat >> '${file.replaceAll("'", "'\\''")}'`).catch(() => undefined);
    },
    /** When somebody who is attached typed last, in milliseconds since 1970; undefined when nobody is attached. */
    lastTypedAt: async (session: string): Promise<number | undefined> => {
      const told = await call("list-clients", "-t", `=${session}`, "-F", "#{client_activity}").catch(() => "");
      const times = told
        .split("\n")
        .filter((line) => /^\d+$/.test(line))
        .map((line) => Number(line) * 1000);
      return times.length === 0 ? undefined : Math.max(...times);
    },
    end: async (session: string): Promise<void> => {
      await call("kill-session", "-t", `=${session}`).catch(() => undefined);
    },
    version: async (): Promise<string> => (await call("-V")).trim(),
  };
}
