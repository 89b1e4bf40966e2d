// What was changed in one file. Its lines can be commented where they are what the workspace has now: by a click on their number, or with the arrow keys and Enter.
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, memo, useEffect, useMemo, useState } from "react";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading } from "../ui/section.tsx";
import { type ChangedFile, type DiffLine, toChangedFiles } from "./diff-files.ts";
import { CommentEditor, KeptComment } from "./line-comment.tsx";
import type { DraftComment, ReviewDraft } from "./review-draft.ts";
import { type DiffOf, diffQuery } from "./workspace-queries.ts";

export interface FileDiffProps {
  file: ChangedFile;
  id: string;
  workspaceId: string;
  of: DiffOf;
  opensAtFirst: boolean;
  comments: readonly DraftComment[];
  /** Absent: nothing here can be commented. */
  draft: Pick<ReviewDraft, "put" | "drop"> | undefined;
}

export const FileDiff = memo(function FileDiff(props: FileDiffProps) {
  const { file, id, opensAtFirst, comments, draft } = props;
  const [isOpen, setOpen] = useState(opensAtFirst);
  const [isCommenting, setCommenting] = useState(false);
  const onFile = comments.find(({ line }) => line === null);
  const mayComment = draft !== undefined && file.status !== "deleted";
  const keep = (text: string) => {
    draft?.put({ path: file.path, line: null, text, quote: "" });
    setCommenting(false);
  };
  return (
    <section
      id={id}
      data-row
      aria-label={file.path}
      className="scroll-mt-4 overflow-hidden rounded-lg border border-line bg-raised [contain-intrinsic-size:auto_12rem] [content-visibility:auto]"
    >
      <header className="flex items-center gap-2 border-b border-line py-1 pr-2 pl-1">
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
          className="flex min-h-9 min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-0.5 rounded px-2 text-left text-sm hover:bg-paper"
        >
          <code className="font-mono text-xs font-medium [overflow-wrap:anywhere]">{file.path}</code>
          <span className="text-xs text-soft">{toTold(file)}</span>
        </button>
        {mayComment && onFile === undefined && (
          <Button kind="quiet" icon="chat" className="px-2" aria-label={`Comment on ${file.path}`} onClick={() => setCommenting(true)} />
        )}
      </header>
      {isCommenting && <CommentEditor about={file.path} text={onFile?.text ?? ""} onKeep={keep} onLeave={() => setCommenting(false)} />}
      {onFile && !isCommenting && <KeptComment comment={onFile} isMoved={false} onEdit={() => setCommenting(true)} onDrop={() => draft?.drop(onFile)} />}
      {isOpen && (file.lines === null ? <AskedLines {...props} /> : <Lines {...props} lines={file.lines} />)}
    </section>
  );
});

function toTold({ status, oldPath, additions, deletions }: ChangedFile): string {
  const counts = additions === null || deletions === null ? "binary" : `+${additions.toLocaleString()} −${deletions.toLocaleString()}`;
  const what = status === "modified" ? "" : status === "renamed" ? `renamed from ${oldPath ?? ""}` : status;
  return [what, counts].filter(Boolean).join(", ");
}

/** Of a file that the whole diff had no room for. */
function AskedLines(props: FileDiffProps) {
  const { data, error, refetch } = useQuery(diffQuery(useWorld(), props.workspaceId, { ...props.of, path: props.file.path }));
  if (error) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="the lines" />;
  return (
    <>
      <Lines {...props} lines={toChangedFiles(data)[0]?.lines ?? []} />
      {data.truncated && <p className="border-t border-line px-4 py-2 text-sm text-wait">It is longer than what is shown here.</p>}
    </>
  );
}

/** Lines are drawn by so many, and so many of these at first and with each turn after that, so that the longest file holds nobody up. */
const BLOCK = 200;
const BLOCKS_A_TURN = 4;

function Lines({ file, lines, comments, draft }: FileDiffProps & { lines: readonly DiffLine[] }) {
  const [editing, setEditing] = useState<number>();
  const [at, setAt] = useState<number>();
  const blocks = useMemo(() => Array.from({ length: Math.ceil(lines.length / BLOCK) }, (_, block) => lines.slice(block * BLOCK, (block + 1) * BLOCK)), [lines]);
  const [shown, setShown] = useState(BLOCKS_A_TURN);
  useEffect(() => {
    if (shown >= blocks.length) return undefined;
    const turn = setTimeout(() => setShown(shown + BLOCKS_A_TURN));
    return () => clearTimeout(turn);
  }, [shown, blocks.length]);
  const mayComment = draft !== undefined && file.status !== "deleted";
  const current = at ?? lines.find(({ after }) => after !== null)?.after ?? undefined;
  if (lines.length === 0) return <p className="px-4 py-3 text-sm text-soft">{file.additions === null ? "It is binary." : "Not a line differs."}</p>;
  return (
    <div className="font-mono text-xs leading-5" data-lines>
      {blocks.slice(0, shown).map((block, index) => {
        const has = (line: number | undefined | null): boolean => block.some(({ after }) => after !== null && after === line);
        const own = comments.filter(({ line }) => has(line));
        return (
          <Block
            key={index}
            path={file.path}
            lines={block}
            comments={own.length === 0 ? none : own}
            current={has(current) ? current : undefined}
            editing={has(editing) ? editing : undefined}
            draft={mayComment ? draft : undefined}
            onReach={setAt}
            onEdit={setEditing}
          />
        );
      })}
    </div>
  );
}
const none: readonly DraftComment[] = [];

interface BlockProps {
  path: string;
  lines: readonly DiffLine[];
  comments: readonly DraftComment[];
  /** The line that the tab key comes to, and the one that is written about, if they are here. */
  current: number | undefined;
  editing: number | undefined;
  /** Absent: nothing here can be commented. */
  draft: FileDiffProps["draft"];
  onReach: (line: number) => void;
  onEdit: (line: number | undefined) => void;
}
/** What is not on the screen is neither laid out nor painted, and only the block one is in is drawn anew when one moves. */
const Block = memo(function Block({ path, lines, comments, current, editing, draft, onReach, onEdit }: BlockProps) {
  const keep = (line: DiffLine) => (text: string) => {
    draft?.put({ path, line: line.after, text, quote: line.text });
    onEdit(undefined);
  };
  return (
    <div className="[content-visibility:auto]" style={{ containIntrinsicHeight: `auto ${lines.length * 1.25}rem` }}>
      {lines.map((line, index) => {
        const { after } = line;
        const kept = after === null ? undefined : comments.find((one) => one.line === after);
        const isEdited = after !== null && editing === after;
        return (
          <div key={index}>
            <div className={`flex items-stretch ${looks[line.kind]}`}>
              <span aria-hidden="true" className="hidden w-10 shrink-0 pr-2 text-right text-soft select-none sm:block">
                {line.before}
              </span>
              {draft !== undefined && after !== null ? (
                <button
                  type="button"
                  data-line={after}
                  tabIndex={after === current ? 0 : -1}
                  aria-label={`Comment on line ${after}`}
                  onKeyDown={moveLine}
                  onFocus={() => onReach(after)}
                  onClick={() => onEdit(after)}
                  className="w-10 shrink-0 pr-2 text-right text-soft select-none hover:bg-accent hover:text-on-accent focus-visible:outline-offset-[-2px]"
                >
                  {after}
                </button>
              ) : (
                <span aria-hidden="true" className="w-10 shrink-0 pr-2 text-right text-soft select-none">
                  {after}
                </span>
              )}
              <span aria-hidden="true" className="w-4 shrink-0 text-center text-soft select-none">
                {signs[line.kind]}
              </span>
              <span className="min-w-0 flex-1 pr-3 whitespace-pre-wrap [overflow-wrap:anywhere]">
                {line.kind === "added" || line.kind === "removed" ? <span className="sr-only">{line.kind}: </span> : null}
                {line.kind === "gap" ? `⋯ ${line.text}` : line.text}
              </span>
            </div>
            {isEdited && <CommentEditor about={`line ${after}`} text={kept?.text ?? ""} onKeep={keep(line)} onLeave={() => onEdit(undefined)} />}
            {kept && !isEdited && (
              <KeptComment comment={kept} isMoved={kept.quote !== line.text} onEdit={() => onEdit(kept.line ?? undefined)} onDrop={() => draft?.drop(kept)} />
            )}
          </div>
        );
      })}
    </div>
  );
});

const signs: Record<DiffLine["kind"], string> = { same: "", added: "+", removed: "−", gap: "", note: "" };
const looks: Record<DiffLine["kind"], string> = {
  same: "",
  added: "bg-accent-wash",
  removed: "bg-bad-wash",
  gap: "bg-sunken text-soft",
  note: "text-soft italic",
};

/** One stop for the tab key in each file; from there line by line. */
function moveLine(event: KeyboardEvent<HTMLButtonElement>): void {
  const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (by === 0) return;
  event.preventDefault();
  const all = [...(event.currentTarget.closest("[data-lines]")?.querySelectorAll<HTMLElement>("[data-line]") ?? [])];
  all[all.indexOf(event.currentTarget) + by]?.focus();
}
