// Every address of the page, and what is drawn there. Each page is loaded when one goes there.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { parseAgentSearch } from "./agents/agent-search.ts";
import { OverviewPage } from "./overview/overview-page.tsx";
import { Layout } from "./shell/layout.tsx";
import { Lost } from "./shell/lost.tsx";
import { settingsShows } from "./settings/settings-search.ts";
import { parseTaskSearch } from "./tasks/task-search.ts";
import { workspaceShows } from "./workspaces/workspace-shows.ts";
import { parseCompared } from "./workspaces/compared.ts";
import { Loading } from "./ui/section.tsx";
import { ProblemNote } from "./ui/problem-note.tsx";

const root = createRootRoute({ component: Layout, notFoundComponent: Lost, errorComponent: ({ error, reset }) => <ProblemNote error={error} retry={reset} /> });

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
const choice = <Name extends string, T extends string>(name: Name, allowed: readonly T[]) => {
  return (search: Record<string, unknown>): { [N in Name]?: T } => {
    const found = allowed.find((one) => one === search[name]);
    return (found === undefined ? {} : { [name]: found }) as { [N in Name]?: T };
  };
};

const overview = createRoute({ getParentRoute: () => root, path: "/", component: OverviewPage });
const tasks = createRoute({
  getParentRoute: () => root,
  path: "/tasks",
  component: lazyRouteComponent(() => import("./tasks/tasks-page.tsx"), "TasksPage"),
  validateSearch: parseTaskSearch,
});
const newTask = createRoute({
  getParentRoute: () => root,
  path: "/tasks/new",
  component: lazyRouteComponent(() => import("./submit/new-task-page.tsx"), "NewTaskPage"),
  validateSearch: choice("as", ["form", "file"]),
});
const task = createRoute({
  getParentRoute: () => root,
  path: "/tasks/$taskId",
  component: lazyRouteComponent(() => import("./tasks/task-page.tsx"), "TaskPage"),
  validateSearch: (search): { step?: string } => {
    const step = text(search["step"]);
    return step === undefined ? {} : { step };
  },
});
const agents = createRoute({
  getParentRoute: () => root,
  path: "/agents",
  component: lazyRouteComponent(() => import("./agents/agents-page.tsx"), "AgentsPage"),
  validateSearch: parseAgentSearch,
});
const newAgent = createRoute({
  getParentRoute: () => root,
  path: "/agents/new",
  component: lazyRouteComponent(() => import("./register/new-agent-page.tsx"), "NewAgentPage"),
  validateSearch: choice("way", ["http", "catalogue", "file", "dialin"]),
});
const agent = createRoute({
  getParentRoute: () => root,
  path: "/agents/$agentId",
  component: lazyRouteComponent(() => import("./agents/agent-page.tsx"), "AgentPage"),
});
const inbox = createRoute({
  getParentRoute: () => root,
  path: "/inbox",
  component: lazyRouteComponent(() => import("./approvals/inbox-page.tsx"), "InboxPage"),
  validateSearch: choice("show", ["decided"]),
});
const landings = createRoute({
  getParentRoute: () => root,
  path: "/landings",
  component: lazyRouteComponent(() => import("./landings/landings-page.tsx"), "LandingsPage"),
  validateSearch: choice("show", ["open", "landed", "refused", "gates"]),
});
const workspaces = createRoute({
  getParentRoute: () => root,
  path: "/workspaces",
  component: lazyRouteComponent(() => import("./workspaces/workspaces-page.tsx"), "WorkspacesPage"),
  validateSearch: choice("show", workspaceShows),
});
const workspace = createRoute({
  getParentRoute: () => root,
  path: "/workspaces/$workspaceId",
  component: lazyRouteComponent(() => import("./workspaces/workspace-page.tsx"), "WorkspacePage"),
  validateSearch: parseCompared,
});
const sessions = createRoute({
  getParentRoute: () => root,
  path: "/sessions",
  component: lazyRouteComponent(() => import("./sessions/sessions-page.tsx"), "SessionsPage"),
});
const newSession = createRoute({
  getParentRoute: () => sessions,
  path: "/",
  component: lazyRouteComponent(() => import("./sessions/new-session.tsx"), "NewSession"),
});
const session = createRoute({
  getParentRoute: () => sessions,
  path: "$sessionId",
  component: lazyRouteComponent(() => import("./sessions/chat.tsx"), "Chat"),
});
const messages = createRoute({
  getParentRoute: () => root,
  path: "/messages",
  component: lazyRouteComponent(() => import("./messages/messages-page.tsx"), "MessagesPage"),
  validateSearch: choice("show", ["mailboxes", "topics", "dead"]),
});
const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  validateSearch: choice("show", settingsShows),
  component: lazyRouteComponent(() => import("./settings/settings-page.tsx"), "SettingsPage"),
});

const routeTree = root.addChildren([
  overview,
  tasks,
  newTask,
  task,
  agents,
  newAgent,
  agent,
  inbox,
  landings,
  workspaces,
  workspace,
  sessions.addChildren([newSession, session]),
  messages,
  settings,
]);
export const createPageRouter = () =>
  createRouter({
    routeTree,
    scrollRestoration: true,
    defaultPreload: "intent",
    defaultPendingMs: 300,
    defaultPendingComponent: () => <Loading what="the page" className="h-96" />,
  });

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createPageRouter>;
  }
}
