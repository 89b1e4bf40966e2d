// What the room needs of the world.
import type { MessagesWorld } from "../messages/messages.ts";
import type { WorkspacesWorld } from "../workspaces/workspaces.ts";

/**
 * `warn`: conflicts are listed and in the log. `tell`: the agents of both are sent a message, too. `queue`: and of two tasks that are about the same files the
 * one that was handed in later waits for the other.
 */
export type ConflictPolicy = "warn" | "tell" | "queue";
export interface ConflictsWorld extends WorkspacesWorld, MessagesWorld {
  conflictPolicy: ConflictPolicy;
}
