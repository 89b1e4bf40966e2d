// A registration in full, for agents of every kind, checked while one writes.
import type { AgentInput, agentInput } from "@baton/contract";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useWorld } from "../api/world.ts";
import SchemaEditor from "../editor/schema-editor.tsx";
import { Button } from "../ui/button.tsx";
import { Select } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Panel } from "../ui/section.tsx";

const beginnings: Record<string, string> = {
  acp: "connector:\n  kind: acp\n  command: my-agent\n  args: [--acp]\n",
  a2a: "connector:\n  kind: a2a\n  url: http://127.0.0.1:9001\n",
  mcp: "connector:\n  kind: mcp\n  server:\n    url: http://127.0.0.1:9002/mcp\n",
  openai: "connector:\n  kind: openai\n  baseUrl: http://127.0.0.1:11434/v1\n  model: llama3\n",
  langgraph: "connector:\n  kind: langgraph\n  url: http://127.0.0.1:2024\n  assistant: agent\n",
  process: "connector:\n  kind: process\n  command: node\n  args: [/path/to/agent.mjs]\n",
  terminal: "connector:\n  kind: terminal\n  command: bash\n  ready: $\n",
};
const first = (kind: string): string =>
  `# ${kind}: Ctrl-Space says what may stand here.\nname: my-agent\ncapabilities: [code-review]\nmaxConcurrentTasks: 1\n${beginnings[kind]}`;

export default function RegistrationFile({ schema }: { schema: typeof agentInput }) {
  const world = useWorld();
  const navigate = useNavigate();
  const [kind, setKind] = useState("acp");
  const [text, setText] = useState(() => first("acp"));
  const [input, setInput] = useState<AgentInput | undefined>(undefined);
  const register = useMutation({
    mutationFn: (body: AgentInput) => world.client().createAgent({ body }),
    onSuccess: ({ id }) => navigate({ to: "/agents/$agentId", params: { agentId: id } }),
  });
  return (
    <div className="max-w-3xl space-y-4">
      <label className="flex items-center gap-3 text-sm">
        Kind
        <Select
          value={kind}
          onChange={({ target }) => {
            setKind(target.value);
            setText(first(target.value));
          }}
        >
          {Object.keys(beginnings).map((one) => (
            <option key={one}>{one}</option>
          ))}
        </Select>
      </label>
      <Panel className="overflow-hidden">
        <SchemaEditor
          key={kind}
          label="Registration"
          schema={schema}
          text={text}
          onText={setText}
          onValue={(value) => setInput(value as AgentInput | undefined)}
        />
      </Panel>
      {register.error && <ProblemNote error={register.error} />}
      <Button kind="main" disabled={input === undefined || register.isPending} onClick={() => input && register.mutate(input)}>
        {register.isPending ? "Registering…" : "Register"}
      </Button>
    </div>
  );
}
