// tmux by its command line, on a socket of our own: nobody else's sessions are seen, and no configuration is read. Nothing passes a shell.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";

const CALL_MS = 10_000;
const MAX_OUTPUT = 32 << 20;

export interface SessionPlan {
  session: string;
  cwd: string;
  columns: number;
  rows: number;
  /** The whole environment of the program, nothing beside it. */
  environment: Record<string, string>;
  command: string;
  args: readonly string[];
  /** Where all that it writes goes, from the first byte on. */
  pipe: string;
}
export type Tmux = ReturnType<typeof openTmux>;

/** Of tmux itself and of its second windows. */
const OWN_ENVIRONMENT = { PATH: "/usr/local/bin:/usr/bin:/bin", LANG: "C.UTF-8", TERM: "xterm-256color", HOME: "/nonexistent" };
const OPTIONS = ["history-limit 5000", "default-terminal screen-256color", "default-shell /bin/sh", "allow-rename off"];

export function openTmux(socket: string) {
  const callWith = ({ environment, input }: { environment?: Record<string, string>; input?: string }, args: readonly string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = { timeout: CALL_MS, maxBuffer: MAX_OUTPUT, env: environment ?? OWN_ENVIRONMENT, cwd: "/" };
      const words = ["-u", "-S", socket, "-f", "/dev/null", ...args];
      const child = execFile("tmux", words, options, (error, stdout, stderr) =>
        error ? reject(new Error(`tmux ${args[0]}: ${stderr.trim() || error.message}`)) : resolve(stdout),
      );
      // It may end before it has read everything: its exit tells why.
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(input ?? "");
    });
  const call = (...args: string[]): Promise<string> => callWith({}, args);
  let starting: Promise<void> = Promise.resolve();
  /** Exactly this session: tmux would also take the beginning of another one's name. */
  const target = (session: string, window = "main"): string => `=${session}:${window}`;
  return {
    socket,
    attachCommand: (session: string): string => `tmux -S ${socket} attach -t =${session}`,
    /** Sessions on this socket; none when no tmux runs there. */
    list: async (): Promise<string[]> => {
      if (!existsSync(socket)) return [];
      const found = await call("list-sessions", "-F", "#{session_name}").catch(() => "");
      return found.split("\n").filter((name) => name !== "");
    },
    /** The environment goes by that of the call: on a command line everybody on the machine could read it, for as long as tmux runs. @returns the process. */
    start: ({ session, cwd, columns, rows, environment, command, args, pipe }: SessionPlan): Promise<number> => {
      const begin = async (): Promise<number> => {
        const options = OPTIONS.flatMap((option) => [";", "set-option", "-g", ...option.split(" ")]);
        // Started by itself, or the first agent's environment would be every agent's. It stays until there is a session.
        await call("start-server", ";", "set-option", "-s", "exit-empty", "off", ";", "set-option", "-s", "escape-time", "0", ...options);
        const size = ["-x", String(columns), "-y", String(rows)];
        try {
          const begun = ["new-session", "-d", "-s", session, "-n", "main", "-c", cwd, ...size, "-P", "-F", "#{pane_pid}", "--"];
          const piped = ["pipe-pane", "-O", "-t", target(session), toPipe(pipe)];
          // So its size is ours, whoever attaches. (As a default for all windows it ends tmux 3.3.)
          const sized = ["resize-window", "-t", target(session), ...size];
          const named = ["set-option", "-g", "update-environment", Object.keys(environment).join(" ")];
          const words = [...named, ";", ...begun, ...[command, ...args].map(asOneWord), ";", ...piped, ";", ...sized];
          const pid = await callWith({ environment }, words);
          return Number(pid);
        } finally {
          await call("set-option", "-s", "exit-empty", "on");
        }
      };
      const begun = starting.then(begin, begin);
      starting = begun.then(
        () => undefined,
        () => undefined,
      );
      return begun;
    },
    /** Of a session, with the process that each began with; none when there is no such session. */
    windows: async (session: string): Promise<{ id: string; name: string; pid: number }[]> => {
      const found = await call("list-panes", "-s", "-t", `=${session}`, "-F", "#{window_id} #{pane_pid} #{window_name}").catch(() => "");
      return [...found.matchAll(/^(@\d+) (\d+) (.*)$/gm)].map(([, id = "", pid, name = ""]) => ({ id, name, pid: Number(pid) }));
    },
    endWindow: async (id: string): Promise<void> => {
      await call("kill-window", "-t", id).catch(() => undefined);
    },
    /** What a program writes from now on goes through this pipe. @returns what stands on its screen and above, for an emulator of the same size. */
    takeOver: async (session: string, pipe: string): Promise<string> => {
      const format = ["display-message", "-p", "-t", target(session)];
      const isFull = (await call(...format, "#{alternate_on}")).trim() === "1";
      const shown = ["capture-pane", "-p", "-e", "-J", ...(isFull ? [] : ["-S", "-"]), "-t", target(session)];
      const told = await call("pipe-pane", "-O", "-t", target(session), toPipe(pipe), ";", ...shown, ";", ...format, "#{cursor_y};#{cursor_x}");
      const lines = told.trimEnd().split("\n");
      const [row = 0, column = 0] = (lines.pop() ?? "").split(";").map((place) => Number(place) + 1);
      return `${isFull ? "\u001b[?1049h" : ""}${lines.join("\r\n")}\u001b[0m\u001b[${row};${column}H`;
    },
    /** In a session that has ended meanwhile there is none to add. */
    addWindow: async (session: string, window: string, words: readonly string[]): Promise<void> => {
      await call("new-window", "-d", "-t", `=${session}:`, "-n", window, "--", ...words.map(asOneWord)).catch(() => undefined);
    },
    /** Typed as it is, many lines as one paste. What is no text is left out: it would press keys. */
    type: async (session: string, text: string): Promise<void> => {
      const typed = toTypable(text);
      if (typed.length <= MAX_TYPED && !typed.includes("\n")) {
        await call("send-keys", "-t", target(session), "-l", "--", asOneWord(typed));
        return;
      }
      const buffer = `baton-${session}`;
      await callWith({ input: typed }, ["load-buffer", "-b", buffer, "-"]);
      await call("paste-buffer", "-d", "-p", "-b", buffer, "-t", target(session));
    },
    keys: async (session: string, ...keys: string[]): Promise<void> => {
      await call("send-keys", "-t", target(session), ...keys);
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

/** For a shell. tmux puts the time of day in place of % and its variables in place of #. */
const toPipe = (pipe: string): string => `exec cat > '${pipe.replaceAll("'", "'\\''")}'`.replaceAll("%", "%%").replaceAll("#", "##");
/** What is longer is pasted: a command line has an end. */
const MAX_TYPED = 4000;
/** Control characters are keys; a tab would complete. */
const toTypable = (text: string): string =>
  text
    .replaceAll("\r\n", "\n")
    .replaceAll("\t", "    ")
    .replaceAll(/[\p{Cc}]/gu, (character) => (character === "\n" ? character : " "));
/** A semicolon at the end of a word would begin another command of tmux. */
const asOneWord = (word: string): string => (word.endsWith(";") ? `${word.slice(0, -1)}\\;` : word);
