// Every address of the page, and what is drawn there.
import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";
import { AgentPage } from "./agents/agent-page.tsx";
import { OverviewPage } from "./overview/overview-page.tsx";
import { Layout } from "./shell/layout.tsx";
import { type TaskShow, taskShows } from "./overview/task-shows.ts";
import { Lost } from "./shell/lost.tsx";
import { ProblemNote } from "./ui/problem-note.tsx";
import { TaskPage } from "./tasks/task-page.tsx";

const root = createRootRoute({ component: Layout, notFoundComponent: Lost, errorComponent: ({ error, reset }) => <ProblemNote error={error} retry={reset} /> });

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

const overview = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: OverviewPage,
  validateSearch: (search): { show?: TaskShow } => {
    const show = taskShows.find((name) => name === search["show"]);
    return show === undefined || show === "all" ? {} : { show };
  },
});
const task = createRoute({
  getParentRoute: () => root,
  path: "/tasks/$taskId",
  component: TaskPage,
  validateSearch: (search): { step?: string } => {
    const step = text(search["step"]);
    return step === undefined ? {} : { step };
  },
});
const agent = createRoute({ getParentRoute: () => root, path: "/agents/$agentId", component: AgentPage });

export const createPageRouter = () => createRouter({ routeTree: root.addChildren([overview, task, agent]), scrollRestoration: true, defaultPreload: false });

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createPageRouter>;
  }
}
