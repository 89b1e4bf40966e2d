// The ways out: of this browser, and of every place one is logged in.
import { useMutation } from "@tanstack/react-query";
import { enter, useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";

export function LogOut({ isQuiet = false, everywhere = false }: { isQuiet?: boolean; everywhere?: boolean }) {
  const world = useWorld();
  const { mutate, isPending, error } = useMutation({
    mutationFn: everywhere ? world.credentials.logOutEverywhere : world.credentials.logOut,
    onSuccess: () => enter(world),
  });
  return (
    <>
      <Button {...(isQuiet ? { kind: "quiet", className: "px-2" } : {})} disabled={isPending} onClick={() => mutate()}>
        {everywhere ? "Log out everywhere" : "Log out"}
      </Button>
      {error && <ProblemNote error={error} />}
    </>
  );
}
