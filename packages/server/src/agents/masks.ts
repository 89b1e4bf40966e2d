// Secrets on the wire: what is shown in their place, and what a mask that comes back stands for.

export const MASK = "********";
type Values = Record<string, string>;

/** Header values are masked unless they are plainly harmless or nothing but a reference such as `Bearer ${OPENAI_API_KEY}`. */
export const maskHeaders = (headers: Values): Values =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, isHarmless(name, value) ? value : MASK]));
export const maskAll = (values: Values): Values => Object.fromEntries(Object.keys(values).map((name) => [name, MASK]));
/** Who reads something, changes a part and sends it back sends masks: they stand for what is stored. */
export const unmask = (given: Values, stored: Values): Values =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value === MASK && Object.hasOwn(stored, name) ? (stored[name] as string) : value]));

const isHarmless = (name: string, value: string): boolean =>
  /^(accept|content-type|user-agent|accept-language)$/i.test(name) || /^((Bearer|Basic|Token) )?\$\{[^}]+\}$/.test(value);
