// The model behind an agent, by configuration: OpenAI, Groq, Ollama, or anything else that speaks OpenAI's chat completions. Keys come from the
// environment and are never shown.
import { Refusal } from "./refusal.mjs";

/** @typedef {{ role: "system" | "user" | "assistant", content: string }} ChatMessage */
/** @typedef {{ inputTokens: number, outputTokens: number }} Usage */
/** @typedef {{ provider: string, name: string, ask: (messages: ChatMessage[], signal: AbortSignal) => Promise<{ text: string, usage: Usage }> }} Model */

/** For the command line; the environment has MODEL_PROVIDER, MODEL and MODEL_BASE_URL. */
export const modelOptions = /** @type {const} */ ({ provider: { type: "string" }, model: { type: "string" }, "base-url": { type: "string" } });
export const modelUsage = `    --model <name>         the model (MODEL)
    --provider <name>      openai, groq, ollama or custom (MODEL_PROVIDER); else what the environment has a key or an address for
    --base-url <url>       of anything that speaks OpenAI's chat completions (MODEL_BASE_URL)
    Keys: OPENAI_API_KEY, GROQ_API_KEY, MODEL_API_KEY (custom). Ollama's address: OLLAMA_API_URL`;
export const NO_MODEL =
  "No model is configured. Say which with --model (MODEL), and where it is with --provider openai, groq or ollama, or --base-url; keys come from OPENAI_API_KEY, GROQ_API_KEY or MODEL_API_KEY.";

const ANSWER_WITHIN_MS = 300_000;
const MAX_ERROR = 500;

/** What kept a model from answering; `mayPass`: asking again later may help. */
export class ModelTrouble extends Refusal {
  /** @param {string} message @param {boolean} mayPass */
  constructor(message, mayPass) {
    super("model", message);
    this.mayPass = mayPass;
  }
}

/**
 * @param {Record<string, unknown>} values of the command line
 * @param {Record<string, string | undefined>} env
 * @returns {Model | undefined} undefined when nothing says which
 */
export function readModel(values, env) {
  const said = (/** @type {string} */ option, /** @type {string} */ variable) => {
    const value = values[option] ?? env[variable];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const base = said("base-url", "MODEL_BASE_URL");
  const provider = said("provider", "MODEL_PROVIDER") ?? guessProvider(base, env);
  const name = said("model", "MODEL");
  if (provider === undefined && name === undefined) return undefined;
  if (provider === undefined) throw new Refusal("usage", `Where is ${name}? ${NO_MODEL}`);
  const { url, key } = placeOf(provider, base, env);
  if (name === undefined) throw new Refusal("usage", `Which model of ${provider}? Give --model, or MODEL in the environment.`);
  return { provider, name, ask: (messages, signal) => ask({ url, key, name }, messages, signal) };
}

/** @param {string | undefined} base @param {Record<string, string | undefined>} env */
function guessProvider(base, env) {
  if (base) return "custom";
  if (env.OPENAI_API_KEY) return "openai";
  if (env.GROQ_API_KEY) return "groq";
  return env.OLLAMA_API_URL ? "ollama" : undefined;
}

/** @param {string} provider @param {string | undefined} base @param {Record<string, string | undefined>} env */
function placeOf(provider, base, env) {
  const known = /** @type {Record<string, { url: string | undefined, key: string | undefined, needs?: string }>} */ ({
    openai: { url: "https://api.openai.com/v1", key: env.OPENAI_API_KEY, needs: "OPENAI_API_KEY" },
    groq: { url: "https://api.groq.com/openai/v1", key: env.GROQ_API_KEY, needs: "GROQ_API_KEY" },
    ollama: { url: `${(env.OLLAMA_API_URL || "http://127.0.0.1:11434").replace(/\/+(v1\/*|api\/*)?$/, "")}/v1`, key: undefined },
    custom: { url: undefined, key: env.MODEL_API_KEY },
  });
  const place = Object.hasOwn(known, provider) ? known[provider] : undefined;
  if (place === undefined) throw new Refusal("usage", `There is no provider ${JSON.stringify(provider)}: ${Object.keys(known).join(", ")} are known.`);
  const url = (base ?? place.url)?.replace(/\/+$/, "");
  if (url === undefined || !/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ""))
    throw new Refusal("usage", `The provider ${provider} needs --base-url (MODEL_BASE_URL), an http or https address such as http://127.0.0.1:8080/v1.`);
  // At another address, such as a proxy's, the key may be none of ours.
  if (place.needs !== undefined && !place.key && base === undefined) throw new Refusal("usage", `The provider ${provider} needs its key in ${place.needs}.`);
  return { url, key: place.key || undefined };
}

/**
 * @param {{ url: string, key: string | undefined, name: string }} model
 * @param {ChatMessage[]} messages
 * @param {AbortSignal} signal
 * @throws ModelTrouble; whatever `signal` aborted with
 */
async function ask({ url, key, name }, messages, signal) {
  const within = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
  try {
    const response = await fetch(`${url}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
      body: JSON.stringify({ model: name, messages }),
      signal: within,
    });
    const said = await response.text();
    if (!response.ok) throw toTrouble(response, said);
    return toAnswer(said);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ModelTrouble) throw error;
    if (within.aborted) throw new ModelTrouble(`The model did not answer within ${ANSWER_WITHIN_MS / 1000} s.`, true);
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new ModelTrouble(`The model at ${new URL(url).host} could not be reached: ${cause}`, true);
  }
}

/** @param {Response} response @param {string} said */
function toTrouble(response, said) {
  const { status } = response;
  const after = response.headers.get("retry-after");
  const words = /** @type {any} */ (parse(said))?.error?.message ?? said;
  const text = `The model answered HTTP ${status}: ${String(words).slice(0, MAX_ERROR)}${after === null ? "" : ` (retry after ${after})`}`;
  return new ModelTrouble(text, status === 408 || status === 429 || status >= 500);
}

/** @param {string} said */
function toAnswer(said) {
  const body = /** @type {any} */ (parse(said));
  const text = body?.choices?.[0]?.message?.content;
  if (typeof text !== "string" || text.trim() === "") throw new ModelTrouble(`The model gave no answer in its answer: ${said.slice(0, MAX_ERROR)}`, true);
  const count = (/** @type {unknown} */ value) => (typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0);
  return { text, usage: { inputTokens: count(body.usage?.prompt_tokens), outputTokens: count(body.usage?.completion_tokens) } };
}

/** @param {string} text @returns {unknown} */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
