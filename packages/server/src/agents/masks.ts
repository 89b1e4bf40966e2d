// Secrets on the wire: what is shown in their place, and what a mask that comes back stands for. In a connector's settings, wherever
// they stand, `headers` and `env` hold secrets.
import type { Json } from "@baton/contract";

export const MASK = "********";
type Values = Record<string, string>;

/** Header values are masked unless they are plainly harmless or nothing but a reference such as `Bearer ${OPENAI_API_KEY}`. */
export const maskHeaders = (headers: Values): Values =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, isHarmless(name, value) ? value : MASK]));
/** The name of a secret tells nothing of it. */
const REFERENCE = /^\$\{secret:[^}]+\}$/;
export const maskAll = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, REFERENCE.test(value) ? value : MASK]));
/** Who reads something, changes a part and sends it back sends masks: they stand for what is stored. */
export const unmask = (given: Values, stored: Values): Values =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value === MASK && Object.hasOwn(stored, name) ? (stored[name] as string) : value]));

/** The same settings with every `headers` and `env` masked. */
export function maskSettings<Settings>(settings: Settings): Settings {
  return walk(settings as Json, undefined, (name, values) => (name === "headers" ? maskHeaders(values) : maskAll(values))) as Settings;
}
/** Settings as they were sent, with what is stored in place of masks at the same path. */
export function unmaskSettings<Settings>(given: Settings, stored: Settings): Settings {
  return walk(given as Json, stored as Json, (_, values, kept) => unmask(values, kept)) as Settings;
}

const SECRET = ["headers", "env"];
function walk(value: Json, beside: Json | undefined, change: (name: string, values: Values, kept: Values) => Values): Json {
  if (Array.isArray(value)) return value.map((item, at) => walk(item, Array.isArray(beside) ? beside[at] : undefined, change));
  if (!isObject(value)) return value;
  const other = isObject(beside) ? beside : {};
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      const kept = other[name];
      return [name, SECRET.includes(name) && isValues(item) ? change(name, item, isValues(kept) ? kept : {}) : walk(item, kept, change)];
    }),
  );
}
const isObject = (value: Json | undefined): value is { [key: string]: Json } => typeof value === "object" && value !== null && !Array.isArray(value);
const isValues = (value: Json | undefined): value is Values => isObject(value) && Object.values(value).every((item) => typeof item === "string");

const isHarmless = (name: string, value: string): boolean =>
  /^(accept|content-type|user-agent|accept-language)$/i.test(name) || /^((Bearer|Basic|Token) )?\$\{[^}]+\}$/.test(value);
