// What the API says of a thing, as it is. Only in power-user mode.
import type { Json } from "@baton/contract";
import { JsonView } from "../output/json-view.tsx";
import { Section } from "../ui/section.tsx";
import { usePower } from "./power.ts";

export function RawJson({ value, from }: { value: object; from: string }) {
  if (!usePower()) return null;
  return (
    <Section title="Raw JSON" aside={<code className="font-mono text-xs text-soft">GET {from}</code>}>
      <JsonView value={value as Json} />
    </Section>
  );
}
