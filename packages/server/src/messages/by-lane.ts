// Rows by the lane they are in.
import type { LaneKey } from "./delivery-rows.ts";

export const keyOf = ({ recipient_id, sender_id, priority }: LaneKey): string => JSON.stringify([recipient_id, sender_id, priority]);
export const toKey = ({ recipient_id, sender_id, priority }: LaneKey): LaneKey => ({ recipient_id, sender_id, priority });
export function byLane<Row extends LaneKey>(all: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of all) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}
