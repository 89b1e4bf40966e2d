// The catalogue: agents described for any backing, read from YAML at start: 38 that come with Baton, and those of a folder of the operator's.
import { fileURLToPath } from "node:url";
import { type CatalogueEntry, catalogueFile, parse, Refusal } from "@baton/contract";
import { toCapabilityKey } from "../routing/capability.ts";
import { toCapabilities } from "./to-agent.ts";
import { readYamlFolder } from "./yaml-folder.ts";

export interface Catalogue {
  /** Agents, in the order of their files. */
  list(query: { category?: string | undefined; capability?: string | undefined }): CatalogueEntry[];
  services: CatalogueEntry[];
  /** By name, else by alias. @throws Refusal `not_found`. */
  get(nameOrAlias: string): CatalogueEntry;
}

/** The package's own folder: as far from src/agents as from dist/agents. */
const BUILTIN = fileURLToPath(new URL("../../catalogue/", import.meta.url));

/** What older documents scale by an agent's name. Its size is a setting, so it is shown and cannot be registered or scaled by a call. */
const SERVICES: CatalogueEntry[] = [
  {
    name: "background-processor",
    kind: "service",
    category: "service",
    role: "worker",
    description:
      "The workers inside every Baton server that carry out attempts. Their number is the setting MAX_CONCURRENT_TASKS of each server, read at start; more servers on one store are more workers.",
    aliases: [],
    priority: "normal",
    capabilities: [],
    persona: "",
    maxConcurrentTasks: 0,
    isBuiltin: true,
  },
];

/** @throws Refusal `bad_input` naming file and path of what is wrong. */
export function openCatalogue(directory: string | undefined, workers: number): Catalogue {
  const entries = new Map(readEntries(BUILTIN, true).map((entry) => [entry.name, entry]));
  for (const entry of directory === undefined ? [] : readEntries(directory, false)) entries.set(entry.name, entry);
  const services = SERVICES.map((service) => ({ ...service, maxConcurrentTasks: workers }));
  const all = [...entries.values(), ...services];
  return {
    list: ({ category, capability }) =>
      [...entries.values()].filter((entry) => {
        if (category !== undefined && toCapabilityKey(entry.category) !== toCapabilityKey(category)) return false;
        return capability === undefined || entry.capabilities.some(({ name }) => toCapabilityKey(name) === toCapabilityKey(capability));
      }),
    services,
    get: (wanted) => {
      const found = all.find(({ name }) => name === wanted) ?? all.find(({ aliases }) => aliases.includes(wanted));
      if (found === undefined) throw new Refusal("not_found", `The catalogue has no ${wanted}. GET /api/v1/catalogue lists what it has.`);
      return found;
    },
  };
}

const readEntries = (directory: string, isBuiltin: boolean): CatalogueEntry[] =>
  readYamlFolder(directory).flatMap(({ name, content }) => {
    const { category, role, agents } = parse(catalogueFile, content, name);
    return agents.map((one) => ({ ...one, kind: "agent" as const, category, role, capabilities: toCapabilities(one.capabilities), isBuiltin }));
  });
