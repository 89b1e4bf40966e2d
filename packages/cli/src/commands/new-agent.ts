// `baton agents new`: a small agent of one's own, with its test, that runs as it is. What is written is copied from `examples/new-agent`; what names it is
// made here.
import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { type Cli, show } from "../cli.ts";
import { BadUsage } from "../exit.ts";
import { plain } from "../print/text.ts";

export interface NewOptions {
  kind: string;
  dir?: string;
  capabilities?: string[];
}
interface Made {
  name: string;
  dir: string;
  capabilities: string[];
}
const SAMPLES = fileURLToPath(new URL("../../../../examples/new-agent", import.meta.url));
const CLIENT = fileURLToPath(new URL("../../../client", import.meta.url));
const PLACES = 4;

const kinds = {
  dialin: {
    reached: "It connects to Baton and waits for work: nothing has to be registered, and it may run anywhere that reaches Baton.",
    registration: undefined,
    next: ({ dir }: Made) => [`node ${shell(join(dir, "agent.mjs"))}`],
  },
  process: {
    reached: "Baton starts it for each piece of work, on Baton's own machine.",
    registration: ({ dir }: Made) => ({ kind: "process", command: process.execPath, args: [resolve(dir, "agent.mjs")] }),
    next: ({ dir }: Made) => [`npx baton agents add -f ${shell(join(dir, "agent.yaml"))}`],
  },
  http: {
    reached: "It answers over HTTP, on port 8006 of this machine.",
    registration: () => ({ kind: "http", endpoint: "http://127.0.0.1:8006" }),
    next: ({ dir }: Made) => [`node ${shell(join(dir, "agent.mjs"))}`, `npx baton agents add -f ${shell(join(dir, "agent.yaml"))}`],
  },
};

export async function newAgent(cli: Cli, { kind, dir: given, capabilities: said }: NewOptions, name = ""): Promise<undefined> {
  if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(name))
    throw new BadUsage(`An agent is called by a-z, 0-9, - . and _, such as word-counter; not ${JSON.stringify(name)}.`);
  if (!isKind(kind)) throw new BadUsage(`--kind is one of ${Object.keys(kinds).join(", ")}; not ${JSON.stringify(kind)}.`);
  const made = { name, dir: given ?? name, capabilities: said ?? [name.replaceAll(/[-.]/g, "_")] };
  await write(made, kind);
  const { next } = kinds[kind];
  const run = `npx baton run "one word and one more" --agent ${name} --wait`;
  const lines = [...next(made), run];
  show(cli, { ...made, kind, next: lines }, () =>
    [`The agent ${name} is in ${plain(made.dir)}. Try it, with Baton running:`, ...lines.map((line) => `  ${plain(line)}`)].join("\n"),
  );
}

async function write(made: Made, kind: keyof typeof kinds): Promise<void> {
  const { dir } = made;
  await makeDirectory(dir);
  for (const file of ["work.mjs", "work.test.mjs"]) await cp(join(SAMPLES, file), join(dir, file));
  await cp(join(SAMPLES, `${kind}-agent.mjs`), join(dir, "agent.mjs"));
  await writeFile(join(dir, "package.json"), `${JSON.stringify(toManifest(made, kind), null, 2)}\n`);
  await writeFile(join(dir, "README.md"), toReadme(made, kind));
  const connector = kinds[kind].registration?.(made);
  if (connector !== undefined) await writeFile(join(dir, "agent.yaml"), stringify({ ...toAbout(made), connector }));
  if (kind !== "dialin") return;
  // What `npm install` would make of the manifest, so that nothing has to be installed.
  await mkdir(join(dir, "node_modules/@baton"), { recursive: true });
  await symlink(CLIENT, join(dir, "node_modules/@baton/client"), "junction");
}

/** @throws BadUsage when something is there already */
async function makeDirectory(dir: string): Promise<void> {
  try {
    await mkdir(resolve(dir, ".."), { recursive: true });
    await mkdir(dir);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "EEXIST") throw new BadUsage(`${dir} is there already. Nothing was written; give another place with --dir.`);
    if (code === "") throw error;
    throw new BadUsage(`${dir} cannot be made: ${code}.`);
  }
}

const isKind = (kind: string): kind is keyof typeof kinds => Object.hasOwn(kinds, kind);
/** As it is typed into a shell. */
const shell = (path: string): string => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`);

const DESCRIPTION = "Counts words.";
const toAbout = ({ name, capabilities }: Made) => ({ name, description: DESCRIPTION, capabilities, maxConcurrentTasks: PLACES });

function toManifest({ name, dir, capabilities }: Made, kind: keyof typeof kinds): object {
  const always = { name, version: "0.1.0", private: true, description: DESCRIPTION, type: "module", engines: { node: ">=20.19" } };
  const scripts = { ...(kind === "process" ? {} : { start: "node agent.mjs" }), test: "node --test" };
  if (kind !== "dialin") return { ...always, scripts };
  return {
    ...always,
    agent: { capabilities, maxConcurrentTasks: PLACES },
    scripts,
    dependencies: { "@baton/client": `file:${relative(resolve(dir), CLIENT)}` },
  };
}

function toReadme(made: Made, kind: keyof typeof kinds): string {
  const { name, capabilities } = made;
  const { reached, next, registration } = kinds[kind];
  const here = next({ ...made, dir: "." }).join("\n");
  const where = registration === undefined ? "`package.json`, under `agent`" : "`agent.yaml`";
  return `# ${name}

An agent for Baton. ${reached}

\`\`\`sh
npm test
${here}
npx baton run "one word and one more" --agent ${name} --wait
\`\`\`

\`npx baton\` works in Baton's checkout; elsewhere, give it the way to \`packages/cli/bin/baton.mjs\` there.

- [work.mjs](work.mjs) is what it does: counting words, until you change it. [work.test.mjs](work.test.mjs) tests that alone.
- [agent.mjs](agent.mjs) is how it is reached.
- What it can do (\`${capabilities.join("`, `")}\`) and how much at once stand in ${where}. Tasks that require it come to this agent, whoever hands them in.
`;
}
