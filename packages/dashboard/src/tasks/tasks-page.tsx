// All tasks: as a list, or as a board by how they stand; what is shown stands in the address.
import { type Priority, priorities } from "@baton/contract";
import { Link, getRouteApi } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useMay } from "../api/rights.ts";
import { LinkButton } from "../ui/button.tsx";
import { Select, TextInput } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { TaskBoard } from "./task-board.tsx";
import { type TaskSearch, taskShows, toTaskFilter } from "./task-search.ts";
import { TaskTable } from "./task-table.tsx";

const route = getRouteApi("/tasks");
/** After the last key, before it is asked. */
const TYPED_MS = 250;

export function TasksPage() {
  const search = route.useSearch();
  const isBoard = search.view === "board";
  const maySubmit = useMay("submitTask");
  useEffect(() => {
    document.title = "Tasks · Baton";
  }, []);
  return (
    <>
      <PageHead title="Tasks">
        <div className="flex rounded-md border border-line p-0.5">
          <ViewLink isCurrent={!isBoard} name="List" icon="list" search={{ ...search, view: undefined }} />
          <ViewLink isCurrent={isBoard} name="Board" icon="board" search={{ ...search, view: "board" }} />
        </div>
        {maySubmit && (
          <LinkButton to="/tasks/new" kind="main" icon="plus">
            New task
          </LinkButton>
        )}
      </PageHead>
      <Filters search={search} isBoard={isBoard} />
      {isBoard ? (
        <TaskBoard search={search} />
      ) : (
        <TaskTable key={JSON.stringify(search)} filter={toTaskFilter(search)} isFiltered={Object.keys(search).length > 0} />
      )}
    </>
  );
}

const ViewLink = ({ isCurrent, name, icon, search }: { isCurrent: boolean; name: string; icon: "list" | "board"; search: object }) => (
  <Link
    to="/tasks"
    search={search as TaskSearch}
    data-current={isCurrent}
    className="inline-flex h-8 items-center gap-1.5 rounded px-2.5 text-sm text-soft hover:text-ink data-[current=true]:bg-accent-wash data-[current=true]:font-medium data-[current=true]:text-ink"
  >
    <Icon name={icon} size={14} />
    {name}
  </Link>
);

function Filters({ search, isBoard }: { search: TaskSearch; isBoard: boolean }) {
  const navigate = route.useNavigate();
  const change = (part: TaskSearch | { [K in keyof TaskSearch]: undefined }) => void navigate({ search: { ...search, ...part } as TaskSearch, replace: true });
  return (
    <search className="mb-4 flex flex-wrap items-center gap-2">
      <SearchField value={search.q ?? ""} onChange={(q) => change({ q: q === "" ? undefined : q })} />
      {!isBoard && (
        <Select aria-label="Status" value={search.show ?? "all"} onChange={(event) => change({ show: event.target.value as NonNullable<TaskSearch["show"]> })}>
          {taskShows.map((show) => (
            <option key={show} value={show}>
              {show === "all" ? "any status" : show}
            </option>
          ))}
        </Select>
      )}
      <Select
        aria-label="Priority"
        value={search.priority ?? ""}
        onChange={(event) => change({ priority: event.target.value === "" ? undefined : (event.target.value as Priority) })}
      >
        <option value="">any priority</option>
        {priorities.map((priority) => (
          <option key={priority}>{priority}</option>
        ))}
      </Select>
      {(["type", "project"] as const).map((name) =>
        search[name] === undefined ? null : (
          <button
            key={name}
            type="button"
            aria-label={`Any ${name}`}
            onClick={() => change({ [name]: undefined })}
            className="inline-flex h-9 items-center gap-1.5 rounded-md bg-accent-wash px-2.5 text-sm"
          >
            {name}: {search[name]}
            <Icon name="close" size={12} />
          </button>
        ),
      )}
    </search>
  );
}

function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [typed, setTyped] = useState(value);
  useEffect(() => {
    if (typed === value) return undefined;
    const timer = setTimeout(() => onChange(typed), TYPED_MS);
    return () => clearTimeout(timer);
  });
  return (
    <TextInput
      type="search"
      data-search
      aria-label="Search tasks"
      placeholder="Search titles and descriptions"
      value={typed}
      maxLength={200}
      onChange={(event) => setTyped(event.target.value)}
      className="min-w-0 flex-1 basis-56 sm:max-w-sm"
    />
  );
}
