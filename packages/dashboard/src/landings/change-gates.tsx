// Gates of a repository beside those of its baton.yaml: written as YAML that is checked while one writes, or taken away.
import { type GateSet, gateSetInput } from "@baton/contract";
import { useMutation } from "@tanstack/react-query";
import { Suspense, lazy, useState } from "react";
import { stringify } from "yaml";
import { z } from "zod";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { Field, TextInput } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading } from "../ui/section.tsx";
import { Sheet } from "../ui/sheet.tsx";

const SchemaEditor = lazy(() => import("../editor/schema-editor.tsx"));
const schema = z.strictObject({ gates: gateSetInput.shape.gates });
type Written = z.input<typeof schema>;

const first = `# Ctrl-Space says what may stand here. Kinds: command, paths, size, coverage, secrets.
gates:
  - name: tests
    kind: command
    command: npm
    args: [test]
  - name: no-secrets
    kind: secrets
`;

export function ChangeGates({ repository: known, set, onLeave }: { repository: string | undefined; set: GateSet | undefined; onLeave: () => void }) {
  const world = useWorld();
  const [repository, setRepository] = useState(known ?? "");
  const [text, setText] = useState(() => (set === undefined ? first : stringify({ gates: set.gates })));
  const [written, setWritten] = useState<Written | undefined>(undefined);
  const put = useMutation({
    mutationFn: ({ gates }: Written) => world.client().putGates({ body: { repository: repository.trim(), gates } }),
    onSuccess: onLeave,
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["gates"] }),
  });
  return (
    <Sheet isWide title={set === undefined ? "Add gates" : "Change the gates that were added here"} onLeave={onLeave}>
      <div className="space-y-4">
        <Field label="Repository" help="A directory on the server's machine. The gates of its baton.yaml stay, whatever is written here.">
          {(id) => (
            <TextInput
              id={id}
              value={repository}
              disabled={known !== undefined}
              onChange={({ target }) => setRepository(target.value)}
              placeholder="/path/to/the/repository"
            />
          )}
        </Field>
        <div className="overflow-hidden rounded-md border border-line">
          <Suspense fallback={<Loading what="the editor" className="h-64" />}>
            <SchemaEditor label="Gates" schema={schema} text={text} onText={setText} onValue={(value) => setWritten(value as Written | undefined)} />
          </Suspense>
        </div>
        {put.error && <ProblemNote error={put.error} />}
        <Button kind="main" disabled={written === undefined || repository.trim() === "" || put.isPending} onClick={() => written && put.mutate(written)}>
          Use these gates
        </Button>
      </div>
    </Sheet>
  );
}

export function RemoveGates({ set }: { set: GateSet }) {
  const world = useWorld();
  const [isAsking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => world.client().removeGates({ params: { id: set.id } }),
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["gates"] }),
  });
  return (
    <>
      <Button kind="quiet" icon="trash" disabled={remove.isPending} aria-label={`Remove gates of ${set.repository}`} onClick={() => setAsking(true)}>
        Remove
      </Button>
      {remove.error && <ProblemNote error={remove.error} />}
      {isAsking && (
        <Confirm
          title="Remove the gates that were added here?"
          action="Remove them"
          onLeave={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            remove.mutate();
          }}
        >
          Changes to {set.repository} then pass what its baton.yaml asks for, and nothing lands where that asks for nothing.
        </Confirm>
      )}
    </>
  );
}
