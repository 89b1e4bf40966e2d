// The tool servers that are handed to an agent for a step, beside those of its registration. Pure.
import type { McpServer } from "@baton/contract";
import type { HandedServer } from "./connector.ts";

/** Both; one of the registration that has the name of a handed one is left out. */
export const serversFor = (own: readonly McpServer[], handed: readonly HandedServer[]): (McpServer | HandedServer)[] => {
  const names = new Set(handed.map(({ name }) => name));
  return [...own.filter(({ name }) => !names.has(name)), ...handed];
};

type Resource = HandedServer["handed"]["resources"][number];
export const resourcesOf = (handed: readonly HandedServer[]): Resource[] => handed.flatMap((server) => server.handed.resources);

/** The resources at hand in words, after what an agent is asked; nothing when there are none. */
export function withResources(prompt: string, handed: readonly HandedServer[]): string {
  const lines = handed.flatMap((server) =>
    server.handed.resources.map(({ uri, name, description }) => `- ${uri} of ${server.name}: ${description === "" ? name : description}`),
  );
  return lines.length === 0 ? prompt : `${prompt}\n\nResources you can read through your tools:\n${lines.join("\n")}`;
}
