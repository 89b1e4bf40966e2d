// People who may log in, and as what.
import { ALL_PROJECTS, type AccessRole, type UserAccount, type UserPatch, accessRoles, rightsOf } from "@baton/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { Check, Field, Select, TextInput } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel, Section } from "../ui/section.tsx";
import { Sheet } from "../ui/sheet.tsx";
import { Age } from "../ui/when.tsx";
import { projectsQuery, usersQuery } from "./setting-queries.ts";

const LEAST_PASSWORD = 12;

export function Users() {
  const { data, error, refetch } = useQuery(usersQuery(useWorld()));
  const [isAdding, setAdding] = useState(false);
  if (error && data === undefined) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="users" className="h-48" />;
  return (
    <Section
      title={data.total === 1 ? "1 user" : `${data.total} users`}
      aside={
        <Button icon="plus" onClick={() => setAdding(true)}>
          Add a user
        </Button>
      }
    >
      {data.items.length === 0 ? (
        <p className="text-sm text-soft">Nobody can log in by name yet. Where this server demands no credentials, whoever reaches it is its operator.</p>
      ) : (
        <Panel>
          <ul className="divide-y divide-line">
            {data.items.map((user) => (
              <UserRow key={user.id} user={user} />
            ))}
          </ul>
        </Panel>
      )}
      {isAdding && <AddUser onLeave={() => setAdding(false)} />}
    </Section>
  );
}

export const RoleSelect = ({ id, value, onChange, label }: { id?: string; value: AccessRole; onChange: (role: AccessRole) => void; label?: string }) => (
  <Select id={id} aria-label={label} value={value} onChange={({ target }) => onChange(accessRoles.find((one) => one === target.value) ?? "viewer")}>
    {accessRoles.map((role) => (
      <option key={role} value={role} title={rightsOf[role].join(", ")}>
        {role.replace("-", " ")}
      </option>
    ))}
  </Select>
);

function UserRow({ user }: { user: UserAccount }) {
  const world = useWorld();
  const [isRemoving, setRemoving] = useState(false);
  const refresh = () => world.queries.invalidateQueries({ queryKey: ["users"] });
  const change = useMutation({ mutationFn: (body: UserPatch) => world.client().updateUser({ params: { id: user.id }, body }), onSettled: refresh });
  const remove = useMutation({ mutationFn: () => world.client().removeUser({ params: { id: user.id } }), onSettled: refresh });
  const logOut = useMutation({ mutationFn: () => world.client().logOutUser({ params: { id: user.id } }) });
  const failure = change.error ?? remove.error ?? logOut.error;
  return (
    <li data-row className="px-4 py-3 text-sm">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-40">
          <p className={`font-medium ${user.enabled ? "" : "text-soft line-through"}`}>{user.name}</p>
          {user.issuer !== null && (
            <p className="text-soft">
              {user.email === null ? "" : `${user.email}, `}by {new URL(user.issuer).host}
            </p>
          )}
          <p className="text-soft">
            {user.lastLoginAt === null ? (
              "never logged in"
            ) : (
              <>
                logged in <Age at={user.lastLoginAt} suffix=" ago" />
              </>
            )}
          </p>
        </div>
        {user.role !== "admin" && <Memberships user={user} onChange={(projects) => change.mutate({ projects })} />}
        <RoleSelect label={`Role of ${user.name}`} value={user.role} onChange={(role) => change.mutate({ role })} />
        <Button disabled={logOut.isPending} aria-label={`Log out ${user.name} everywhere`} onClick={() => logOut.mutate()}>
          Log out
        </Button>
        <Button disabled={change.isPending} onClick={() => change.mutate({ enabled: !user.enabled })}>
          {user.enabled ? "Lock out" : "Let in"}
        </Button>
        <Button kind="quiet" icon="trash" className="px-2.5" aria-label={`Remove ${user.name}`} onClick={() => setRemoving(true)} />
      </div>
      {failure && <ProblemNote error={failure} />}
      {logOut.isSuccess && <output className="mt-1 block text-soft">All logins of {user.name} have ended.</output>}
      {isRemoving && (
        <Confirm
          title={`Remove ${user.name}?`}
          action="Remove"
          onLeave={() => setRemoving(false)}
          onConfirm={() => {
            setRemoving(false);
            remove.mutate();
          }}
        >
          Their logins end at once. What they did stays in the audit log.
        </Confirm>
      )}
    </li>
  );
}

/** Admins are in all, whatever stands here. */
function Memberships({ user, onChange }: { user: UserAccount; onChange: (projects: string[]) => void }) {
  const { data } = useQuery(projectsQuery(useWorld()));
  const [isOpen, setOpen] = useState(false);
  // Where there is one project there is nothing to choose.
  if (data === undefined || data.total < 2) return null;
  const names = data.items.map(({ name }) => name);
  const isIn = (name: string): boolean => user.projects.includes(ALL_PROJECTS) || user.projects.includes(name);
  const said = user.projects.includes(ALL_PROJECTS) ? "all projects" : user.projects.join(", ");
  return (
    <>
      <Button aria-label={`Projects of ${user.name}: ${said}`} className="max-w-44" onClick={() => setOpen(true)}>
        <span className="truncate">{said}</span>
      </Button>
      {isOpen && (
        <Sheet title={`Projects of ${user.name}`} onLeave={() => setOpen(false)}>
          <form
            className="space-y-3"
            onSubmit={(event) => {
              event.preventDefault();
              const chosen = new FormData(event.currentTarget).getAll("project").filter((one) => typeof one === "string");
              onChange(chosen.length === 0 || chosen.length === names.length ? [ALL_PROJECTS] : chosen);
              setOpen(false);
            }}
          >
            <p className="text-sm text-soft">
              In none they would be nobody: none chosen, or each, is all there are and will be. What they make belongs to the first.
            </p>
            {names.map((name) => (
              <Check key={name} label={name} name="project" value={name} defaultChecked={isIn(name)} />
            ))}
            <Button kind="main" type="submit">
              Change
            </Button>
          </form>
        </Sheet>
      )}
    </>
  );
}

function AddUser({ onLeave }: { onLeave: () => void }) {
  const world = useWorld();
  const [role, setRole] = useState<AccessRole>("user");
  const add = useMutation({
    mutationFn: (body: { name: string; password: string }) => world.client().createUser({ body: { ...body, role } }),
    onSuccess: onLeave,
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["users"] }),
  });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const [name, password] = ["name", "password"].map((field) => new FormData(event.currentTarget).get(field));
    if (typeof name === "string" && typeof password === "string") add.mutate({ name: name.trim(), password });
  }
  return (
    <Sheet title="Add a user" onLeave={onLeave}>
      <form onSubmit={submit} className="space-y-4">
        <Field label="Name">{(id) => <TextInput id={id} name="name" required maxLength={200} />}</Field>
        <Field label="Password" help={`${LEAST_PASSWORD} characters or more.`}>
          {(id) => <TextInput id={id} name="password" type="password" autoComplete="new-password" required minLength={LEAST_PASSWORD} />}
        </Field>
        <Field label="Role" help={`May: ${rightsOf[role].join(", ")}`}>
          {(id) => <RoleSelect id={id} value={role} onChange={setRole} />}
        </Field>
        {add.error && <ProblemNote error={add.error} />}
        <Button kind="main" type="submit" disabled={add.isPending}>
          Add
        </Button>
      </form>
    </Sheet>
  );
}
