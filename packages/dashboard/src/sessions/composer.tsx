// Where one writes what is said next, and to whom.
import type { TaskInput } from "@baton/contract";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { agentsQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { Select } from "../ui/field.tsx";

export interface Said {
  words: string;
  /** Empty: whoever fits. */
  to: string;
}

/** For one agent a plan of one step, which nobody else may take. */
export const toTask = ({ words, to }: Said, sessionId: string): TaskInput => ({
  description: words,
  sessionId,
  ...(to === "" ? {} : { steps: [{ id: "answer", title: `Answer of ${to}`, description: words, agent: to }] }),
});

export function Composer({ isBusy, onSay }: { isBusy: boolean; onSay: (said: Said) => void }) {
  const { data: agents } = useQuery(agentsQuery(useWorld()));
  const [words, setWords] = useState("");
  const [to, setTo] = useState("");
  const isEmpty = words.trim() === "";
  function say(event: FormEvent) {
    event.preventDefault();
    if (isEmpty || isBusy) return;
    onSay({ words: words.trim(), to });
    setWords("");
  }
  return (
    <form onSubmit={say} aria-label="Say something" className="rounded-lg border border-edge bg-raised p-2 focus-within:border-accent">
      <textarea
        aria-label="What do you want to say?"
        value={words}
        rows={2}
        maxLength={100_000}
        placeholder="Enter sends it, Shift-Enter begins a line"
        onChange={({ target }) => setWords(target.value)}
        onKeyDown={(event) => event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing && say(event)}
        className="block max-h-60 w-full resize-none rounded-md bg-transparent px-2 py-1.5 text-base outline-none [field-sizing:content] placeholder:text-soft"
      />
      <div className="mt-1 flex items-center justify-between gap-2">
        <Select aria-label="Who answers" value={to} onChange={({ target }) => setTo(target.value)} className="min-w-0 flex-1 border-transparent text-soft">
          <option value="">whoever fits answers</option>
          {agents?.items
            .filter(({ connector }) => connector.kind !== "mcp")
            .map(({ id, name }) => (
              <option key={id} value={name}>
                {name} answers
              </option>
            ))}
        </Select>
        <Button kind="main" type="submit" icon="send" disabled={isEmpty || isBusy}>
          {isBusy ? "Sending…" : "Send"}
        </Button>
      </div>
    </form>
  );
}
