// What is created under an idempotency key is created once, and answered as it is when it is asked for again.
import { type AgentsWorld, createOnce } from "../agents/agents.ts";

export async function once<T extends { id: string; version?: number }>(
  world: AgentsWorld,
  key: string | undefined,
  request: unknown,
  find: (id: string) => T | Promise<T>,
  create: () => Promise<T>,
) {
  const { made, created } = await createOnce(world, key, request, find, create);
  return { answer: made, status: created ? 201 : 200, ...(made.version === undefined ? {} : { etag: made.version }) };
}
