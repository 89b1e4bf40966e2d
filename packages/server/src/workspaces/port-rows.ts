// SQL of ports that belong to workspaces.
import type { Reader, Tx } from "../store/db.ts";
import { oneOf, sql } from "../store/sql.ts";

/** @returns false when another has it already. */
export const insertPort = async (tx: Tx, host: string, port: number, workspaceId: string): Promise<boolean> =>
  (await tx.run(sql`insert into workspace_ports (host, port, workspace_id) values (${host}, ${port}, ${workspaceId}) on conflict do nothing`)) === 1;
export const selectTaken = async (db: Reader, host: string): Promise<number[]> =>
  (await db.all<{ port: number }>(sql`select port from workspace_ports where host = ${host}`)).map(({ port }) => port);
/** Lowest first. */
export const selectPorts = (db: Reader, workspaceIds: readonly string[]): Promise<{ workspace_id: string; port: number }[]> =>
  workspaceIds.length === 0
    ? Promise.resolve([])
    : db.all(sql`select workspace_id, port from workspace_ports where workspace_id ${oneOf(workspaceIds)} order by workspace_id, port`);
