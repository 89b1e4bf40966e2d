// What the program in a terminal writes, as it comes through tmux's pipe: shown by the emulator, kept on disk up to a bound.
import { execFile } from "node:child_process";
import { constants, openSync, rmSync } from "node:fs";
import { appendFile, rename, stat } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { promisify } from "node:util";
import type { Emulator } from "./screen.ts";

/** On disk, in bytes: the newest in `output.log`, as much again before it in `output.1.log`. */
const KEPT_ON_DISK = 2 * 2 ** 20;

export interface Output {
  /** To be given to tmux. */
  pipe: string;
  /** From here on what comes is shown; it waits until then. */
  begin(): void;
  bytes(): number;
  /** When something last came, by the clock. */
  changedAt(): number;
  /** For what is written from now on; called once the screen shows it. */
  onText(listener: (text: string) => void): () => void;
  /** Resolves when the program's end of the pipe is closed: it ended, or tmux did. */
  ended: Promise<void>;
  close(): Promise<void>;
}

export async function openOutput(folder: string, emulator: Emulator, now: () => number): Promise<Output> {
  const pipe = join(folder, "output");
  rmSync(pipe, { force: true });
  await promisify(execFile)("mkfifo", ["-m", "600", pipe]);
  // Not blocking: nobody writes yet. A socket, so that a quiet terminal occupies none of the few threads files are read by.
  const socket = new Socket({ fd: openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK), readable: true, writable: false });
  const decoder = new StringDecoder("utf8");
  const listeners = new Set<(text: string) => void>();
  let bytes = 0;
  let changedAt = now();
  let shown: Promise<unknown> = Promise.resolve();
  const ended = new Promise<void>((resolve) => {
    socket.once("close", () => void shown.then(() => resolve()));
    socket.on("error", () => socket.destroy());
  });
  const take = (chunk: Buffer): void => {
    bytes += chunk.length;
    const text = decoder.write(chunk);
    // No more is read than is shown: a program that floods waits for its screen.
    socket.pause();
    shown = Promise.all([emulator.write(chunk), keep(folder, chunk)]).then(() => {
      changedAt = now();
      for (const listener of listeners) listener(text);
      socket.resume();
    });
  };
  return {
    pipe,
    begin: () => void socket.on("data", take),
    bytes: () => bytes,
    changedAt: () => changedAt,
    onText: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    ended,
    close: () => {
      socket.destroy();
      return ended;
    },
  };
}

/** A full disk must not end an agent: what it says is on its screen. */
async function keep(folder: string, chunk: Buffer): Promise<void> {
  const file = join(folder, "output.log");
  try {
    await appendFile(file, chunk, { mode: 0o600 });
    if ((await stat(file)).size >= KEPT_ON_DISK) await rename(file, join(folder, "output.1.log"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}
