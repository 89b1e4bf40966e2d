// A YAML text that is checked by a schema of the contract while one writes, and says what may stand where. Loaded only where it is shown.
import { autocompletion, completionKeymap, type CompletionContext } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { defaultHighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { linter, lintGutter } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useRef, useState } from "react";
import { z } from "zod";
import { type Schema, completeAt } from "./complete-keys.ts";
import { type Checked, findProblems } from "./find-problems.ts";
import "./schema-editor.css";

const LINT_MS = 200;
const MOST_TOLD = 5;

export interface SchemaEditorProps {
  label: string;
  schema: z.ZodType;
  text: string;
  onText: (text: string) => void;
  /** What was written, or undefined while something is wrong with it. */
  onValue: (value: unknown) => void;
}

export default function SchemaEditor({ label, schema, text, onText, onValue }: SchemaEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const [checked, setChecked] = useState<Checked>(() => findProblems(text, schema));
  const told = useRef({ onText, onValue });
  useEffect(() => {
    told.current = { onText, onValue };
  });
  const first = useRef(text);
  useEffect(() => {
    if (place.current === null) return undefined;
    const jsonSchema = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Schema;
    const check = (written: string) => {
      const found = findProblems(written, schema);
      setChecked(found);
      told.current.onValue(found.value);
      return found;
    };
    check(first.current);
    const view = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          lineNumbers(),
          lintGutter(),
          history(),
          highlightActiveLine(),
          yaml(),
          syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label }),
          autocompletion({ override: [(context) => complete(context, jsonSchema)], icons: false }),
          linter(({ state }) => findProblems(state.doc.toString(), schema).problems.map((problem) => ({ ...problem, severity: "error" as const })), {
            delay: LINT_MS,
          }),
          // Tab leaves the editor, as everywhere on the page; indenting is done with spaces.
          keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            const written = update.state.doc.toString();
            told.current.onText(written);
            check(written);
          }),
        ],
      }),
    });
    return () => view.destroy();
  }, [schema, label]);
  return (
    <div>
      <div ref={place} className="schema-editor" />
      <div className="border-t border-line px-4 py-2.5 text-sm" aria-live="polite">
        {checked.problems.length === 0 ? (
          <p className="text-soft">It fits: every key is known and every value is allowed.</p>
        ) : (
          <ul className="space-y-0.5 text-bad">
            {checked.problems.slice(0, MOST_TOLD).map(({ from, message }) => (
              <li key={from + message}>{message}</li>
            ))}
            {checked.problems.length > MOST_TOLD && <li className="text-soft">and {checked.problems.length - MOST_TOLD} more</li>}
          </ul>
        )}
      </div>
    </div>
  );
}

function complete(context: CompletionContext, schema: Schema) {
  const word = context.matchBefore(/[\w-]*/);
  if (word === null || (word.from === word.to && !context.explicit)) return null;
  const lines = context.state.doc.toString().split("\n");
  const row = context.state.doc.lineAt(context.pos).number - 1;
  const options = completeAt(lines, row, schema).map(({ label, kind }) => ({
    label,
    type: kind === "key" ? "property" : "enum",
    apply: kind === "key" ? `${label}: ` : label,
  }));
  return { from: word.from, options };
}
