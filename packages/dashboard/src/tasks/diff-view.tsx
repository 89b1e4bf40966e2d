// What a tool call changed in a file, line by line with a little of what is around it.
import type { Update } from "@baton/contract";
import { structuredPatch } from "diff";

type Diff = NonNullable<Extract<Update, { kind: "tool" }>["diffs"]>[number];
const AROUND = 2;

export default function DiffView({ diff }: { diff: Diff }) {
  const { hunks } = structuredPatch(diff.path, diff.path, diff.oldText ?? "", diff.newText, undefined, undefined, { context: AROUND });
  const lines = hunks.flatMap((hunk, at) => (at === 0 ? hunk.lines : ["…", ...hunk.lines])).filter((line) => !line.startsWith("\\"));
  const count = (sign: string) => lines.filter((line) => line.startsWith(sign)).length;
  return (
    <figure className="overflow-hidden rounded-md border border-line bg-sunken">
      <figcaption className="flex flex-wrap justify-between gap-x-3 border-b border-line px-3 py-1.5 text-xs">
        <code className="font-mono">{diff.path}</code>
        <span className="text-soft">
          {diff.oldText === null ? "new file, " : ""}
          {count("+")} added, {count("-")} removed
        </span>
      </figcaption>
      <pre className="overflow-x-auto p-2 font-mono text-xs leading-relaxed">
        {lines.map((line, at) => (
          <span key={at} className={`block ${toLook(line)}`}>
            {line === "" ? " " : line}
          </span>
        ))}
      </pre>
    </figure>
  );
}

const toLook = (line: string): string => (line.startsWith("+") ? "bg-accent-wash text-ink" : line.startsWith("-") ? "bg-bad-wash text-ink" : "text-soft");
