// Chooses, from the tools a client offers, the one that does what is wanted, and fills in its parameters by its own schema.
export interface Schema {
  properties?: Record<string, { type?: string | string[]; enum?: unknown[] }>;
  required?: string[];
}
export interface Tool {
  name: string;
  schema: Schema;
  /** Takes text instead of JSON. */
  isFreeform: boolean;
}
export interface Call {
  tool: string;
  /** Text for a freeform tool. */
  input: Record<string, unknown> | string;
}

// What the tools of coding agents are called, seen in what they send.
const WRITERS = ["Write", "write", "write_file", "create", "create_file", "editor"];
const SHELLS = ["Bash", "bash", "run_shell_command", "exec_command", "shell_command", "shell"];
const PATHS = ["file_path", "filePath", "path", "absolute_path"];
const CONTENTS = ["content", "file_text", "contents"];
const COMMANDS = ["command", "cmd"];

export function writeCall(tools: readonly Tool[], path: string, text: string): Call | undefined {
  const writer = first(tools, WRITERS);
  if (writer !== undefined) {
    const verb = writer.schema.properties?.["command"] === undefined ? {} : { command: "create" };
    return fill(writer, { [nameIn(writer, PATHS)]: path, [nameIn(writer, CONTENTS)]: text, ...verb });
  }
  const patcher = first(tools, ["apply_patch"]);
  if (patcher !== undefined) {
    const lines = text.trimEnd().split("\n");
    const patch = ["*** Begin Patch", `*** Add File: ${path}`, ...lines.map((line) => `+${line}`), "*** End Patch", ""].join("\n");
    return patcher.isFreeform ? { tool: patcher.name, input: patch } : fill(patcher, { input: patch });
  }
  return shellCall(tools, `printf '%s' '${text}' > '${path}'`);
}

export function shellCall(tools: readonly Tool[], command: string): Call | undefined {
  const shell = first(tools, SHELLS);
  if (shell === undefined) return undefined;
  const name = nameIn(shell, COMMANDS);
  return fill(shell, { [name]: shell.schema.properties?.[name]?.type === "array" ? ["bash", "-lc", command] : command });
}

const first = (tools: readonly Tool[], names: readonly string[]): Tool | undefined =>
  names.map((name) => tools.find((tool) => tool.name === name)).find((tool) => tool !== undefined);
const nameIn = (tool: Tool, names: readonly string[]): string => names.find((name) => tool.schema.properties?.[name] !== undefined) ?? names[0] ?? "";

/** What else the tool requires gets the plainest value of its type. */
function fill(tool: Tool, known: Record<string, unknown>): Call {
  const missing = (tool.schema.required ?? []).filter((name) => !(name in known));
  return { tool: tool.name, input: { ...Object.fromEntries(missing.map((name) => [name, plainest(tool.schema.properties?.[name])])), ...known } };
}
function plainest(property: { type?: string | string[]; enum?: unknown[] } | undefined): unknown {
  if (property?.enum !== undefined) return property.enum[0];
  const types = [property?.type ?? "string"].flat().map((type) => type.toLowerCase());
  if (types.includes("boolean")) return false;
  if (types.includes("integer") || types.includes("number")) return 30;
  return types.includes("array") ? [] : types.includes("object") ? {} : "as asked";
}
