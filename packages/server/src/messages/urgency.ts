// How urgent a message is, as one number for its place in a mailbox: its age, with a head start for its priority. A rank is worth a minute,
// so urgent ones go first, and one of low priority that has waited for three minutes goes before a critical one of now.
import { type MessagePriority, messagePriorities } from "@baton/contract";

const RANK_MS = 60_000;
/** 0 is the most urgent. */
export const rankOf = (priority: MessagePriority): number => messagePriorities.indexOf(priority);
export const priorityOf = (rank: number): MessagePriority => messagePriorities[rank] ?? "low";
/** Smaller goes first. */
export const queueKeyOf = (rank: number, createdAt: number): number => createdAt + rank * RANK_MS;
