// Files an agent made and named as artifacts: their text is taken in before the attempt's directory is removed.
import { open, realpath } from "node:fs/promises";
import { resolve, sep } from "node:path";
import type { Artifact } from "@baton/contract";
import { toStorableText } from "./agent-text.ts";

/** The contract's bound on inline text. */
const MAX_CONTENT = 1_000_000;

/** An artifact without content that names a text file inside `directory` gets the file's text; every other stays as it is. */
export async function takeInFiles(artifacts: Artifact[] | undefined, directory: string): Promise<Artifact[] | undefined> {
  if (artifacts === undefined) return undefined;
  return Promise.all(
    artifacts.map(async (artifact) => (artifact.content === undefined ? { ...artifact, content: await readTextFile(directory, artifact.name) } : artifact)),
  );
}

/** undefined for what is not there, not inside, not a file, not text, or too long. */
async function readTextFile(directory: string, name: string): Promise<string | undefined> {
  if (name.includes("\u0000")) return undefined;
  const [root, path] = await Promise.all([directory, resolve(directory, name)].map((each) => realpath(each).catch(() => "")));
  if (!root || !path?.startsWith(root + sep)) return undefined;
  const file = await open(path, "r").catch(() => undefined);
  try {
    const facts = await file?.stat();
    if (file === undefined || !facts?.isFile() || facts.size > MAX_CONTENT) return undefined;
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.readFile());
    return text.length > MAX_CONTENT ? undefined : toStorableText(text);
  } catch (error) {
    if (error instanceof TypeError) return undefined; // Not UTF-8: not text.
    throw error;
  } finally {
    await file?.close();
  }
}
