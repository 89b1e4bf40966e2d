// JSON, indented and lightly tinted.
import type { Json } from "@baton/contract";
import type { ReactNode } from "react";
import { Tall } from "./tall.tsx";

/** Beyond this the tint costs more than it tells. */
const MOST_TINTED = 60_000;
const pieces = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi;

export function JsonView({ value }: { value: Json }) {
  return <Tall text={JSON.stringify(value, null, 2)} draw={(text) => (text.length > MOST_TINTED ? text : tint(text))} />;
}

function tint(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const match of text.matchAll(pieces)) {
    parts.push(text.slice(end, match.index));
    const [whole, string, colon] = match;
    if (string !== undefined && colon !== undefined)
      parts.push(
        <span key={match.index} className="text-soft">
          {string}
        </span>,
        colon,
      );
    else
      parts.push(
        <span key={match.index} className={string === undefined ? "text-accent" : "text-ink"}>
          {whole}
        </span>,
      );
    end = match.index + whole.length;
  }
  parts.push(text.slice(end));
  return parts;
}
