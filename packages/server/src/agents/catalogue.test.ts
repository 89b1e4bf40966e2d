// The catalogue that comes with Baton, and what an operator's folder adds to it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openCatalogue } from "./catalogue.ts";

/** What tasks ask for in the documents Baton follows. */
const ASKED = `code_generation code_analysis security_review security_implementation infrastructure_management deployment_automation monitoring_setup
  security_configuration`.split(/\s+/);
const VOCABULARY = `reasoning learning planning decision_making problem_solving code_generation code_analysis code_optimization testing debugging deployment
  monitoring security_scanning performance_tuning resource_optimization data_processing knowledge_management document_analysis information_extraction
  natural_language voice_processing web_automation api_integration financial_analysis security_analysis workflow_design project_management`.split(/\s+/);

const builtin = openCatalogue(undefined, 7);
function folder(yaml: string): string {
  const path = mkdtempSync(join(tmpdir(), "baton-catalogue-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  writeFileSync(join(path, "own.yaml"), yaml);
  return path;
}

test("it has 38 agents in five categories, each with a name of its own and the role of its category", () => {
  const items = builtin.list({});
  const count = (category: string) => builtin.list({ category }).map(({ role }) => role);
  expect(new Set(items.flatMap(({ name, aliases }) => [name, ...aliases])).size).toBe(38 + 2);
  expect(items).toHaveLength(38);
  expect(count("core-intelligence")).toEqual(Array(8).fill("coordinator"));
  expect(count("development")).toEqual(Array(12).fill("worker"));
  expect(count("infrastructure")).toEqual(Array(6).fill("specialist"));
  expect(count("specialized-ai")).toEqual(Array(8).fill("specialist"));
  expect(count("security")).toEqual(Array(4).fill("monitor"));
});
test("everything that is asked for somebody can do, and nobody claims a word nobody knows", () => {
  for (const capability of ASKED) expect(builtin.list({ capability }).length, capability).toBeGreaterThan(0);
  const known = new Set([...VOCABULARY, ...ASKED]);
  expect(builtin.list({}).flatMap(({ capabilities }) => capabilities.filter(({ name }) => !known.has(name)))).toEqual([]);
});
test("every persona is one of its own, of five to fifteen lines", () => {
  const personas = builtin.list({}).map(({ persona }) => persona.trimEnd().split("\n"));
  for (const lines of personas) expect(lines.length).toSatisfy((count: number) => count >= 5 && count <= 15);
  const lines = personas.flat();
  expect(new Set(lines).size).toBe(lines.length);
});
test("pipelines' role names are entries, and what is no agent says what it is", () => {
  expect(builtin.get("testing-specialist").name).toBe("testing-qa-validator");
  expect(builtin.get("code-reviewer").name).toBe("code-generation-improver");
  expect(builtin.get("background-processor")).toMatchObject({ kind: "service", maxConcurrentTasks: 7 });
  expect(() => builtin.get("nobody")).toThrow("has no nobody");
});
test("a folder of the operator's adds entries and replaces those of its names", () => {
  const own = folder(`category: ours
agents:
  - { name: tide-watcher, description: Watches tides, capabilities: [tides], persona: You watch. }
  - { name: ai-scrum-master, description: Ours, capabilities: [planning], persona: You plan. }`);
  const catalogue = openCatalogue(own, 1);
  expect(catalogue.list({})).toHaveLength(39);
  expect(catalogue.get("ai-scrum-master")).toMatchObject({ category: "ours", isBuiltin: false, persona: "You plan." });
});
test("a file that is wrong is refused with its name and the path in it", () => {
  const wrong = folder("category: ours\nagents:\n  - { name: x, description: y, capabilities: [], persona: z }");
  expect(() => openCatalogue(wrong, 1)).toThrow(/own\.yaml\.agents\[0\]\.capabilities/);
});
