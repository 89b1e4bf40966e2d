// The library of plans: files of YAML that come with the program, and those of a directory of the operator's, which win. Read at start.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { planTemplate, type PlanTemplate, Refusal } from "@baton/contract";
import { templateProblem } from "../planning/expand-template.ts";
import { parseYamlFile } from "../std/yaml-file.ts";

export interface PlanLibrary {
  list(): PlanTemplate[];
  /** @throws Refusal `bad_input` naming those there are. */
  get(name: string): PlanTemplate;
}
const builtin = fileURLToPath(new URL("../../plans", import.meta.url));

/** @throws Refusal `bad_input` naming the file that is no plan, with line and column of what is wrong. */
export function openPlanLibrary(directory: string | undefined): PlanLibrary {
  const known = new Map([builtin, ...(directory === undefined ? [] : [directory])].flatMap(readPlans).map((plan) => [plan.name, plan]));
  const list = () => [...known.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    list,
    get: (name) => {
      const plan = known.get(name);
      if (plan) return plan;
      const issue = { path: "body.plan", message: `there is no plan ${name}`, allowed: list().map((one) => one.name) };
      throw new Refusal("bad_input", `${issue.path}: ${issue.message}; there are ${issue.allowed.join(", ")}.`, { issues: [issue] });
    },
  };
}
function readPlans(directory: string): PlanTemplate[] {
  const files = readdirSync(directory).filter((file) => /\.ya?ml$/.test(file));
  return files.sort().map((file) => readPlan(join(directory, file)));
}
function readPlan(file: string): PlanTemplate {
  const plan = parseYamlFile(file, readFileSync(file, "utf8"), planTemplate);
  const problem = templateProblem(plan);
  if (problem !== undefined) throw new Refusal("bad_input", `${file}: ${problem}.`);
  return plan;
}
