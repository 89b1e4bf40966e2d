// The rows of Baton on Postgres without Baton: how fast it could be at the most with what it keeps of a task.
import { how, openRows } from "../baton/rows-only.mjs";

export const settings = how;
export const open = openRows;
