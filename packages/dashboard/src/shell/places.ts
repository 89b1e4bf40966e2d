// Where one can go, and the key that leads there after g.
import type { IconName } from "../ui/icon.tsx";

export interface Place {
  to: "/" | "/tasks" | "/agents" | "/inbox" | "/workspaces" | "/landings" | "/sessions" | "/messages" | "/settings";
  name: string;
  key: string;
  icon: IconName;
}
export const places: readonly Place[] = [
  { to: "/", name: "Overview", key: "o", icon: "home" },
  { to: "/tasks", name: "Tasks", key: "t", icon: "tasks" },
  { to: "/agents", name: "Agents", key: "a", icon: "agents" },
  { to: "/inbox", name: "Inbox", key: "i", icon: "inbox" },
  { to: "/workspaces", name: "Workspaces", key: "w", icon: "branch" },
  { to: "/landings", name: "Landings", key: "l", icon: "land" },
  { to: "/sessions", name: "Sessions", key: "s", icon: "chat" },
  { to: "/messages", name: "Messages", key: "m", icon: "mail" },
  { to: "/settings", name: "Settings", key: ",", icon: "gear" },
];
