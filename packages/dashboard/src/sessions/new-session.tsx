// The beginning of a conversation: the first words make it.
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { Empty } from "../ui/empty.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Composer, type Said, toTask } from "./composer.tsx";

const TITLE = 80;

export function NewSession() {
  const world = useWorld();
  const navigate = useNavigate();
  const maySpeak = useMay("createSession", "submitTask");
  const begin = useMutation({
    mutationFn: async (said: Said) => {
      const session = await world.client().createSession({ body: { title: said.words.slice(0, TITLE) } });
      await world.client().submitTask({ body: toTask(said, session.id) });
      return session;
    },
    onSuccess: async ({ id }) => {
      await world.queries.invalidateQueries({ queryKey: ["sessions"] });
      await navigate({ to: "/sessions/$sessionId", params: { sessionId: id } });
    },
  });
  return (
    <div className="space-y-4">
      <Empty icon="chat" title="What shall we talk about?">
        Say what you want. Baton chooses who answers, or you do. Whoever answers next is told what was said before, and what you pin is always told.
      </Empty>
      {maySpeak && <Composer isBusy={begin.isPending} onSay={(said) => begin.mutate(said)} />}
      {begin.error && <ProblemNote error={begin.error} />}
    </div>
  );
}
