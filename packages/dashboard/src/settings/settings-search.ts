// The parts of the settings, as they stand in the address, and the right each takes.
import type { Right } from "@baton/contract";

export const settingsShows = ["you", "users", "keys", "projects", "secrets", "budgets", "schedules", "templates", "audit", "configuration", "server"] as const;
export type SettingsShow = (typeof settingsShows)[number];
export const settingsNames: Record<SettingsShow, string> = {
  you: "You",
  users: "Users",
  keys: "API keys",
  projects: "Projects",
  secrets: "Secrets",
  budgets: "Budgets",
  schedules: "Schedules",
  templates: "Templates",
  audit: "Audit",
  configuration: "Configuration",
  server: "Server",
};
export const settingsRights: Record<SettingsShow, Right> = {
  you: "self",
  users: "access.manage",
  keys: "access.manage",
  projects: "access.manage",
  secrets: "access.manage",
  budgets: "view",
  schedules: "view",
  templates: "view",
  audit: "audit.view",
  configuration: "access.manage",
  server: "view",
};
