// What can be done to an agent in its state.
import type { Agent } from "@baton/contract";
import { useMutation } from "@tanstack/react-query";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";

const tells = {
  pause: "Takes nothing new until it is resumed; what runs goes on.",
  drain: "Finishes what it has, then takes nothing more.",
  resume: "Takes work again.",
} as const;
type Action = keyof typeof tells;

function allowedFor({ status }: Agent): Action[] {
  if (status.state === "disabled") return [];
  if (status.lifecycle === "paused" || status.lifecycle === "draining" || status.lifecycle === "stopped") return ["resume"];
  return ["pause", "drain"];
}

export function AgentActions({ agent }: { agent: Agent }) {
  const world = useWorld();
  const act = useMutation({
    mutationFn: (action: Action) => world.client().actOnAgent({ params: { id: agent.id }, body: { action } }),
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["agent"] }),
  });
  return (
    <div className="space-y-3">
      <div className="flex gap-2">
        {allowedFor(agent).map((action) => (
          <Button
            key={action}
            title={tells[action]}
            kind={action === "resume" ? "main" : "plain"}
            disabled={act.isPending}
            onClick={() => act.mutate(action)}
            className="capitalize"
          >
            {action}
          </Button>
        ))}
      </div>
      {act.error && <ProblemNote error={act.error} />}
    </div>
  );
}
