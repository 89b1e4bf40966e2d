// A comment on a line or a file: while it is written, and as it waits to be handed in.
import { useEffect, useRef, useState } from "react";
import { Button } from "../ui/button.tsx";
import { TextArea } from "../ui/field.tsx";
import type { DraftComment } from "./review-draft.ts";

const MAX_TEXT = 10_000;

export function CommentEditor({ about, text = "", onKeep, onLeave }: { about: string; text?: string; onKeep: (text: string) => void; onLeave: () => void }) {
  const [typed, setTyped] = useState(text);
  const form = useRef<HTMLFormElement>(null);
  // It was asked for just now.
  useEffect(() => form.current?.querySelector("textarea")?.focus(), []);
  const keep = () => typed.trim() !== "" && onKeep(typed.trim());
  return (
    <form
      ref={form}
      className="space-y-2 border-y border-line bg-raised p-3 font-sans"
      onSubmit={(event) => {
        event.preventDefault();
        keep();
      }}
    >
      <TextArea
        aria-label={`Comment on ${about}`}
        placeholder="What should be different here?"
        maxLength={MAX_TEXT}
        value={typed}
        onChange={({ target }) => setTyped(target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") onLeave();
          if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) keep();
        }}
      />
      <div className="flex gap-2">
        <Button type="submit" kind="main" disabled={typed.trim() === ""}>
          Keep comment
        </Button>
        <Button kind="quiet" onClick={onLeave}>
          Leave it
        </Button>
      </div>
    </form>
  );
}

/** `isMoved`: the line says something else by now. */
export function KeptComment({ comment, isMoved, onEdit, onDrop }: { comment: DraftComment; isMoved: boolean; onEdit: () => void; onDrop: () => void }) {
  const about = comment.line === null ? comment.path : `line ${comment.line}`;
  return (
    <div className="border-y border-line bg-wait-wash px-3 py-2 font-sans text-sm">
      <p className="whitespace-pre-wrap">{comment.text}</p>
      {isMoved && <p className="mt-1 text-xs text-wait">The line has changed since; it said “{comment.quote.trim()}”.</p>}
      <p className="mt-1 -ml-2 flex">
        <Button kind="quiet" className="h-7 px-2" onClick={onEdit} aria-label={`Edit the comment on ${about}`}>
          Edit
        </Button>
        <Button kind="quiet" className="h-7 px-2" onClick={onDrop} aria-label={`Remove the comment on ${about}`}>
          Remove
        </Button>
      </p>
    </div>
  );
}
