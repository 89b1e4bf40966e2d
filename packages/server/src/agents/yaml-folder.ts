// The YAML files of a folder, in the order of their names.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "@baton/contract";
import { parse as parseYaml } from "yaml";
import { yamlTooHeavy } from "../std/yaml-file.ts";

/** @throws Refusal `bad_input` naming the file that is not YAML. */
export const readYamlFolder = (directory: string): { name: string; content: unknown }[] =>
  readdirSync(directory)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => ({ name, content: readYaml(join(directory, name), name) }));

function readYaml(path: string, name: string): unknown {
  const refuse = (message: string): never => {
    throw new Refusal("bad_input", `${name} ${message}`, { issues: [{ path: name, message }] });
  };
  const text = readFileSync(path, "utf8");
  const heavy = yamlTooHeavy(text);
  if (heavy !== undefined) return refuse(heavy);
  try {
    return parseYaml(text, { maxAliasCount: 100 });
  } catch (error) {
    return refuse(`is not YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}
