// Projects: the tenants of a server, and who is in all of them.
import { realpath } from "node:fs/promises";
import { relative, isAbsolute } from "node:path";
import { ALL_PROJECTS, DEFAULT_PROJECT, type Page, type Project, type ProjectInput, type ProjectPatch, Refusal } from "@baton/contract";
import { type Clock, iso } from "../std/clock.ts";
import type { Saw } from "../std/saw.ts";
import type { Db } from "../store/db.ts";
import { covers, type Scope } from "../store/scope.ts";
import * as rows from "./project-rows.ts";

export interface Projects {
  list(scope: Scope, window: { limit: number; offset: number }): Promise<Page<Project>>;
  /** @throws Refusal `not_found` */
  get(name: string): Promise<Project>;
  create(input: ProjectInput): Promise<Project>;
  patch(name: string, patch: ProjectPatch, saw?: Saw<Project>): Promise<Project>;
  /** @throws Refusal `bad_input` when there is none of a name. */
  assertThere(names: readonly string[]): Promise<void>;
  /** Whether there is no project but these: then whoever is in them may do what takes more than one project. Asked anew each time. */
  isEverywhere(scope: Scope): Promise<boolean>;
  /**
   * Whose it becomes, what somebody makes: as they say, else their first project. Undefined: they are in all, and did not say.
   * Who is in all makes a project by naming it. @throws Refusal `not_found` for one they are not in.
   */
  enter(scope: Scope, named: string | undefined): Promise<string | undefined>;
  /** @param at where in the request it stands. @throws Refusal `forbidden` for a repository that none of these projects' members may name. */
  assertRepository(scope: Scope, path: string, at: string): Promise<void>;
}
interface ProjectsWorld {
  db: Db;
  clock: Clock;
}
const noProject = (name: string): Refusal => new Refusal("not_found", `There is no project ${name}.`);

export function openProjects({ db, clock }: ProjectsWorld): Projects {
  const known = new Set([DEFAULT_PROJECT]);
  async function find(name: string): Promise<rows.ProjectRow> {
    const [row] = await rows.selectNamed(db, [name]);
    if (!row) throw noProject(name);
    return row;
  }
  async function make(name: string): Promise<void> {
    if (known.has(name)) return;
    await db.transaction((tx) => rows.insertProject(tx, { name, description: "", repositories: "[]", created_at: clock.now() }));
    known.add(name);
  }
  return {
    list: async (scope, window) => {
      const [items, total] = await Promise.all([rows.selectProjects(db, scope, window), rows.countProjects(db, scope)]);
      return { items: items.map(toProject), total, ...window };
    },
    get: async (name) => toProject(await find(name)),
    create: async ({ name, description, repositories }) => {
      if (name === ALL_PROJECTS) {
        const issue = { path: "body.name", message: `must not be ${ALL_PROJECTS}, which stands for all projects` };
        throw new Refusal("bad_input", `${issue.path} ${issue.message}.`, { issues: [issue] });
      }
      const row = { name, description, repositories: JSON.stringify(repositories), created_at: clock.now() };
      if (!(await db.transaction((tx) => rows.insertProject(tx, row)))) {
        throw new Refusal("name_taken", `There is a project called ${name}.`, { issues: [{ path: "body.name", message: "is taken" }] });
      }
      return toProject(row);
    },
    patch: (name, { description, repositories }, saw) =>
      db.transaction(async (tx) => {
        const row = await rows.lockProject(tx, name);
        if (!row) throw noProject(name);
        const changed = {
          ...row,
          description: description ?? row.description,
          repositories: repositories === undefined ? row.repositories : JSON.stringify(repositories),
        };
        await rows.updateProject(tx, changed);
        saw?.(toProject(row), toProject(changed));
        return toProject(changed);
      }),
    assertThere: async (names) => {
      const asked = names.filter((name) => name !== ALL_PROJECTS && name !== DEFAULT_PROJECT);
      const there = asked.length === 0 ? [] : (await rows.selectNamed(db, asked)).map(({ name }) => name);
      const missing = asked.find((name) => !there.includes(name));
      if (missing === undefined) return;
      const issue = { path: "body.projects", message: `names ${JSON.stringify(missing)}, and there is no such project` };
      throw new Refusal("bad_input", `${issue.path} ${issue.message}.`, { issues: [issue] });
    },
    isEverywhere: async ({ projects }) => projects === "all" || (await rows.selectOther(db, projects)) === undefined,
    enter: async (scope, named) => {
      if (scope.projects === "all") {
        if (named !== undefined) await make(named);
        return named;
      }
      if (named !== undefined && !covers(scope, named)) throw noProject(named);
      return named ?? scope.projects[0] ?? DEFAULT_PROJECT;
    },
    assertRepository: async ({ projects }, path, at) => {
      if (projects === "all") return;
      const asked = await whereItLeads(path);
      const allowed = (await rows.selectNamed(db, projects)).flatMap((row) => JSON.parse(row.repositories) as string[]);
      for (const one of allowed) if (isWithin(await whereItLeads(one), asked)) return;
      const message = "is in none of the directories where members of your projects may name repositories";
      throw new Refusal("forbidden", `${at} ${message}.`, { issues: [{ path: at, message }] });
    },
  };
}
/** Links followed; as it is written where nothing is. */
const whereItLeads = (path: string): Promise<string> => realpath(path).catch(() => path);
function isWithin(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return isAbsolute(path) && way !== ".." && !way.startsWith("../") && !isAbsolute(way);
}
const toProject = (row: rows.ProjectRow): Project => ({
  name: row.name,
  description: row.description,
  repositories: JSON.parse(row.repositories) as string[],
  createdAt: iso(row.created_at),
});
