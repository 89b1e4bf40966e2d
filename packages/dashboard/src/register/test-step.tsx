// Calls the agent once, as a step would, and shows what it said and what the mapping takes from it.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useWorld } from "../api/world.ts";
import { OutputView } from "../output/output-view.tsx";
import { toDuration } from "../std/duration.ts";
import { Button } from "../ui/button.tsx";
import { Field, TextInput } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { type Tested, type WizardDraft, toTest } from "./wizard-draft.ts";

export function TestStep({ draft, tested, onTested }: { draft: WizardDraft; tested: Tested | undefined; onTested: (tested: Tested) => void }) {
  const world = useWorld();
  const [query, setQuery] = useState("Hello, this is a test");
  const test = useMutation({
    mutationFn: async () => ({ of: JSON.stringify(draft), result: await world.client().testConnection({ body: toTest(draft, query) }) }),
    onSuccess: onTested,
  });
  const result = tested?.of === JSON.stringify(draft) ? tested.result : undefined;
  return (
    <div className="space-y-4">
      <Field label="What it is asked">{(id) => <TextInput id={id} maxLength={4000} value={query} onChange={({ target }) => setQuery(target.value)} />}</Field>
      <Button kind={result?.success === true ? "plain" : "main"} disabled={test.isPending || query === ""} onClick={() => test.mutate()}>
        {test.isPending ? `Asking ${draft.endpoint}…` : "Test it"}
      </Button>
      {test.error && <ProblemNote error={test.error} />}
      {result !== undefined && (
        <output className={`block rounded-md px-3.5 py-3 text-sm ${result.success ? "bg-accent-wash" : "bg-bad-wash"}`}>
          <p className={`font-medium ${result.success ? "text-accent" : "text-bad"}`}>{result.success ? "It answered" : "It did not work"}</p>
          <p>
            {result.message} <span className="text-soft">{toDuration(result.durationMs)}</span>
          </p>
          {result.error !== undefined && result.error !== result.message && <p className="mt-1">{result.error}</p>}
          {result.warning !== undefined && <p className="mt-1 text-wait">{result.warning}</p>}
        </output>
      )}
      {result?.extractedResult !== undefined && (
        <div>
          <h3 className="mb-1.5 text-sm">What counts as its result</h3>
          <OutputView value={result.extractedResult} />
        </div>
      )}
      {result?.response !== undefined && (
        <details className="text-sm" open={!result.success}>
          <summary className="w-fit text-soft hover:text-ink">
            All it answered{result.statusCode === undefined ? "" : `, with status ${result.statusCode}`}
          </summary>
          <div className="mt-2">
            <OutputView value={result.response} />
          </div>
        </details>
      )}
    </div>
  );
}
