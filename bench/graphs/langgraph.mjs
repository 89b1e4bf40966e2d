// LangGraph.js: a StateGraph with a node a step; nested groups are subgraphs. Durable: PostgresSaver, every superstep saved before the next begins.
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";

const State = Annotation.Root({ count: Annotation({ reducer: (one, other) => one + other, default: () => 0 }) });

export async function open({ url }, shape, isDurable) {
  let begun = () => undefined;
  const node = () => {
    begun();
    return { count: 1 };
  };
  const checkpointer = isDurable ? PostgresSaver.fromConnString(url) : undefined;
  await checkpointer?.setup();
  const graph = (shape.groups === undefined ? flat(shape.steps, node) : inGroups(shape, node)).compile({ checkpointer });
  let threads = 0;
  return {
    settings: isDurable ? 'PostgresSaver, durability "sync"' : "no checkpointer",
    async carryOut(onStep) {
      begun = onStep;
      await graph.invoke({}, { configurable: { thread_id: String(threads++) }, durability: isDurable ? "sync" : undefined, recursionLimit: 200 });
    },
    close: async () => checkpointer?.end(),
  };
}

function flat(steps, node) {
  const graph = new StateGraph(State);
  for (const { id } of steps) graph.addNode(id, node);
  const needed = new Set(steps.flatMap(({ needs }) => needs));
  for (const { id, needs } of steps) {
    graph.addEdge(needs.length === 0 ? START : needs.length === 1 ? needs[0] : needs, id);
    if (!needed.has(id)) graph.addEdge(id, END);
  }
  return graph;
}
function inGroups({ groups, width }, node) {
  const branch = () =>
    flat(
      [
        { id: "a", needs: [] },
        { id: "b", needs: ["a"] },
      ],
      node,
    ).compile();
  const graph = new StateGraph(State);
  for (let group = 0; group < groups; group++) {
    const branches = Array.from({ length: width }, (_, at) => `g${group}branch${at}`);
    graph.addNode(`g${group}split`, node).addEdge(group === 0 ? START : `g${group - 1}join`, `g${group}split`);
    for (const name of branches) graph.addNode(name, branch()).addEdge(`g${group}split`, name);
    graph.addNode(`g${group}join`, node).addEdge(branches, `g${group}join`);
  }
  return graph.addEdge(`g${groups - 1}join`, END);
}
