// Where each step of a plan is drawn. Pure: steps in, places out.
import { graphlib, layout } from "@dagrejs/dagre";

export const NODE = { width: 212, height: 84 };

export interface PlannedStep {
  id: string;
  needs: string[];
}
export type Direction = "LR" | "TB";

/** The upper left corner of every step, by id. Dependencies on steps that are not in the plan are left out. */
export function layOutPlan(steps: PlannedStep[], direction: Direction): Map<string, { x: number; y: number }> {
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: direction, nodesep: direction === "LR" ? 22 : 18, ranksep: direction === "LR" ? 56 : 40 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const step of steps) graph.setNode(step.id, { ...NODE });
  for (const step of steps) for (const need of step.needs) if (graph.hasNode(need)) graph.setEdge(need, step.id);
  layout(graph);
  return new Map(
    steps.map(({ id }) => {
      const { x = 0, y = 0 } = graph.node(id);
      return [id, { x: x - NODE.width / 2, y: y - NODE.height / 2 }];
    }),
  );
}
