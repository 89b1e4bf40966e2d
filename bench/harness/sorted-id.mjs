// Ids as a careful queue would make them (32 hex digits that sort by time): random ones would spoil the bare limit's indexes.
import { randomBytes } from "node:crypto";

const tail = randomBytes(4).toString("hex");
let counter = 0;
export const sortedId = () => Date.now().toString(16).padStart(14, "0") + (++counter).toString(16).padStart(10, "0") + tail;
