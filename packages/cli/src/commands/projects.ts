// `baton projects …`: tenants of one server, and who is in them.
import { type Project, projectInput, projectPatch } from "@baton/contract";
import type { Command } from "commander";
import { type Cli, checked, given, show, showTable } from "../cli.ts";
import { BadUsage } from "../exit.ts";
import type { Column } from "../print/table.ts";
import { ago } from "../print/text.ts";
import { type Act, toList } from "./command.ts";

interface Options {
  description?: string;
  repositories?: string[];
}
const REPOSITORIES = ["--repositories <path,…>", "directories on the server in which its members may name repositories", toList] as const;

export function addProjectCommands(program: Command, act: Act): void {
  const projects = program.command("projects").summary("list, create, change, members").description("Tenants: whoever is not in a project sees nothing of it.");
  projects.command("list").description("those you are in").action(act(listProjects));
  projects
    .command("create")
    .description("make a project; people and keys are put into it by `baton users` and `baton keys`, with --projects")
    .argument("<name>")
    .option("--description <text>", "what it is for")
    .option(...REPOSITORIES)
    .action(act<Options>(createProject));
  projects
    .command("change")
    .description("change what is said of a project")
    .argument("<name>")
    .option("--description <text>", "what it is for")
    .option(...REPOSITORIES)
    .action(act<Options>(changeProject));
  projects.command("members").description("people and keys that are in it, also by being in all").argument("<name>").action(act(listMembers));
}

async function listProjects(cli: Cli): Promise<undefined> {
  const page = await cli.client.listProjects({ query: { limit: 500 }, signal: cli.signal });
  const columns: Column<Project>[] = [
    { title: "NAME", of: ({ name }) => name, flexible: true },
    { title: "DESCRIPTION", of: ({ description }) => description, flexible: true },
    { title: "REPOSITORIES", of: ({ repositories }) => repositories.join(", "), flexible: true },
    { title: "MADE", of: ({ createdAt }) => (Date.parse(createdAt) === 0 ? "from the start" : ago(createdAt, Date.now())) },
  ];
  show(cli, page, () => showTable(cli, columns, page.items, "You are in no project."));
}
async function createProject(cli: Cli, { description, repositories }: Options, name = ""): Promise<undefined> {
  const project = await cli.client.createProject({ body: checked(projectInput, { name, ...given({ description, repositories }) }), signal: cli.signal });
  show(cli, project, () => `${project.name} is made. Let people in with: baton users add NAME --projects ${project.name}`);
}
async function changeProject(cli: Cli, { description, repositories }: Options, id = ""): Promise<undefined> {
  const body = checked(projectPatch, given({ description, repositories }));
  if (Object.keys(body).length === 0) throw new BadUsage("Say what to change: --description or --repositories.");
  const project = await cli.client.updateProject({ params: { id }, body, signal: cli.signal });
  show(cli, project, () => `${project.name} is changed.`);
}

interface Member {
  kind: "user" | "key";
  name: string;
  role: string;
  projects: string[];
}
async function listMembers(cli: Cli, _: object, id = ""): Promise<undefined> {
  const project = await cli.client.getProject({ params: { id }, signal: cli.signal });
  const all: Member[] = [];
  for (let offset = 0, more = true; more; offset += 500) {
    const query = { limit: 500, offset };
    const [users, keys] = await Promise.all([cli.client.listUsers({ query, signal: cli.signal }), cli.client.listApiKeys({ query, signal: cli.signal })]);
    all.push(...users.items.map((user) => ({ kind: "user" as const, ...user })), ...keys.items.map((key) => ({ kind: "key" as const, ...key })));
    more = Math.max(users.total, keys.total) > offset + 500;
  }
  const items = all
    .filter(({ role, projects }) => role === "admin" || projects.includes("*") || projects.includes(project.name))
    .map(({ kind, name, role, projects }) => ({ kind, name, role, projects }));
  const columns: Column<Member>[] = [
    { title: "NAME", of: ({ name }) => name, flexible: true },
    { title: "KIND", of: ({ kind }) => kind },
    { title: "ROLE", of: ({ role }) => role },
    { title: "IN", of: ({ role, projects }) => (role === "admin" || projects.includes("*") ? "all projects" : projects.join(", ")), flexible: true },
  ];
  show(cli, { items }, () => showTable(cli, columns, items, `Nobody is in ${project.name}.`));
}
