// What can be done to an agent in its state, by whoever may.
import type { Agent, AgentAction } from "@baton/contract";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { TextInput } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";

const tells = {
  pause: "Takes nothing new until it is resumed; what runs goes on.",
  drain: "Finishes what it has, then takes nothing more.",
  resume: "Takes work again.",
  start: "Starts it in its terminal.",
  stop: "Ends it; it gets no work until it is started again.",
  restart: "Ends it and starts it anew.",
} as const;
type Action = keyof typeof tells;

function allowedFor({ status, connector }: Agent): Action[] {
  if (status.state === "disabled") return [];
  const inTerminal = connector.kind === "terminal";
  if (status.lifecycle === "stopped") return inTerminal ? ["start"] : ["resume"];
  if (status.lifecycle === "paused" || status.lifecycle === "draining") return ["resume"];
  return inTerminal ? ["pause", "drain", "restart", "stop"] : ["pause", "drain"];
}

export function AgentActions({ agent }: { agent: Agent }) {
  const world = useWorld();
  const navigate = useNavigate();
  const mayAct = useMay("actOnAgent", "checkAgentHealth", "removeAgent");
  const [isRemoving, setRemoving] = useState(false);
  const params = { id: agent.id };
  const refresh = () => world.queries.invalidateQueries({ queryKey: ["agent"] });
  const act = useMutation({
    mutationFn: (body: { action: AgentAction["action"]; instances?: number }) => world.client().actOnAgent({ params, body }),
    onSettled: refresh,
  });
  const check = useMutation({ mutationFn: () => world.client().checkAgentHealth({ params }), onSettled: refresh });
  const remove = useMutation({ mutationFn: () => world.client().removeAgent({ params }), onSuccess: () => navigate({ to: "/agents" }) });
  if (!mayAct) return null;
  const isBusy = act.isPending || check.isPending || remove.isPending;
  const error = act.error ?? check.error ?? remove.error;
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap gap-2">
        {allowedFor(agent).map((action) => (
          <Button
            key={action}
            title={tells[action]}
            kind={action === "resume" || action === "start" ? "main" : "plain"}
            disabled={isBusy}
            onClick={() => act.mutate({ action })}
            className="capitalize"
          >
            {action}
          </Button>
        ))}
        <Scale
          key={agent.maxConcurrentTasks}
          now={agent.maxConcurrentTasks}
          isBusy={isBusy}
          onScale={(instances) => act.mutate({ action: "scale", instances })}
        />
        <Button disabled={isBusy} onClick={() => check.mutate()}>
          {check.isPending ? "Asking…" : "Check health"}
        </Button>
        <Button kind="quiet" icon="trash" aria-label={`Remove ${agent.name}`} className="px-2.5" disabled={isBusy} onClick={() => setRemoving(true)} />
      </div>
      {check.data && (
        <output className="block text-sm text-soft">
          {check.data.health} after {check.data.responseTimeMs} ms: {check.data.detail}
        </output>
      )}
      {error && <ProblemNote error={error} />}
      {isRemoving && (
        <Confirm
          title={`Remove ${agent.name}?`}
          action="Remove it"
          onLeave={() => setRemoving(false)}
          onConfirm={() => {
            setRemoving(false);
            remove.mutate();
          }}
        >
          It gets no more work. What it did before stays with its tasks.
        </Confirm>
      )}
    </div>
  );
}

/** How many pieces of work it may have at once. */
function Scale({ now, isBusy, onScale }: { now: number; isBusy: boolean; onScale: (instances: number) => void }) {
  const [wanted, setWanted] = useState(String(now));
  const instances = Number(wanted);
  const isChanged = Number.isSafeInteger(instances) && instances >= 1 && instances !== now;
  return (
    <form
      className="flex items-center gap-1.5 text-sm text-soft"
      onSubmit={(event) => {
        event.preventDefault();
        if (isChanged) onScale(instances);
      }}
    >
      <span aria-hidden="true" className="whitespace-nowrap">
        At once
      </span>
      <TextInput
        aria-label="Pieces of work at once"
        type="number"
        min={1}
        max={100_000}
        value={wanted}
        onChange={({ target }) => setWanted(target.value)}
        className="w-20"
      />
      {isChanged && (
        <Button type="submit" disabled={isBusy}>
          Set
        </Button>
      )}
    </form>
  );
}
