// Projects: tenants of this server, with where their members may name repositories, and who is in them.
import { ALL_PROJECTS, type Project, type ProjectInput, type UserAccount } from "@baton/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { Field, TextArea, TextInput } from "../ui/field.tsx";
import { textsOf } from "../ui/form-text.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel, Section } from "../ui/section.tsx";
import { Sheet } from "../ui/sheet.tsx";
import { Age } from "../ui/when.tsx";
import { projectsQuery, usersQuery } from "./setting-queries.ts";

export function Projects() {
  const world = useWorld();
  const { data, error, refetch } = useQuery(projectsQuery(world));
  const { data: users } = useQuery(usersQuery(world));
  const mayChange = useMay("createProject", "updateProject");
  const [open, setOpen] = useState<Project | "new">();
  if (error && data === undefined) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="projects" className="h-48" />;
  return (
    <Section
      title={data.total === 1 ? "1 project" : `${data.total} projects`}
      aside={
        mayChange && (
          <Button icon="plus" onClick={() => setOpen("new")}>
            Make a project
          </Button>
        )
      }
    >
      <p className="mb-3 text-sm text-soft">What belongs to one is as if it were not there for whoever is in others. Who is in which is said with the users.</p>
      <Panel>
        <ul className="divide-y divide-line">
          {data.items.map((project) => (
            <li key={project.name} data-row className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 text-sm">
              <div className="min-w-0 flex-1 basis-52">
                <p className="font-medium">{project.name}</p>
                {project.description !== "" && <p className="text-soft">{project.description}</p>}
                <p className="text-soft">
                  {membersOf(project.name, users?.items)} · <Made at={project.createdAt} />
                </p>
                {project.repositories.map((path) => (
                  <p key={path} className="font-mono text-xs break-all text-soft">
                    {path}
                  </p>
                ))}
              </div>
              {mayChange && (
                <Button aria-label={`Change ${project.name}`} onClick={() => setOpen(project)}>
                  Change
                </Button>
              )}
            </li>
          ))}
        </ul>
      </Panel>
      {open !== undefined && <EditProject project={open === "new" ? undefined : open} onLeave={() => setOpen(undefined)} />}
    </Section>
  );
}

/** The first comes with the store, and is dated to the beginning of time. */
const Made = ({ at }: { at: string }) =>
  Date.parse(at) === 0 ? (
    "there from the start"
  ) : (
    <>
      made <Age at={at} suffix=" ago" />
    </>
  );
/** Admins are in all, whatever stands with them. */
function membersOf(project: string, users: readonly UserAccount[] | undefined): string {
  const count = (users ?? []).filter(({ role, projects }) => role === "admin" || projects.includes(ALL_PROJECTS) || projects.includes(project)).length;
  return count === 1 ? "1 user is in it" : `${count} users are in it`;
}

function EditProject({ project, onLeave }: { project: Project | undefined; onLeave: () => void }) {
  const world = useWorld();
  const save = useMutation({
    mutationFn: ({ name, ...body }: ProjectInput) =>
      project === undefined ? world.client().createProject({ body: { name, ...body } }) : world.client().updateProject({ params: { id: project.name }, body }),
    onSuccess: onLeave,
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["projects"] }),
  });
  function submit(event: FormEvent<HTMLFormElement>) {
    const text = textsOf(event);
    const repositories = text("repositories")
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
    save.mutate({ name: project?.name ?? text("name"), description: text("description"), repositories });
  }
  return (
    <Sheet title={project === undefined ? "Make a project" : `Change ${project.name}`} onLeave={onLeave}>
      <form onSubmit={submit} className="space-y-4">
        {project === undefined && (
          <Field label="Name" help="It stays: what belongs to it says so by name.">
            {(id) => <TextInput id={id} name="name" required maxLength={100} pattern="[A-Za-z0-9][A-Za-z0-9._\-]*" />}
          </Field>
        )}
        <Field label="Description">{(id) => <TextInput id={id} name="description" defaultValue={project?.description} maxLength={1000} />}</Field>
        <Field label="Directories with its repositories" help="On the server, one a line: its members may name repositories in these alone.">
          {(id) => <TextArea id={id} name="repositories" rows={4} defaultValue={project?.repositories.join("\n")} />}
        </Field>
        {save.error && <ProblemNote error={save.error} />}
        <Button kind="main" type="submit" disabled={save.isPending}>
          {project === undefined ? "Make it" : "Change it"}
        </Button>
      </form>
    </Sheet>
  );
}
