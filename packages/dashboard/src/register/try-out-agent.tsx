// A real agent that needs nothing: a few lines for Node that count the words of what they are told. For a first task before anything else is here.
import type { AgentInput } from "@baton/contract";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Panel } from "../ui/section.tsx";
import { Snippet } from "../ui/snippet.tsx";

const program = `let given = "";
process.stdin.on("data", (piece) => (given += piece)).on("end", () => {
  const words = JSON.parse(given).description.split(/\\s+/).filter(Boolean);
  const markdown = "**" + words.length + " words**, " + new Set(words.map((word) => word.toLowerCase())).size + " different ones.";
  console.log(JSON.stringify({ output: { markdown, words: words.length } }));
});`;
const wordCounter: AgentInput = {
  name: "word-counter",
  description: "Counts the words of what it is told: a small program, to try Baton out.",
  capabilities: ["count-words"],
  connector: { kind: "process", command: "node", args: ["-e", program] },
};
const task = {
  title: "Count the words of a sentence",
  description: "The conductor does not make a sound, and yet without the conductor there is no music.",
  requirements: ["count-words"],
};

export function TryOutAgent() {
  const world = useWorld();
  const navigate = useNavigate();
  const start = useMutation({
    mutationFn: async () => {
      const { total } = await world.client().listAgents({ query: { capability: "count-words", limit: 1 } });
      if (total === 0) await world.client().createAgent({ body: wordCounter });
      return world.client().submitTask({ body: task });
    },
    onSuccess: ({ id }) => navigate({ to: "/tasks/$taskId", params: { taskId: id } }),
  });
  return (
    <Panel className="p-4">
      <h2 className="text-base">Try it out with a small agent</h2>
      <p className="mt-1 mb-3 text-sm text-soft">
        Registers a program of six lines that counts words, on the machine of this server, and gives it its first task. It needs Node there, and no key.
      </p>
      <Button kind="main" disabled={start.isPending} onClick={() => start.mutate()}>
        {start.isPending ? "Starting…" : "Register it and run a first task"}
      </Button>
      {start.error && (
        <div className="mt-3">
          <ProblemNote error={start.error} />
        </div>
      )}
      <details className="mt-3 text-sm">
        <summary className="w-fit text-soft hover:text-ink">What it is</summary>
        <div className="mt-2">
          <Snippet label="node -e" code={program} />
        </div>
      </details>
    </Panel>
  );
}
