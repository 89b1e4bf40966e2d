// What this agent does: it is handed work, and answers with JSON. Change this; how it is reached stands in agent.mjs.

/**
 * @param {{ description: string, input?: unknown }} work what is to be done, in words, and what earlier steps or the caller hand over
 * @param {{ signal: AbortSignal, progress: (told: { fraction?: number, message?: string }) => void }} tools `signal`: aborted when nobody wants the answer any more
 * @returns {Promise<unknown>} the answer; what is thrown is a failure, told with its message
 */
export async function doWork({ description, input }, { signal, progress }) {
  const text = typeof input === "string" ? input : description;
  const words = text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? [];
  if (words.length === 0) throw new Error("There is nothing to count.");
  progress({ fraction: 0.5, message: `counting ${words.length} words` });
  signal.throwIfAborted();
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const frequent = [...counts].sort(([, a], [, b]) => b - a).slice(0, 5);
  return { words: words.length, different: counts.size, frequent: frequent.map(([word, count]) => ({ word, count })) };
}
