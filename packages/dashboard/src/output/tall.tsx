// Something long: its beginning, and all of it on demand. No box that scrolls inside a page that scrolls.
import { type ReactNode, useState } from "react";

const SHOWN_LINES = 24;
/** A single line may be long too. */
const SHOWN_CHARACTERS = 4000;

export function Tall({ text, draw }: { text: string; draw: (text: string) => ReactNode }) {
  const [isWhole, setWhole] = useState(false);
  const lines = text.split("\n");
  const start = lines.slice(0, SHOWN_LINES).join("\n").slice(0, SHOWN_CHARACTERS);
  const isLong = start.length < text.length;
  return (
    <div className="overflow-hidden rounded-md border border-line bg-sunken">
      <pre className="p-3 font-mono text-xs leading-relaxed whitespace-pre-wrap">{draw(isWhole ? text : start)}</pre>
      {isLong && (
        <button
          type="button"
          onClick={() => setWhole(!isWhole)}
          aria-expanded={isWhole}
          className="block w-full border-t border-line px-3 py-1.5 text-left text-xs text-soft hover:text-ink"
        >
          {isWhole ? "Show less" : `Show all ${lines.length.toLocaleString()} ${lines.length === 1 ? "line" : "lines"}`}
        </button>
      )}
    </div>
  );
}
