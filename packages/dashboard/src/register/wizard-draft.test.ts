import type { Template } from "@baton/contract";
import { expect, test } from "vitest";
import { configNames, emptyDraft, toAgent, toFromTemplate, toTest } from "./wizard-draft.ts";

const template = {
  name: "served",
  requestMapping: { method: "POST", path: "/serve/{model_name}/go", headers: {}, bodyMapping: { tone: "$.config.tone" } },
  config: { region: "eu" },
} as unknown as Template;

test("what a template wants filled in is found in its path, its body and its own values", () => {
  expect(configNames(template)).toEqual(["model_name", "tone", "region"]);
});

test("what is tested is what is registered, and what was left empty is sent in neither", () => {
  const draft = { ...emptyDraft, template, name: " one ", endpoint: "http://127.0.0.1:9 ", tokenFrom: "TOKEN", config: { model_name: "m", tone: "" } };
  const connection = { endpoint: "http://127.0.0.1:9", auth: { type: "bearer_token", envVar: "TOKEN" }, config: { model_name: "m" } };
  expect(toTest(draft, "Hi")).toEqual({ ...connection, template: "served", testQuery: "Hi" });
  expect(toFromTemplate(draft, template)).toMatchObject({ ...connection, templateId: "served", name: "one", maxConcurrentTasks: 1 });
  expect(toAgent({ ...draft, template: undefined }).connector).toEqual({ kind: "http", ...connection });
});
