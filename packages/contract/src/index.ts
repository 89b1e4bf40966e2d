// The wire: every noun's schema and type, every refusal, and the one table of routes.
export * from "./agent.ts";
export * from "./approval.ts";
export * from "./claude-connector.ts";
export * from "./event.ts";
export * from "./json.ts";
export * from "./live.ts";
export * from "./mcp-server.ts";
export * from "./parse.ts";
export * from "./permission.ts";
export * from "./prices.ts";
export * from "./refusal.ts";
export * from "./routes.ts";
export * from "./system.ts";
export * from "./task.ts";
export * from "./template.ts";
export * from "./update.ts";
