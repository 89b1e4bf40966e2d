// What the wizard has been told of an HTTP agent so far, and what the API is sent of it. Pure.
import type { AgentFromTemplate, AgentInput, ConnectionResult, ConnectionTest, MappingOverride, Template } from "@baton/contract";

export interface WizardDraft {
  /** Undefined: no template, the mapping says everything. */
  template: Template | undefined;
  name: string;
  description: string;
  capabilities: string[];
  maxConcurrentTasks: string;
  endpoint: string;
  /** The name of a variable of the server's environment; empty: no token. */
  tokenFrom: string;
  config: Record<string, string>;
  mapping: MappingOverride;
}
/** What came of testing it. */
export interface Tested {
  /** The draft that was tested, as text. */
  of: string;
  result: ConnectionResult;
}
export const emptyDraft: WizardDraft = {
  template: undefined,
  name: "",
  description: "",
  capabilities: [],
  maxConcurrentTasks: "1",
  endpoint: "",
  tokenFrom: "",
  config: {},
  mapping: {},
};

/** What a template wants filled in: `{name}` of its path and `$.config.name` of its body. */
export function configNames(template: Template | undefined): string[] {
  if (template === undefined) return [];
  const inPath = [...template.requestMapping.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
  const inBody = [...JSON.stringify(template.requestMapping.bodyMapping).matchAll(/\$\.config\.(\w+)/g)].map(([, name]) => name ?? "");
  return [...new Set([...inPath, ...inBody, ...Object.keys(template.config)])].filter(Boolean);
}

const authOf = ({ tokenFrom }: WizardDraft) => (tokenFrom === "" ? undefined : { type: "bearer_token" as const, envVar: tokenFrom });
function connectionOf(draft: WizardDraft) {
  const auth = authOf(draft);
  const config = Object.fromEntries(Object.entries(draft.config).filter(([, value]) => value !== ""));
  return {
    endpoint: draft.endpoint.trim(),
    ...(Object.keys(draft.mapping).length === 0 ? {} : { mapping: draft.mapping }),
    ...(auth === undefined ? {} : { auth }),
    ...(Object.keys(config).length === 0 ? {} : { config }),
  };
}

export const toTest = (draft: WizardDraft, testQuery: string): ConnectionTest => ({
  ...connectionOf(draft),
  ...(draft.template === undefined ? {} : { template: draft.template.name }),
  testQuery,
});

const commonOf = (draft: WizardDraft) => ({
  name: draft.name.trim(),
  capabilities: draft.capabilities,
  maxConcurrentTasks: Number(draft.maxConcurrentTasks),
  ...(draft.description.trim() === "" ? {} : { description: draft.description.trim() }),
});
export const toFromTemplate = (draft: WizardDraft, template: Template): Omit<AgentFromTemplate, "force"> => ({
  templateId: template.name,
  ...commonOf(draft),
  ...connectionOf(draft),
});
export const toAgent = (draft: WizardDraft): AgentInput => ({
  ...commonOf(draft),
  connector: { kind: "http", ...connectionOf(draft) },
});
