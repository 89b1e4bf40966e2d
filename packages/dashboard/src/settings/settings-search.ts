// The parts of the settings, as they stand in the address, and the right each takes.
import type { Right } from "@baton/contract";

export const settingsShows = ["you", "users", "keys", "budgets", "schedules", "audit", "server"] as const;
export type SettingsShow = (typeof settingsShows)[number];
export const settingsNames: Record<SettingsShow, string> = {
  you: "You and this browser",
  users: "Users",
  keys: "API keys",
  budgets: "Budgets",
  schedules: "Schedules",
  audit: "Audit",
  server: "Server",
};
export const settingsRights: Record<SettingsShow, Right> = {
  you: "self",
  users: "access.manage",
  keys: "access.manage",
  budgets: "view",
  schedules: "view",
  audit: "audit.view",
  server: "view",
};
