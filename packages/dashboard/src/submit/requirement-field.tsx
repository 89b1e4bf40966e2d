// What a task needs: capabilities that agents have, one click each, or any other word.
import type { Agent } from "@baton/contract";
import { type KeyboardEvent, useId, useState } from "react";
import { Icon } from "../ui/icon.tsx";

const MOST_SUGGESTED = 12;

export function RequirementField({
  label = "Needs",
  chosen,
  agents,
  onChange,
}: {
  label?: string;
  chosen: string[];
  agents: Agent[];
  onChange: (chosen: string[]) => void;
}) {
  const id = useId();
  const [draft, setDraft] = useState("");
  const suggested = suggest(agents, chosen);
  const add = (name: string) => {
    if (name !== "" && !chosen.includes(name)) onChange([...chosen, name]);
    setDraft("");
  };
  function onKeyDown(event: KeyboardEvent) {
    if (event.key === "Backspace" && draft === "") return onChange(chosen.slice(0, -1));
    if (event.key !== "Enter" && event.key !== ",") return;
    // Enter in here adds a requirement; it does not send the form.
    event.preventDefault();
    add(draft.trim());
  }
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block text-sm text-soft">
        {label}
      </label>
      <div className="flex min-h-9 flex-wrap items-center gap-1.5 rounded-md border border-edge bg-paper px-2 py-1 focus-within:outline-2 focus-within:outline-accent">
        {chosen.map((name) => (
          <button
            key={name}
            type="button"
            aria-label={`Remove ${name}`}
            onClick={() => onChange(chosen.filter((other) => other !== name))}
            className="inline-flex items-center gap-1 rounded bg-accent-wash py-0.5 pr-1 pl-2 text-sm text-ink"
          >
            {name}
            <Icon name="close" size={12} />
          </button>
        ))}
        <input
          id={id}
          value={draft}
          maxLength={200}
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={onKeyDown}
          onBlur={() => add(draft.trim())}
          placeholder={chosen.length === 0 ? "a capability, then Enter" : ""}
          className="h-7 min-w-32 flex-1 bg-transparent px-1 text-sm outline-none placeholder:text-soft"
        />
      </div>
      {suggested.length > 0 && (
        <ul aria-label="Capabilities that agents here have" className="mt-2 flex flex-wrap gap-1.5">
          {suggested.map((name) => (
            <li key={name}>
              <button
                type="button"
                onClick={() => add(name)}
                className="rounded border border-line px-2 py-0.5 text-sm text-soft hover:border-edge hover:text-ink"
              >
                + {name}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Those that most agents have first. */
function suggest(agents: Agent[], chosen: string[]): string[] {
  const counts = new Map<string, number>();
  for (const { name } of agents.flatMap((agent) => agent.capabilities)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .filter(([name]) => !chosen.includes(name))
    .toSorted(([a, many], [b, more]) => more - many || a.localeCompare(b))
    .slice(0, MOST_SUGGESTED)
    .map(([name]) => name);
}
