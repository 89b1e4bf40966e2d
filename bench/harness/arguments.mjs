// The command line: names of benches, --quick, --json, --only for some contenders, --rounds for more or fewer of them.
import { parseArgs } from "node:util";

const usage = (names) => `npm run bench -- [names] [--quick] [--json] [--only a,b] [--rounds n]

  names      of ${names.join(", ")}; all when none is given
  --quick    fewer tasks, rounds and samples: minutes become seconds, and figures rougher
  --json     one JSON object a line instead of a table
  --only     contenders to measure, by comma (baton-postgres, bare-sqlite, bullmq …)
  --rounds   how often each contender is measured, interleaved
`;

/** @returns what was asked for, or prints what may be asked for and ends the process: 0 when help was wanted, 2 when not understood. */
export function parseArguments(args, known) {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        quick: { type: "boolean" },
        json: { type: "boolean" },
        only: { type: "string" },
        rounds: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help) return end(0, process.stdout, usage(known));
    const stranger = positionals.find((name) => !known.includes(name));
    if (stranger !== undefined) throw new Error(`There is no bench named ${stranger}.`);
    const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
    if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) throw new Error(`--rounds must be a number from 1, not ${values.rounds}.`);
    return {
      names: positionals.length > 0 ? positionals : known,
      quick: values.quick ?? false,
      json: values.json ?? false,
      only: values.only?.split(","),
      rounds,
    };
  } catch (error) {
    return end(2, process.stderr, `${error.message}\n\n${usage(known)}`);
  }
}

function end(code, stream, text) {
  stream.write(text);
  process.exit(code);
}
