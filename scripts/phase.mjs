// One line per phase of the commands: what is being done, and how long it took. Plain Node: it runs before anything is installed.
import { spawn } from "node:child_process";

const TICK_MS = 200;

/** A command ended badly; what it printed has been shown in full. */
export class PhaseFailed extends Error {
  /** @param {string} message @param {number} exitCode */
  constructor(message, exitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

const seconds = (/** @type {number} */ since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/**
 * Runs `work` under one line of progress; on a terminal the line counts the seconds.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function phase(title, work) {
  const began = performance.now();
  const live = process.stdout.isTTY;
  const show = (/** @type {string} */ mark, /** @type {string} */ end) =>
    process.stdout.write(`${live ? "\r\x1b[2K" : ""}${mark} ${title}  ${seconds(began)}${end}`);
  const tick = live ? setInterval(() => show("·", ""), TICK_MS) : undefined;
  try {
    const result = await work();
    clearInterval(tick);
    show("✓", "\n");
    return result;
  } catch (error) {
    clearInterval(tick);
    show("✗", "\n");
    throw error;
  }
}

/**
 * Runs a command quietly; what it says is kept, and shown whole when it fails.
 * @param {string} command @param {string[]} args @param {string} cwd
 * @returns {Promise<void>}
 */
export function quietly(command, args, cwd) {
  return new Promise((resolve, reject) => {
    const colours = process.stderr.isTTY ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" };
    const child = spawn(command, args, { cwd, env: { ...process.env, ...colours }, stdio: ["ignore", "pipe", "pipe"], shell: process.platform === "win32" });
    /** @type {Buffer[]} */
    const said = [];
    child.stdout.on("data", (chunk) => said.push(chunk));
    child.stderr.on("data", (chunk) => said.push(chunk));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) return resolve();
      const text = Buffer.concat(said).toString().trim();
      reject(new PhaseFailed(`${text}\n\n\`${[command, ...args].join(" ")}\` ended with ${signal ?? `exit code ${code}`}.`, code ?? 1));
    });
  });
}

/**
 * Runs a command in this terminal and answers with its exit code.
 * @param {string} command @param {string[]} args @param {string} cwd @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<number>}
 */
export function openly(command, args, cwd, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: "inherit", shell: process.platform === "win32" });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(signal === null ? (code ?? 1) : 1));
  });
}

/**
 * Carries out a step and tells what it has against things, without ending the command.
 * @param {() => Promise<void>} step
 * @returns {Promise<boolean>} whether it had nothing against them
 */
export async function passes(step) {
  try {
    await step();
    return true;
  } catch (error) {
    if (!(error instanceof PhaseFailed)) throw error;
    process.stderr.write(`\n${error.message}\n\n`);
    return false;
  }
}

/**
 * Carries out a command's `main`; a failed phase is told in full and sets the exit code, a bug keeps its stack.
 * @param {() => Promise<number | undefined>} main
 */
export async function carryOut(main) {
  try {
    process.exitCode = (await main()) ?? process.exitCode ?? 0;
  } catch (error) {
    if (!(error instanceof PhaseFailed)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}
