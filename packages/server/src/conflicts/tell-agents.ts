// Policies `tell` and `queue`: the agents of both are sent a message that names the other and the files. The row says which version they were told of, and the message has
// that version in its id: whoever sends it again, after a crash or beside another server, sends nothing new.
import { messageInput, parse, Refusal } from "@baton/contract";
import { sendMessage, type Voice } from "../messages/messages.ts";
import { filesOf, type FoundConflict, selectUntold, updateTold } from "./conflict-rows.ts";
import type { ConflictsWorld } from "./conflicts-world.ts";
import { findOwners, type FoundOwner, toWords } from "./to-conflict.ts";

const BATON: Voice = { name: "baton", kind: "local", role: "admin", rights: [] };

export async function tellAgents(world: ConflictsWorld): Promise<void> {
  const rows = await selectUntold(world.db);
  const owners = await findOwners(world.db, rows);
  for (const row of rows) {
    const [one, other] = owners.get(row.id) ?? [];
    if (one && other) {
      await tell(world, row, one, other);
      if (one.agentId !== other.agentId) await tell(world, row, other, one);
    }
    await world.db.transaction((tx) => updateTold(tx, row.id, row.version));
  }
}
async function tell(world: ConflictsWorld, row: FoundConflict, to: FoundOwner, other: FoundOwner): Promise<void> {
  const known = to.agentId === null ? undefined : world.registry.find(to.agentId);
  if (!known || known.row.admission === "removed") return;
  const { project: _, path: __, whose: ___, ...whose } = other;
  // Of another project's work it is told that it is there, and not whose.
  const isApart = to.project !== other.project;
  const files = filesOf(row);
  const text = `Your work in ${to.path} overlaps with that of ${isApart ? "somebody else" : nameOf(world, other)} in the same repository. ${toWords(files, row.file_count)} Agree on who changes what, or keep to other files: whoever lands second has to merge.`;
  const input = {
    id: `conflict-${row.id}-${row.version}-${known.row.id}`,
    senderId: BATON.name,
    recipientId: known.row.id,
    messageType: "conflict",
    correlationId: row.id,
    payload: { text, conflictId: row.id, severity: row.severity, workspaceId: to.workspaceId, ...(isApart ? {} : { other: whose }), files: files.slice(0, 50) },
  };
  try {
    await sendMessage(world, parse(messageInput, input, "body"), BATON);
  } catch (error) {
    // A store that is away is waited for; what rules forbid stays unsaid.
    if (!(error instanceof Refusal) || error.code === "unavailable") throw error;
    world.log.warn({ error: error.message, conflictId: row.id, agentId: known.row.id }, "an agent could not be told of a conflict");
  }
}
function nameOf({ registry }: ConflictsWorld, { agentId, taskId, branch }: FoundOwner): string {
  const name = agentId === null ? undefined : registry.find(agentId)?.row.name;
  return [name === undefined ? "somebody" : `the agent ${name}`, ...(taskId === null ? [] : [`task ${taskId}`]), `branch ${branch}`].join(", ");
}
