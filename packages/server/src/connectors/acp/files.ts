// Files that an agent reads and writes through its client, inside the working directory only: links are followed before a path is judged.
// It is no wall around the agent, which can open files by itself; it keeps what is asked of this server to where the agent works.
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, isAbsolute } from "node:path";
import { RequestError } from "@agentclientprotocol/sdk";
import { isInside } from "../working-directory.ts";

const MAX_FILE = 4 * 1024 * 1024;

export interface Place {
  cwd: string;
  /** Asked before a file inside is touched. @throws RequestError when it may not be. */
  mayTouch(path: string): Promise<void>;
}

/** @throws RequestError as the protocol has it; nothing else. */
export async function readFileFor({ cwd, mayTouch }: Place, path: string, line: number, limit: number): Promise<string> {
  return told(path, async () => {
    await mustBeInside(cwd, path);
    await mayTouch(path);
    const found = await stat(path);
    // Reading what is no file, such as a pipe, may never end.
    if (!found.isFile()) throw RequestError.invalidParams({ path }, "it is not a file");
    if (found.size > MAX_FILE) throw RequestError.invalidParams({ path }, `it is larger than ${MAX_FILE} bytes`);
    const content = await readFile(path, "utf8");
    return line <= 1 && limit === Number.POSITIVE_INFINITY ? content : linesOf(content, line, limit);
  });
}
/** @throws RequestError as the protocol has it; nothing else. */
export async function writeFileFor({ cwd, mayTouch }: Place, path: string, content: string): Promise<void> {
  return told(path, async () => {
    await mustBeInside(cwd, path);
    await mayTouch(path);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && !found.isFile()) throw RequestError.invalidParams({ path }, "it is not a file");
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  });
}

async function mustBeInside(cwd: string, path: string): Promise<void> {
  if (!isAbsolute(path)) throw RequestError.invalidParams({ path }, "the path must be absolute");
  if (!(await isInside(cwd, path))) throw RequestError.invalidParams({ path }, "it is outside the working directory");
}
function linesOf(content: string, line: number, limit: number): string {
  const lines = content.split("\n").slice(Math.max(0, line - 1));
  return lines.slice(0, Math.min(limit, lines.length)).join("\n");
}
async function told<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof RequestError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw RequestError.resourceNotFound(path);
    throw RequestError.internalError({ path, code: code ?? "unknown" }, error instanceof Error ? error.message : String(error));
  }
}
