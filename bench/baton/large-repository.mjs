// A repository of many small text files, 20 a directory, with one commit.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FILES_PER_DIRECTORY = 20;
const LINES = 40;

export function makeRepository(path, files) {
  const text = Array.from({ length: LINES }, (_, at) => `line ${at}\n`).join("");
  for (let number = 0; number < files; number++) {
    const file = join(path, fileName(number));
    if (number % FILES_PER_DIRECTORY === 0) mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, `file ${number}\n${text}`);
  }
  const git = (...args) => execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args], { cwd: path, stdio: "ignore" });
  git("init", "-b", "main");
  git("add", "-A");
  git("commit", "-m", "Begin");
}
export const fileName = (number) => `src/d${Math.floor(number / FILES_PER_DIRECTORY / 25)}/e${Math.floor(number / FILES_PER_DIRECTORY)}/file-${number}.txt`;
