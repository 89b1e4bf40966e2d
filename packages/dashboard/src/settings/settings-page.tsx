// What can be set, and by whom: this browser, who may come in, what may be spent, what is done by itself; and what was done by whom.
import { getRouteApi } from "@tanstack/react-router";
import { useEffect } from "react";
import { useIdentity } from "../api/rights.ts";
import { PageHead } from "../ui/page-head.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { AuditLog } from "./audit-log.tsx";
import { BudgetSettings } from "./budget-settings.tsx";
import { Configuration } from "./configuration.tsx";
import { Keys } from "./keys.tsx";
import { Projects } from "./projects.tsx";
import { Schedules } from "./schedules.tsx";
import { Secrets } from "./secrets.tsx";
import { type SettingsShow, settingsNames, settingsRights } from "./settings-search.ts";
import { TemplateSettings } from "./template-settings.tsx";
import { ThisBrowser } from "./this-browser.tsx";
import { ThisServer } from "./this-server.tsx";
import { Users } from "./users.tsx";
import { You } from "./you.tsx";

const route = getRouteApi("/settings");
const parts: Record<SettingsShow, () => React.ReactNode> = {
  you: () => (
    <div className="space-y-8">
      <You />
      <ThisBrowser />
    </div>
  ),
  users: () => <Users />,
  keys: () => <Keys />,
  projects: () => <Projects />,
  secrets: () => <Secrets />,
  budgets: () => <BudgetSettings />,
  schedules: () => <Schedules />,
  templates: () => <TemplateSettings />,
  audit: () => <AuditLog />,
  configuration: () => <Configuration />,
  server: () => <ThisServer />,
};

export function SettingsPage() {
  const { show = "you" } = route.useSearch();
  const identity = useIdentity();
  useEffect(() => {
    document.title = "Settings · Baton";
  }, []);
  const shows = Object.keys(parts) as SettingsShow[];
  const allowed = shows.filter((one) => identity?.rights.includes(settingsRights[one]) === true);
  return (
    <div className="mx-auto max-w-4xl">
      <PageHead title="Settings" />
      <Tabs
        label="Settings"
        tabs={allowed.map((one) => ({ name: settingsNames[one], to: "/settings", search: one === "you" ? {} : { show: one }, isCurrent: one === show }))}
      />
      {identity !== undefined && !allowed.includes(show) ? <p className="text-sm text-soft">Your role does not let you see this.</p> : parts[show]()}
    </div>
  );
}
