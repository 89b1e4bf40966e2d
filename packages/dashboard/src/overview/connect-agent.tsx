// How an agent comes to this server: registered by its address, or dialling in by itself.
import { Snippet } from "../ui/snippet.tsx";

export function ConnectAgent() {
  const origin = window.location.origin;
  const register = `curl ${origin}/api/v1/agents \\
  -H 'content-type: application/json' \\
  -d '{
    "name": "summariser",
    "connector": {
      "kind": "http",
      "endpoint": "http://127.0.0.1:9000"
    },
    "capabilities": ["summarise"]
  }'`;
  const dialIn = `import { connectAgent } from "@baton/client";

await connectAgent(
  { url: "${origin}", name: "summariser", capabilities: ["summarise"] },
  async (work, { progress }) => {
    progress({ message: "reading" });
    return { markdown: "# " + work.title };
  },
);`;
  return (
    <div className="relative space-y-3">
      <Snippet label="It has an HTTP address: register it" code={register} />
      <Snippet label="It has none: let it dial in" code={dialIn} />
    </div>
  );
}
