// npm run bench: Baton beside named peers and beside the bare limit of its stores; same machine, same run, interleaved.
import { fileURLToPath } from "node:url";
import { benches } from "./benches/list.mjs";
import { parseArguments } from "./harness/arguments.mjs";
import { toLines } from "./harness/figures.mjs";
import { installPeers, prepareBaton } from "./harness/install.mjs";
import { openLab } from "./harness/lab.mjs";
import { machineFacts } from "./harness/machine.mjs";
import { printReport } from "./harness/report.mjs";

const asked = parseArguments(
  process.argv.slice(2),
  benches.map((bench) => bench.name),
);
/** Progress goes to stderr: stdout is the table or the lines, nothing else. */
const say = (text) => process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${text}` : `${text}\n`);

prepareBaton();
installPeers(fileURLToPath(new URL(".", import.meta.url)), say);
const lab = await openLab({ ...asked, say });
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => lab.abort(`ended by ${signal}`));
try {
  const facts = machineFacts(lab);
  if (asked.json) say(facts);
  else console.log(facts);
  for (const bench of benches.filter((one) => asked.names.includes(one.name))) await runBench(bench);
} catch (error) {
  console.error(lab.signal.aborted ? lab.signal.reason.message : error);
  process.exitCode = lab.signal.aborted ? 130 : 1;
} finally {
  await lab.close();
}

async function runBench(bench) {
  const results = await bench.run({ ...lab, say: (text) => say(`${bench.name}, ${text}`) });
  if (process.stderr.isTTY) say("");
  if (asked.json) for (const figure of results.figures) for (const line of toLines(figure)) console.log(JSON.stringify(line));
  else await printReport(results);
  for (const figure of results.figures.filter((one) => one.isFailure)) {
    if (asked.json) console.error(`${figure.label} failed: ${figure.why}`);
    process.exitCode = 1;
  }
}
