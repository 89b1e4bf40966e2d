// The templates every installation starts with. Data only: they are stored under their names when those are free.
import type { Json, TemplateInput } from "@baton/contract";

const chatBody = { messages: [{ role: "user", content: "$.description" }], max_tokens: 1000, temperature: 0.7 };
const chatAnswer = { statusPath: "$.choices[0].finish_reason", resultPath: "$.choices[0].message.content", errorPath: "$.error.message" };
const chatExample = (model: string): Json => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  model,
  choices: [{ index: 0, message: { role: "assistant", content: "Paris is the capital of France." }, finish_reason: "stop" }],
  usage: { prompt_tokens: 14, completion_tokens: 8, total_tokens: 22 },
});
const question = "What is the capital of France?";
const askedAs = (content: string) => [{ role: "user", content }];

export const builtinTemplates: readonly TemplateInput[] = [
  {
    name: "crewai",
    displayName: "CrewAI",
    description: "A CrewAI crew behind its kickoff endpoint. The description becomes the crew's topic.",
    framework: "crewai",
    requestMapping: { method: "POST", path: "/kickoff", headers: { "Content-Type": "application/json" }, bodyMapping: { inputs: { topic: "$.description" } } },
    responseMapping: { statusPath: "$.success", resultPath: "$.result", errorPath: "$.error" },
    authConfig: { type: "none" },
    config: {},
    exampleRequest: { inputs: { topic: "Renewable energy in 2030" } },
    exampleResponse: { result: "A report on renewable energy in 2030 …", workflow: ["research", "write"], success: true },
    isActive: true,
  },
  {
    name: "databricks_foundation",
    displayName: "Databricks Foundation Models",
    description: "A model behind Databricks model serving. config.model_name names the serving endpoint.",
    framework: "databricks",
    requestMapping: {
      method: "POST",
      path: "/serving-endpoints/{model_name}/invocations",
      headers: { "Content-Type": "application/json", Authorization: "Bearer ${DATABRICKS_TOKEN}" },
      bodyMapping: chatBody,
    },
    responseMapping: chatAnswer,
    authConfig: { type: "bearer_token", envVar: "DATABRICKS_TOKEN" },
    config: { model_name: "llama-2-70b-chat" },
    exampleRequest: { ...chatBody, messages: askedAs(question) },
    exampleResponse: chatExample("llama-2-70b-chat"),
    isActive: true,
  },
  {
    name: "openai_compatible",
    displayName: "OpenAI Compatible",
    description: "Any service that speaks OpenAI's chat completions.",
    framework: "openai",
    requestMapping: {
      method: "POST",
      path: "/v1/chat/completions",
      headers: { "Content-Type": "application/json", Authorization: "Bearer ${OPENAI_API_KEY}" },
      bodyMapping: { model: "gpt-3.5-turbo", ...chatBody },
    },
    responseMapping: chatAnswer,
    authConfig: { type: "bearer_token", envVar: "OPENAI_API_KEY" },
    config: {},
    exampleRequest: { model: "gpt-3.5-turbo", ...chatBody, messages: askedAs(question) },
    exampleResponse: chatExample("gpt-3.5-turbo"),
    isActive: true,
  },
  {
    name: "custom",
    displayName: "Custom REST API",
    description: "An HTTP interface of your own. Change the mapping to what it expects.",
    framework: "custom",
    requestMapping: { method: "POST", path: "/process", headers: { "Content-Type": "application/json" }, bodyMapping: { query: "$.description" } },
    responseMapping: { statusPath: "$.status", resultPath: "$.result", errorPath: "$.error" },
    authConfig: { type: "none" },
    config: {},
    exampleRequest: { query: question },
    exampleResponse: { status: "success", result: "Paris is the capital of France." },
    isActive: true,
  },
];
