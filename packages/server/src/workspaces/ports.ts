// Ports of this machine that belong to a workspace while it is there, so that what is started in two of them does not meet. Servers of one store share them by
// its rows; another program's are passed over while it listens. Not guaranteed: that nobody else takes one before it is used.
import { createServer } from "node:net";
import { Refusal } from "@baton/contract";
import { insertPort, selectPorts, selectTaken } from "./port-rows.ts";
import type { WorkspacesWorld } from "./workspaces-world.ts";

/** Those it has, and as many more as it takes to be `count`. @throws Refusal `unavailable` when there are not that many. */
export async function leasePorts({ db, workspaces }: Pick<WorkspacesWorld, "db" | "workspaces">, id: string, count: number): Promise<number[]> {
  const held = (await selectPorts(db, [id])).map(({ port }) => port);
  if (held.length >= count) return held;
  const { host, ports } = workspaces.settings;
  const taken = new Set(await selectTaken(db, host));
  for (let port = ports.from; port <= ports.to && held.length < count; port++)
    if (!taken.has(port) && (await isFree(port)) && (await db.transaction((tx) => insertPort(tx, host, port, id)))) held.push(port);
  if (held.length < count)
    throw new Refusal(
      "unavailable",
      `It needs ${count} ports, and of ${ports.from}-${ports.to} (BATON_WORKSPACE_PORTS) ${held.length} are left: ${taken.size} belong to other workspaces.`,
    );
  return held;
}
/** Nobody listens there, on any address. */
const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, exclusive: true }, () => server.close(() => resolve(true)));
  });
