// A task's plan as a graph. Loaded only where a plan is shown; reachable by keyboard: Tab to a step, Enter to open it.
import type { Step } from "@baton/contract";
import { type BuiltInEdge, type NodeChange, ReactFlow, ReactFlowProvider, useReactFlow } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import "./plan-graph.css";
import { useEffect, useMemo, useRef, useState } from "react";
import { type Arrangement, NODE, type Places, type PlannedStep, layOutPlan } from "./plan-layout.ts";
import { type PlanNode, PlanNodeView } from "./plan-node.tsx";

const nodeTypes = { step: PlanNodeView };
const fit = { padding: 0.06, maxZoom: 1, minZoom: 0.3 };
/** Narrower than this the steps stand one below the other. */
const NARROW = 640;

export interface PlanGraphProps {
  steps: Step[];
  /** Ids of steps that the plan grew by while it ran. */
  grown?: readonly string[];
  /** Ids of steps that decide when it is done. */
  critical?: readonly string[];
  selected: string | undefined;
  onSelect: (stepId: string) => void;
}

export default function PlanGraph(props: PlanGraphProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

const none: readonly string[] = [];

function Canvas({ steps, grown = none, critical = none, selected, onSelect }: PlanGraphProps) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const arrangement: Arrangement = width < NARROW ? "narrow" : "wide";
  const { fitView } = useReactFlow();
  const shape = JSON.stringify(steps.map(({ id, needs }) => ({ id, needs })));
  // The places depend on the shape of the plan alone; they must not move while the steps change state.
  const places = useMemo(() => layOutPlan(JSON.parse(shape) as PlannedStep[], arrangement), [shape, arrangement]);
  const nodes = useMemo(
    () => steps.map((step) => toNode(step, { arrangement, isGrown: grown.includes(step.id), isCritical: critical.includes(step.id) }, places, selected)),
    [steps, grown, critical, arrangement, places, selected],
  );
  const edges = useMemo(() => toEdges(steps, critical, arrangement, places), [steps, critical, arrangement, places]);
  useEffect(() => {
    if (width > 0) void fitView({ ...fit, nodes: [...places.keys()].map((id) => ({ id })) });
  }, [fitView, width, places]);
  const onNodesChange = (changes: NodeChange<PlanNode>[]) => {
    for (const change of changes) if (change.type === "select" && change.selected) onSelect(change.id);
  };
  return (
    <div ref={frame} className="h-full">
      {width > 0 && (
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          onNodesChange={onNodesChange}
          aria-label="Plan"
          ariaLabelConfig={{ "node.a11yDescription.default": "Press Enter to open the step.", "node.a11yDescription.keyboardDisabled": "" }}
          fitView
          fitViewOptions={fit}
          minZoom={0.2}
          maxZoom={1.5}
          nodesDraggable={false}
          nodesConnectable={false}
          edgesFocusable={false}
          deleteKeyCode={null}
          zoomOnScroll={false}
          zoomOnDoubleClick={false}
          preventScrolling={false}
          onlyRenderVisibleElements={steps.length > 100}
          proOptions={{ hideAttribution: true }}
        />
      )}
    </div>
  );
}

function toNode(step: Step, look: Omit<PlanNode["data"], "step">, places: Places, selected: string | undefined): PlanNode {
  return {
    id: step.id,
    type: "step",
    position: places.get(step.id) ?? { x: 0, y: 0 },
    data: { step, ...look },
    ...NODE,
    selected: step.id === selected,
    ariaRole: "button",
    domAttributes: { "aria-roledescription": undefined, "aria-pressed": step.id === selected },
  };
}

function toEdges(steps: Step[], critical: readonly string[], arrangement: Arrangement, places: Places): BuiltInEdge[] {
  const byId = new Map(steps.map((step) => [step.id, step]));
  return steps.flatMap((step) =>
    step.needs.flatMap((need): BuiltInEdge[] => {
      const before = byId.get(need);
      if (before === undefined) return [];
      const state = step.status === "running" ? "running" : before.status === "completed" ? "passed" : "open";
      const isCritical = critical.includes(need) && critical.indexOf(step.id) === critical.indexOf(need) + 1;
      const className = `plan-edge plan-edge-${state}${isCritical ? " plan-edge-critical" : ""}`;
      const edge = { id: `${need} ${step.id}`, source: need, target: step.id, className, focusable: false };
      return [arrangement === "wide" ? edge : { ...edge, type: "smoothstep", pathOptions: { borderRadius: 8, offset: railFor(places, need, step.id) } }];
    }),
  );
}

/** How far left of the column a line runs: the longer ones outside. */
function railFor(places: Places, from: string, to: string): number {
  const rows = ((places.get(to)?.y ?? 0) - (places.get(from)?.y ?? 0)) / NODE.height;
  return Math.min(34, 6 + rows * 8);
}

function useWidth(frame: React.RefObject<HTMLDivElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (frame.current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.round(entry.contentRect.width)));
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, [frame]);
  return width;
}
