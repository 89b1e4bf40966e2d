// States that work can be set back to. What is replaced gets a checkpoint first, so that setting back can be undone in the same way.
import type { Checkpoint } from "@baton/contract";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { Field, TextInput } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Panel, Section } from "../ui/section.tsx";
import { Sheet } from "../ui/sheet.tsx";
import { Age, toMoment } from "../ui/when.tsx";
import { toCheckpointName } from "./checkpoint-name.ts";

/** @param agentId who keeps a checkpoint now; absent: nobody can. @param workspaceId of what is kept; absent: where the agent works. */
export function CheckpointList({
  checkpoints,
  agentId,
  workspaceId,
  empty,
}: {
  checkpoints: readonly Checkpoint[];
  agentId: string | undefined;
  workspaceId?: string;
  empty: string;
}) {
  const world = useWorld();
  const mayKeep = useMay("createCheckpoint");
  const mayRollBack = useMay("rollBack");
  const [isKeeping, setKeeping] = useState(false);
  const [asked, setAsked] = useState<Checkpoint>();
  const refresh = () => Promise.all([["workspaces"], ["agent"]].map((queryKey) => world.queries.invalidateQueries({ queryKey })));
  const rollBack = useMutation({
    mutationFn: ({ id, agentId: of }: Checkpoint) => world.client().rollBack({ params: { id: of ?? "", checkpointId: id } }),
    onSettled: refresh,
  });
  return (
    <Section title="Checkpoints" aside={mayKeep && agentId !== undefined && <Button onClick={() => setKeeping(true)}>Keep how it is</Button>}>
      {rollBack.data && (
        <output className="mb-2 block text-sm text-soft">Set back. How it was before is the checkpoint of {toMoment(rollBack.data.before.createdAt)}.</output>
      )}
      {rollBack.error && (
        <div className="mb-2">
          <ProblemNote error={rollBack.error} />
        </div>
      )}
      <Panel>
        {checkpoints.length === 0 && <p className="px-4 py-5 text-sm text-soft">{empty}</p>}
        <ul className="divide-y divide-line" aria-label="Checkpoints">
          {checkpoints.map((one) => (
            <li key={one.id} className="px-4 py-2.5 text-sm">
              <p className="flex items-baseline justify-between gap-3">
                <span className="min-w-0 [overflow-wrap:anywhere]">{toCheckpointName(one)}</span>
                <span className="text-xs text-soft">
                  <Age at={one.createdAt} suffix=" ago" />
                </span>
              </p>
              <p className="mt-0.5 flex flex-wrap items-center gap-x-3 gap-y-0.5 text-xs">
                <Link
                  to="/workspaces/$workspaceId"
                  params={{ workspaceId: one.workspaceId }}
                  search={{ from: one.id }}
                  resetScroll={false}
                  className="inline-flex min-h-6 items-center text-accent underline underline-offset-2"
                >
                  What changed since
                </Link>
                {mayRollBack && one.agentId !== null && (
                  <button
                    type="button"
                    disabled={rollBack.isPending}
                    onClick={() => setAsked(one)}
                    className="min-h-6 text-accent underline underline-offset-2 disabled:opacity-50"
                    aria-label={`Set back to: ${toCheckpointName(one)}, ${toMoment(one.createdAt)}`}
                  >
                    {rollBack.isPending && rollBack.variables.id === one.id ? "Setting back…" : "Set back"}
                  </button>
                )}
              </p>
            </li>
          ))}
        </ul>
      </Panel>
      {isKeeping && agentId !== undefined && <KeepNow agentId={agentId} workspaceId={workspaceId} onLeave={() => setKeeping(false)} />}
      {asked && (
        <Confirm
          title={`Set back to “${toCheckpointName(asked)}”?`}
          action="Set back"
          onLeave={() => setAsked(undefined)}
          onConfirm={() => {
            rollBack.mutate(asked);
            setAsked(undefined);
          }}
        >
          The files and the conversation of its agent become what they were {toMoment(asked.createdAt)}. How they are now is kept as a checkpoint first.
        </Confirm>
      )}
    </Section>
  );
}

function KeepNow({ agentId, workspaceId, onLeave }: { agentId: string; workspaceId: string | undefined; onLeave: () => void }) {
  const world = useWorld();
  const [description, setDescription] = useState("");
  const keep = useMutation({
    mutationFn: () =>
      world
        .client()
        .createCheckpoint({ params: { id: agentId }, body: { description: description.trim(), ...(workspaceId === undefined ? {} : { workspaceId }) } }),
    onSuccess: onLeave,
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["workspaces"] }),
  });
  return (
    <Sheet title="Keep how it is now" onLeave={onLeave}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          keep.mutate();
        }}
      >
        <Field label="What it is" help="Files, what is staged, and the agent's conversation are kept together.">
          {(id) => <TextInput id={id} maxLength={4000} value={description} onChange={({ target }) => setDescription(target.value)} />}
        </Field>
        {keep.error && <ProblemNote error={keep.error} />}
        <Button kind="main" type="submit" disabled={keep.isPending}>
          Keep it
        </Button>
      </form>
    </Sheet>
  );
}
