// Whether what is decided now is to count for the next times too: for this task, or for this agent.
import { describeRule, type OfferedRule, type Remember } from "@baton/contract";
import { useId } from "react";

export type RememberScope = Remember["scope"] | "once";
export function RememberChoice({ offer, scope, onChange }: { offer: OfferedRule; scope: RememberScope; onChange: (scope: RememberScope) => void }) {
  const id = useId();
  const what = describeRule(offer);
  return (
    <div className="mt-3">
      <label htmlFor={id} className="mb-1 block text-xs text-soft">
        How often it counts
      </label>
      <select
        id={id}
        value={scope}
        onChange={(event) => onChange(event.target.value as RememberScope)}
        className="h-9 max-w-full rounded-md border border-edge bg-raised px-3 text-sm"
      >
        <option value="once">Only this once</option>
        <option value="task">Always for this task: {what}</option>
        <option value="agent">Always for this agent: {what}</option>
      </select>
    </div>
  );
}
