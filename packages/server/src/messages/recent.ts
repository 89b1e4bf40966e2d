// Messages this server wrote a moment ago, so that handing them out need not read them again. Only of what never changes once it is written:
// a request becomes answered, and is read.
import type { MessageRow } from "./message-rows.ts";

export interface Recent {
  get(id: string): MessageRow | undefined;
  add(rows: Iterable<MessageRow>): void;
}
const MAX_BYTES = 8 << 20;
/** What one takes beside its payload, about. */
const ROW_BYTES = 1000;
const sizeOf = ({ payload, metadata }: MessageRow): number => payload.length + metadata.length + ROW_BYTES;

export function openRecent(): Recent {
  const known = new Map<string, MessageRow>();
  let bytes = 0;
  return {
    get: (id) => known.get(id),
    add: (rows) => {
      for (const row of rows) {
        if (row.request_state !== null || sizeOf(row) > MAX_BYTES / 8 || known.has(row.id)) continue;
        known.set(row.id, row);
        bytes += sizeOf(row);
      }
      for (const [id, row] of known) {
        if (bytes <= MAX_BYTES) break;
        known.delete(id);
        bytes -= sizeOf(row);
      }
    },
  };
}
