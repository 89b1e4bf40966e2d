// What an agent can be set back to. Takes no room for one that never worked in a work tree.
import { useQuery } from "@tanstack/react-query";
import { useWorld } from "../api/world.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { CheckpointList } from "./checkpoint-list.tsx";
import { agentCheckpointsQuery } from "./workspace-queries.ts";

export function AgentCheckpoints({ agentId }: { agentId: string }) {
  const { data, error } = useQuery(agentCheckpointsQuery(useWorld(), agentId));
  if (error) return <ProblemNote error={error} isBesideData={data !== undefined} />;
  if (data === undefined || data.items.length === 0) return null;
  return <CheckpointList checkpoints={data.items} agentId={agentId} empty="" />;
}
