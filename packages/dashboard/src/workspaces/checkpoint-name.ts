// What a checkpoint is called: as whoever made it says, else what it was made for.
import type { Checkpoint } from "@baton/contract";

const names: Record<Checkpoint["kind"], string> = {
  attempt: "before an attempt",
  hand: "by hand",
  rollback: "before it was set back",
  landing: "before it landed",
};
export const toCheckpointName = ({ description, kind }: Pick<Checkpoint, "description" | "kind">): string => (description === "" ? names[kind] : description);
