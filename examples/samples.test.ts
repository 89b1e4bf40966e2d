// The registrations and the task file are what the contract takes, and fit each other.
import { existsSync } from "node:fs";
import { agentInput, parse, taskInput } from "@baton/contract";
import { expect, test } from "vitest";
import { repositoryReview } from "./demo.mjs";
import { PORTS, sampleAgents } from "./samples.mjs";

test("every registration is valid, and each agent is reached in another way", () => {
  const agents = sampleAgents().map((input) => parse(agentInput, input, "body"));
  const ways = agents.map(({ name, connector }) => [name, connector.kind === "http" ? connector.template : connector.kind]);
  expect(ways).toEqual([
    ["repository-inspector", "process"],
    ["history-analyst", "crewai"],
    ["code-scanner", "databricks_foundation"],
    ["dependency-reviewer", "openai_compatible"],
    ["report-writer", "dialin"],
  ]);
});

test("the HTTP agents are registered on the ports they were found on", () => {
  const ports = { ...PORTS, "code-scanner": 8011 };
  const endpoints = sampleAgents({ ports }).flatMap(({ connector }) => (connector.kind === "http" ? [connector.endpoint] : []));
  expect(endpoints).toEqual(["http://127.0.0.1:8003", "http://127.0.0.1:8011", "http://127.0.0.1:8005"]);
});

test("the process is registered with the absolute path of a script that is there", () => {
  const [inspector] = sampleAgents();
  const script = inspector?.connector.kind === "process" ? inspector.connector.args?.[0] : undefined;
  expect(existsSync(script ?? "")).toBe(true);
});

test("the review is a valid task whose every step one sample agent is made for", async () => {
  const task = parse(taskInput, await repositoryReview("/some/where"), "body");
  expect(task).toMatchObject({ repository: "/some/where", title: "Review where" });
  const capableOf = (requirement: string | undefined) =>
    sampleAgents()
      .filter(({ capabilities }) => capabilities?.some((skill) => typeof skill !== "string" && skill.name === requirement))
      .map(({ name }) => name);
  expect(task.steps?.map(({ id, needs, requirements }) => [id, needs, capableOf(requirements[0])])).toEqual([
    ["inspect", [], ["repository-inspector"]],
    ["history", ["inspect"], ["history-analyst"]],
    ["scan", ["inspect"], ["code-scanner"]],
    ["dependencies", ["inspect"], ["dependency-reviewer"]],
    ["report", ["inspect", "history", "scan", "dependencies"], ["report-writer"]],
  ]);
});
