// Where each step of a plan is drawn. Pure: steps in, places out.
import { graphlib, layout } from "@dagrejs/dagre";
import { toLevels } from "./plan-levels.ts";

export const NODE = { width: 212, height: 84 };
/** On a narrow page: between two steps, and left of them for the lines. */
const NARROW_GAP = 20;
const NARROW_MARGIN = 44;

export interface PlannedStep {
  id: string;
  needs: string[];
}
/** `wide`: from left to right. `narrow`: one below the other, the lines at their left. */
export type Arrangement = "wide" | "narrow";
export type Places = Map<string, { x: number; y: number }>;

/** The upper left corner of every step, by id. Dependencies on steps that are not in the plan are left out. */
export function layOutPlan(steps: PlannedStep[], arrangement: Arrangement): Places {
  if (arrangement === "narrow") return layOutColumn(steps);
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 22, ranksep: 56 });
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

function layOutColumn(steps: PlannedStep[]): Places {
  const levels = [...toLevels(steps)].toSorted(([a], [b]) => a - b);
  return new Map(levels.flatMap(([, ids]) => ids).map((id, index) => [id, { x: NARROW_MARGIN, y: index * (NODE.height + NARROW_GAP) }]));
}
