// A text file of a work tree, by its path in it; never one that lies elsewhere, whatever links lead there.
import { open, realpath } from "node:fs/promises";
import { resolve, sep } from "node:path";

const MAX_BYTES = 4 << 20;
/** undefined for what is not there, not inside, no text, or too long. */
export async function readLines(root: string, path: string): Promise<string[] | undefined> {
  const [base, target] = await Promise.all([root, resolve(root, path)].map((each) => realpath(each).catch(() => "")));
  if (!base || !target?.startsWith(base + sep)) return undefined;
  const file = await open(target, "r");
  try {
    const facts = await file.stat();
    if (!facts.isFile() || facts.size > MAX_BYTES) return undefined;
    const bytes = await file.readFile();
    return bytes.includes(0) ? undefined : bytes.toString("utf8").replace(/\n$/, "").split("\n");
  } finally {
    await file.close();
  }
}
