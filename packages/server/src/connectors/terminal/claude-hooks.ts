// How Claude Code in a terminal tells what happens: hooks that put what they are told into files of the agent's place, one event a file,
// and, where it asks for a permission, wait for the answer in another. The screen need not be read.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "@baton/contract";
import { parseAgentJson } from "../agent-text.ts";

const EVENTS = [
  "SessionStart",
  "UserPromptSubmit",
  "PreToolUse",
  "PermissionRequest",
  "PostToolUse",
  "PostToolUseFailure",
  "Stop",
  "StopFailure",
  "SessionEnd",
] as const;
/** Longer than a person may take. */
const HOOK_SECONDS = 7 * 86_400;
const MAX_EVENT_BYTES = 2 << 20;

/** Plain JavaScript, run by Node for every event: its argument is the folder, its stdin the event. */
const HOOK = `import { readFileSync, renameSync, writeFileSync, existsSync, watch } from "node:fs";
const folder = process.argv[2];
const text = readFileSync(0, "utf8");
const name = String(process.hrtime.bigint()).padStart(24, "0") + "-" + process.pid;
writeFileSync(folder + "/" + name + ".part", text, { mode: 0o600 });
renameSync(folder + "/" + name + ".part", folder + "/" + name + ".json");
if (JSON.parse(text).hook_event_name === "PermissionRequest") {
  const reply = folder + "/" + name + ".reply";
  const answer = () => {
    if (!existsSync(reply)) return;
    process.stdout.write(readFileSync(reply, "utf8"));
    process.exit(0);
  };
  watch(folder, answer);
  setInterval(answer, 500);
  answer();
}
`;
export interface HookEvent {
  name: string;
  fields: { [key: string]: Json };
  /** Answers an event that waits; does nothing for others. */
  reply(answer: Json): void;
}
/** What tells of a program beside its screen. */
export interface Hooks {
  /** Where its events arrive. */
  folder: string;
  /** Told of every event in order, from now on; what came before is told first. */
  onEvent(listener: (event: HookEvent) => void): void;
  /** Told that there were events, once they were told. */
  onNews(listener: () => void): void;
  /** A notice of the file system may be lost; looking again is the truth. */
  look(): void;
  close(): void;
}
export interface ClaudeHooks extends Hooks {
  /** For `--settings`. */
  settingsFile: string;
}

/** @param known the folder of a terminal that runs already. */
export function openClaudeHooks(place: string, known?: string): ClaudeHooks {
  const folder = known ?? join(place, "hooks", randomBytes(6).toString("hex"));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const script = join(folder, "hook.mjs");
  writeFileSync(script, HOOK, { mode: 0o600 });
  const command = `${quote(process.execPath)} ${quote(script)} ${quote(folder)}`;
  const hooks = Object.fromEntries(EVENTS.map((name) => [name, [{ hooks: [{ type: "command", command, timeout: HOOK_SECONDS }] }]]));
  const settingsFile = join(folder, "settings.json");
  writeFileSync(settingsFile, JSON.stringify({ hooks }), { mode: 0o600 });
  const listeners = new Set<(event: HookEvent) => void>();
  const news = new Set<() => void>();
  const look = (): void => {
    if (listeners.size === 0 || !existsSync(folder)) return;
    for (const file of readdirSync(folder)
      .filter((name) => /^\d{24}-\d+\.json$/.test(name))
      .sort()) {
      const event = readEvent(folder, file);
      if (event) for (const listener of listeners) listener(event);
      for (const listener of news) listener();
    }
  };
  const watcher = watch(folder, { persistent: false }, look);
  watcher.on("error", () => undefined);
  return {
    settingsFile,
    folder,
    onEvent: (listener) => {
      listeners.add(listener);
      look();
    },
    onNews: (listener) => void news.add(listener),
    look,
    close: () => {
      watcher.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
/** Claude Code gives the command to a shell. */
const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

function readEvent(folder: string, file: string): HookEvent | undefined {
  const path = join(folder, file);
  const text = readFileSync(path, "utf8");
  rmSync(path, { force: true });
  const parsed = text.length > MAX_EVENT_BYTES ? undefined : parseAgentJson(text);
  if (!parsed?.ok || typeof parsed.value !== "object" || parsed.value === null || Array.isArray(parsed.value)) return undefined;
  const fields = parsed.value;
  const reply = path.replace(/json$/, "reply");
  return {
    name: typeof fields["hook_event_name"] === "string" ? fields["hook_event_name"] : "",
    fields,
    reply: (answer) => {
      writeFileSync(`${reply}.part`, JSON.stringify(answer), { mode: 0o600 });
      renameSync(`${reply}.part`, reply);
    },
  };
}

/**
 * What a person would have said at its first start: without that, nothing can be typed. Whoever registered the agent named its directory and
 * its key, and that is the trust it would ask for. What stands there already stays.
 */
export function settleIn(home: string, apiKey: string | undefined, cwd: string): void {
  const file = join(home, ".claude.json");
  const parsed = existsSync(file) ? parseAgentJson(readFileSync(file, "utf8")) : undefined;
  const stored = parsed?.ok === true ? toFields(parsed.value) : {};
  const projects = toFields(stored["projects"]);
  const responses = toFields(stored["customApiKeyResponses"]);
  const approved = Array.isArray(responses["approved"]) ? responses["approved"] : [];
  const settled = {
    theme: "dark",
    ...stored,
    hasCompletedOnboarding: true,
    projects: { ...projects, [cwd]: { ...toFields(projects[cwd]), hasTrustDialogAccepted: true } },
    // It knows a key again by its end.
    ...(apiKey === undefined ? {} : { customApiKeyResponses: { ...responses, approved: [...new Set([...approved, apiKey.slice(-20)])] } }),
  };
  mkdirSync(home, { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.part`, JSON.stringify(settled), { mode: 0o600 });
  renameSync(`${file}.part`, file);
}
const toFields = (value: Json | undefined): { [key: string]: Json } => (typeof value === "object" && value !== null && !Array.isArray(value) ? value : {});
