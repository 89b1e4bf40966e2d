// Comments that were written and not handed in yet. They outlive a reload of this tab.
import type { RouteInput } from "@baton/contract";
import { useState } from "react";

export interface DraftComment {
  path: string;
  /** null: about the file as a whole. */
  line: number | null;
  text: string;
  /** What the line said when it was commented. */
  quote: string;
}
export interface ReviewDraft {
  comments: readonly DraftComment[];
  /** In place of the one on the same line. */
  put(comment: DraftComment): void;
  drop(comment: Pick<DraftComment, "path" | "line">): void;
  clear(): void;
}

export function useReviewDraft(workspaceId: string): ReviewDraft {
  const key = `baton-review-${workspaceId}`;
  const [comments, setComments] = useState(() => readDraft(sessionStorage.getItem(key)));
  const change = (next: readonly DraftComment[]) => {
    if (next.length === 0) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(next));
    setComments(next);
  };
  const without = ({ path, line }: Pick<DraftComment, "path" | "line">) => comments.filter((one) => one.path !== path || one.line !== line);
  return { comments, put: (comment) => change([...without(comment), comment]), drop: (comment) => change(without(comment)), clear: () => change([]) };
}

/** Whoever wrote it was this page, perhaps an older one: what it does not know is left out. */
function readDraft(kept: string | null): readonly DraftComment[] {
  const found: unknown = kept === null ? [] : JSON.parse(kept);
  return Array.isArray(found) ? found.filter(isComment) : [];
}
function isComment(value: unknown): value is DraftComment {
  const { path, line, text, quote } = (value ?? {}) as Record<string, unknown>;
  return [path, text, quote].every((one) => typeof one === "string") && (line === null || typeof line === "number");
}

/** As the server takes it, in the order of files and lines. */
export function toReview(comments: readonly DraftComment[], summary: string): RouteInput<"reviewWorkspace", "body"> {
  const inOrder = comments.toSorted((a, b) => a.path.localeCompare(b.path) || (a.line ?? 0) - (b.line ?? 0));
  return {
    comments: inOrder.map(({ path, line, text }) => ({ path, text, ...(line === null ? {} : { line }) })),
    ...(summary.trim() === "" ? {} : { summary: summary.trim() }),
  };
}
