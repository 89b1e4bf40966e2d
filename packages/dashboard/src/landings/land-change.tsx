// Puts a change into the queue of its repository.
import { useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { Field, TextInput } from "../ui/field.tsx";
import { textsOf } from "../ui/form-text.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Sheet } from "../ui/sheet.tsx";

type Asked = { repository?: string; source?: string; workspaceId?: string; target?: string; taskId?: string };
/** Of a workspace everything lands that is in it. */
type Known = Asked & { repository: string };

/** `given`: what is known already; it can be changed. */
export function LandChange({ given: known, onLeave }: { given?: Known; onLeave: () => void }) {
  const world = useWorld();
  const land = useMutation({
    mutationFn: (body: Asked) => world.client().createLanding({ body }),
    onSuccess: onLeave,
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["landings"] }),
  });
  function submit(event: FormEvent<HTMLFormElement>) {
    const text = textsOf(event);
    const target = text("target");
    land.mutate({
      ...(known?.workspaceId === undefined ? { repository: text("repository"), source: text("source") } : { workspaceId: known.workspaceId }),
      ...(target === "" ? {} : { target }),
      ...(known?.taskId === undefined ? {} : { taskId: known.taskId }),
    });
  }
  return (
    <Sheet title="Land a change" onLeave={onLeave}>
      <form onSubmit={submit} className="space-y-4">
        {known?.workspaceId !== undefined && (
          <p className="text-sm text-soft">Everything in the work tree lands, committed or not. What keeps it out goes back to the agent that did it.</p>
        )}
        {known?.workspaceId === undefined && (
          <>
            <Field label="Repository" help="A directory on the server's machine.">
              {(id) => <TextInput id={id} name="repository" required defaultValue={known?.repository} placeholder="/path/to/the/repository" />}
            </Field>
            <Field label="What lands" help="A branch, a tag or a commit. What is not committed there stays where it is.">
              {(id) => <TextInput id={id} name="source" required defaultValue={known?.source} />}
            </Field>
          </>
        )}
        <Field label="Onto" help="Empty: the branch that the repository has checked out.">
          {(id) => <TextInput id={id} name="target" defaultValue={known?.target} />}
        </Field>
        {land.error && <ProblemNote error={land.error} />}
        <Button kind="main" type="submit" disabled={land.isPending}>
          Land it
        </Button>
      </form>
    </Sheet>
  );
}
