// One question: what an agent wants, or what a task needs before it begins, and the two answers. One that asks for something is answered in words.
import type { Approval, ApprovalDecision } from "@baton/contract";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useId, useState } from "react";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { QuestionDetail } from "./question-detail.tsx";
import { RememberChoice, type RememberScope } from "./remember-choice.tsx";
import { Age, toMoment } from "../ui/when.tsx";

export function QuestionCard({ approval, isInTask }: { approval: Approval; isInTask: boolean }) {
  const world = useWorld();
  const [comment, setComment] = useState("");
  const [scope, setScope] = useState<RememberScope>("once");
  const commentId = useId();
  const isInput = approval.kind === "input";
  const mayDecide = useMay("decideApproval");
  const decide = useMutation({
    mutationFn: (decision: ApprovalDecision["decision"]) => {
      const said = comment.trim();
      const remember = approval.offer === null || scope === "once" ? {} : { remember: { scope, rule: approval.offer } };
      return world.client().decideApproval({ params: { id: approval.id }, body: { decision, ...(said === "" ? {} : { comment: said }), ...remember } });
    },
    // Also when somebody else was faster: then it is gone.
    onSettled: () => world.queries.invalidateQueries({ queryKey: ["approvals"] }),
  });
  return (
    <form
      className="rounded-lg border border-wait bg-wait-wash p-4"
      onSubmit={(event) => {
        event.preventDefault();
        decide.mutate("approve");
      }}
    >
      <p className="font-medium">{approval.title}</p>
      <p className="mt-0.5 text-sm text-soft">
        asked <Age at={approval.createdAt} suffix=" ago" />
        {approval.taskId !== null && !isInTask && (
          <>
            {" · "}
            <Link
              to="/tasks/$taskId"
              params={{ taskId: approval.taskId }}
              search={approval.stepId === null ? {} : { step: approval.stepId }}
              className="text-accent underline"
            >
              the task
            </Link>
          </>
        )}
        {approval.expiresAt !== null && (
          <>
            {" · "}
            no answer until {toMoment(approval.expiresAt)} means {approval.onTimeout === "approve" ? "yes" : "no"}
          </>
        )}
      </p>
      {approval.detail !== null && (
        <div className="mt-3">
          <QuestionDetail approval={approval} />
        </div>
      )}
      {mayDecide && approval.offer !== null && <RememberChoice offer={approval.offer} scope={scope} onChange={setScope} />}
      {mayDecide && (
        <div className="mt-3 flex flex-wrap items-end gap-2">
          <div className="min-w-48 flex-1 max-sm:basis-full">
            <label htmlFor={commentId} className="mb-1 block text-xs text-soft">
              {isInput ? "Your answer" : "Comment (optional)"}
            </label>
            <input
              id={commentId}
              value={comment}
              onChange={(event) => setComment(event.target.value)}
              className="h-9 w-full rounded-md border border-edge bg-raised px-3 text-sm"
            />
          </div>
          <Button
            kind="main"
            type="submit"
            data-approve
            className="max-sm:h-11 max-sm:flex-1"
            disabled={decide.isPending || (isInput && comment.trim() === "")}
          >
            {isInput ? "Answer" : "Approve"}
          </Button>
          <Button data-reject className="max-sm:h-11 max-sm:flex-1" disabled={decide.isPending} onClick={() => decide.mutate("reject")}>
            {isInput ? "Decline" : "Reject"}
          </Button>
        </div>
      )}
      {decide.error && (
        <div className="mt-3">
          <ProblemNote error={decide.error} />
        </div>
      )}
    </form>
  );
}
