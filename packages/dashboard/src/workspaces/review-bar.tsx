// What was commented, to be handed to whoever worked here: it becomes their next turn.
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { TextArea } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { type ReviewDraft, toReview } from "./review-draft.ts";

const MAX_SUMMARY = 20_000;

export function ReviewBar({ workspaceId, draft }: { workspaceId: string; draft: ReviewDraft }) {
  const world = useWorld();
  const navigate = useNavigate();
  const [summary, setSummary] = useState("");
  const review = useMutation({
    mutationFn: () => world.client().reviewWorkspace({ params: { id: workspaceId }, body: toReview(draft.comments, summary) }),
    onSuccess: (task) => {
      draft.clear();
      void navigate({ to: "/tasks/$taskId", params: { taskId: task.id } });
    },
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["tasks"] }),
  });
  const count = draft.comments.length;
  if (count === 0) return null;
  return (
    <section
      aria-label="Your review"
      className="sticky bottom-16 z-10 rounded-lg border border-edge bg-raised p-4 shadow-[0_8px_24px_rgb(0_0_0/0.14)] lg:bottom-4"
    >
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <p className="text-sm font-medium">{count === 1 ? "One comment" : `${count} comments`} to hand in</p>
        <div className="flex gap-2">
          <Button kind="quiet" onClick={() => draft.clear()} disabled={review.isPending}>
            Drop {count === 1 ? "it" : "them"}
          </Button>
          <Button kind="main" icon="send" onClick={() => review.mutate()} disabled={review.isPending}>
            Hand in
          </Button>
        </div>
      </div>
      <TextArea
        className="mt-3 min-h-9!"
        rows={1}
        aria-label="What holds for all of it"
        placeholder="What holds for all of it, if anything"
        maxLength={MAX_SUMMARY}
        value={summary}
        onChange={({ target }) => setSummary(target.value)}
      />
      {review.error && (
        <div className="mt-3">
          <ProblemNote error={review.error} />
        </div>
      )}
    </section>
  );
}
