// What couriers need: mailboxes to take from, and tasks to bring messages as.
import type { MessagesWorld } from "../messages/messages.ts";
import type { TasksWorld } from "../tasks/tasks.ts";

export type CouriersWorld = TasksWorld & MessagesWorld;
