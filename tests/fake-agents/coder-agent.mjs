// A coding agent without a model, for tests: works in the git work tree it is started in, by the lines of its description, each a verb and what it is about.
//
//   write PATH TEXT   writes a file, with | for the end of a line
//   wait PATH         until that file is there
//   hang              never ends
//
// Told that its work does not merge, it commits it, merges the branch it is told of, and writes the file that CODER_RESOLVES names, `PATH TEXT`, with | for the
// end of a line. Told of anything else, it changes nothing and says that it has.
import { execFileSync } from "node:child_process";
import { existsSync, watch, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const git = (...args) => execFileSync("git", ["-c", "user.name=Coder", "-c", "user.email=coder@example.org", ...args], { encoding: "utf8" });

/** Of a file by its directory: no time passes between the look and the watch. */
const appears = (path) =>
  new Promise((resolve) => {
    const watcher = watch(dirname(path), () => {
      if (!existsSync(path)) return;
      watcher.close();
      resolve();
    });
    if (existsSync(path)) {
      watcher.close();
      resolve();
    }
  });
function merge(branch) {
  git("add", "-A");
  git("commit", "-qm", "What I have");
  try {
    git("merge", "-q", branch);
  } catch (error) {
    // It ends with 1 where it leaves conflicts to be resolved.
    if (error.status !== 1) throw error;
  }
}
const verbs = {
  write: (path, text) => writeFileSync(path, `${text.replaceAll("|", "\n")}\n`),
  wait: (path) => appears(path),
  hang: () => new Promise(() => setInterval(() => undefined, 1_000_000)),
};

let text = "";
for await (const chunk of process.stdin) text += chunk;
const { description } = JSON.parse(text);
const [, branch] = /cannot be merged into (\S+),/.exec(description) ?? [];
const isTold = description.startsWith("Your work on ");
if (branch !== undefined) {
  merge(branch);
  const [path, ...words] = (process.env.CODER_RESOLVES ?? "").split(" ");
  verbs.write(path, words.join(" "));
  git("add", "-A");
  git("commit", "-qm", "Both");
} else if (!isTold) {
  for (const line of description.split("\n")) {
    const [verb, path, ...words] = line.split(" ");
    await verbs[verb]?.(path, words.join(" "));
  }
}
process.stdout.write(`${JSON.stringify({ output: isTold ? "I looked at it." : "It is done." })}\n`);
