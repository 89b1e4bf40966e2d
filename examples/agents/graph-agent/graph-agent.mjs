#!/usr/bin/env node
// Graph agent: any task, worked on in five stages (LangGraph.js) by a model of your choice, served over Agent2Agent. What it needs beside this
// checkout is installed on its first start, here and not by `npm start`.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isProgram, runProgram } from "../parts/command-line.mjs";
import { NO_MODEL, modelOptions, modelUsage, readModel } from "../parts/model.mjs";
import { Refusal } from "../parts/refusal.mjs";
import { toDoor, toPort } from "../parts/serve.mjs";

const folder = fileURLToPath(new URL(".", import.meta.url));
const log = (/** @type {string} */ line) => process.stderr.write(`graph-agent: ${line}\n`);

/** @throws Refusal when the registry cannot be reached */
function install() {
  try {
    import.meta.resolve("@langchain/langgraph");
    return;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND")) throw error;
  }
  log("installing what it needs (about 100 MB, once) …");
  try {
    execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder, stdio: ["ignore", 2, 2] });
  } catch (error) {
    throw new Refusal("install", `It could not be installed: ${error instanceof Error ? error.message : String(error)}. By hand: npm ci --prefix ${folder}`);
  }
}

if (isProgram(import.meta.url)) {
  await runProgram({
    name: "graph-agent",
    summary: "Works on any task in five stages, Analyze, Plan, Execute, Reflect and Finalize, by a model of your choice.",
    usage: `graph-agent.mjs [--port 8001]      answer Agent2Agent on 127.0.0.1 (PORT works too; 0 takes any free port)
${modelUsage}
    --max-reflections <n>  how often reflection may send the work back (default 2)
    --data-dir <path>      where it keeps its state (default .baton/graph-agent)
    --host <address>       to be reached from elsewhere; callers show AGENT_KEY
    --public-url <url>     its address as others see it, for its card
    --until-stdin-ends     stop when stdin closes, that is, when whoever started it is gone`,
    options: {
      ...modelOptions,
      port: { type: "string" },
      host: { type: "string" },
      "public-url": { type: "string" },
      "data-dir": { type: "string" },
      "max-reflections": { type: "string" },
      "until-stdin-ends": { type: "boolean" },
    },
    run: async ({ values, signal }) => {
      const port = toPort(values.port ?? process.env.PORT ?? 8001);
      const door = toDoor(values);
      const model = readModel(values, process.env);
      const maxReflections = toCount(values["max-reflections"] ?? 2);
      install();
      const [{ buildGraph }, { openMemory }, { openExecutor }, { startServer }] = await Promise.all([
        import("./graph.mjs"),
        import("./memory.mjs"),
        import("./executor.mjs"),
        import("./server.mjs"),
      ]);
      const memory = openMemory(join(toText(values["data-dir"]) ?? ".baton/graph-agent", "memory.db"));
      const graph = model && buildGraph({ model, saver: memory.saver, maxReflections });
      const executor = openExecutor({ graph, memory, log });
      const about = { model: model === undefined ? null : `${model.provider}/${model.name}` };
      const publicUrl = toText(values["public-url"]);
      const server = await startServer({ executor, memory, about, door, port, publicUrl, log });
      if (model === undefined) log(`${NO_MODEL} Until then every task is refused.`);
      const gone = new Promise((resolve) => {
        signal.addEventListener("abort", resolve, { once: true });
        if (values["until-stdin-ends"]) process.stdin.once("close", resolve).resume();
      });
      process.stdout.write(`${JSON.stringify({ listening: { name: "graph-agent", port: server.port, ...about } })}\n`);
      if (model !== undefined) await server.resume();
      await gone;
      await server.close();
      memory.close();
      return undefined;
    },
  });
}

/** @param {unknown} value */
function toText(value) {
  return typeof value === "string" ? value : undefined;
}
/** @param {unknown} value */
function toCount(value) {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 0 || count > 10)
    throw new Refusal("usage", `--max-reflections takes a number from 0 to 10; ${JSON.stringify(value)} is none.`);
  return count;
}
