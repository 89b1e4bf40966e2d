// Everything that was changed, file by file, with what people say of it.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useWorld } from "../api/world.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel } from "../ui/section.tsx";
import { type ChangedFile, toChangedFiles } from "./diff-files.ts";
import { FileDiff } from "./file-diff.tsx";
import type { DraftComment, ReviewDraft } from "./review-draft.ts";
import { type DiffOf, diffQuery } from "./workspace-queries.ts";

/** Longer files are opened by hand, and so is what comes after so many lines. */
const OPEN_FILE = 400;
const OPEN_ALL = 3000;
const none: readonly DraftComment[] = [];

export function DiffView({ workspaceId, of, draft }: { workspaceId: string; of: DiffOf; draft: ReviewDraft | undefined }) {
  const { data, error, refetch } = useQuery(diffQuery(useWorld(), workspaceId, of));
  const files = useMemo(() => (data === undefined ? [] : toChangedFiles(data)), [data]);
  const comments = useMemo(() => toCommentsOf(draft?.comments ?? none), [draft?.comments]);
  if (error && data === undefined) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="the changes" className="h-96" />;
  if (files.length === 0)
    return <p className="rounded-lg border border-dashed border-edge px-5 py-10 text-center text-sm text-soft">Nothing differs between the two.</p>;
  const opened = toOpened(files);
  const lost = (draft?.comments ?? none).filter(({ path }) => !files.some((file) => file.path === path));
  return (
    <div className="space-y-4">
      {error && <ProblemNote error={error} isBesideData />}
      <FileList files={files} isCut={data.truncated && data.files.length < files.length} />
      {files.map((file, at) => (
        <FileDiff
          key={file.path}
          id={`file-${at}`}
          file={file}
          workspaceId={workspaceId}
          of={of}
          opensAtFirst={opened.has(file.path)}
          comments={comments.get(file.path) ?? none}
          draft={draft}
        />
      ))}
      {lost.length > 0 && (
        <p className="text-sm text-wait">
          {lost.length === 1 ? "One comment is" : `${lost.length} comments are`} about files that are not changed here:{" "}
          {lost.map(({ path }) => path).join(", ")}.
        </p>
      )}
    </div>
  );
}

function toCommentsOf(comments: readonly DraftComment[]): Map<string, DraftComment[]> {
  const found = new Map<string, DraftComment[]>();
  for (const comment of comments) found.set(comment.path, [...(found.get(comment.path) ?? []), comment]);
  return found;
}

function toOpened(files: readonly ChangedFile[]): Set<string> {
  const opened = new Set<string>();
  let lines = 0;
  for (const file of files) {
    const more = file.lines?.length ?? Number.POSITIVE_INFINITY;
    if (more > OPEN_FILE || lines + more > OPEN_ALL) continue;
    lines += more;
    opened.add(file.path);
  }
  return opened;
}

const LISTED = 8;
function FileList({ files, isCut }: { files: readonly ChangedFile[]; isCut: boolean }) {
  const sum = (of: "additions" | "deletions") => files.reduce((all, file) => all + (file[of] ?? 0), 0);
  return (
    <Panel>
      <details open={files.length > 1 && files.length <= LISTED}>
        <summary className="px-4 py-2.5 text-sm">
          {files.length === 1 ? "One file" : `${files.length.toLocaleString()} files`} changed
          <span className="text-soft">
            , {sum("additions").toLocaleString()} {sum("additions") === 1 ? "line" : "lines"} added, {sum("deletions").toLocaleString()} removed
            {isCut && "; there are more"}
          </span>
        </summary>
        <ul className="max-h-72 overflow-y-auto border-t border-line py-1" aria-label="Changed files">
          {files.map((file, at) => (
            <li key={file.path}>
              <button
                type="button"
                onClick={() => showFile(`file-${at}`)}
                className="flex min-h-7 w-full items-center justify-between gap-3 px-4 text-left text-xs hover:bg-paper"
              >
                <code className="min-w-0 truncate font-mono">{file.path}</code>
                <span className="shrink-0 text-soft">{file.additions === null ? "binary" : `+${file.additions} −${file.deletions ?? 0}`}</span>
              </button>
            </li>
          ))}
        </ul>
      </details>
    </Panel>
  );
}
function showFile(id: string): void {
  const file = document.getElementById(id);
  file?.scrollIntoView();
  file?.querySelector("button")?.focus({ preventScroll: true });
}
