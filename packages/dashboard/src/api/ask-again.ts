// Asks again for answers that may no longer be true.
import type { InvalidateQueryFilters, QueryClient } from "@tanstack/react-query";

/**
 * Resolves when all that is on the screen has been asked anew. What is being asked for the first time just now was perhaps answered before it
 * changed, and the library takes that answer for the new one: it is asked once more when it is there.
 */
export async function askAgain(queries: QueryClient, filters: InvalidateQueryFilters = {}): Promise<void> {
  const first = queries
    .getQueryCache()
    .findAll(filters)
    .filter(({ state }) => state.fetchStatus === "fetching" && state.data === undefined);
  await queries.invalidateQueries(filters);
  await Promise.all(first.map(({ queryKey }) => queries.invalidateQueries({ queryKey, exact: true })));
}
