// A tiny command-line agent for tests: adds the last line of what it is asked to letter.txt in the directory it works in.
import { appendFileSync } from "node:fs";

let asked = "";
for await (const chunk of process.stdin) asked += chunk;
const { description } = JSON.parse(asked);
appendFileSync("letter.txt", `${description.trim().split("\n").at(-1)}\n`);
process.stdout.write(`${JSON.stringify({ output: "written" })}\n`);
