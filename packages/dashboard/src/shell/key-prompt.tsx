// Asks for an API key when the server refuses what we have. It is kept for this tab only.
import { type FormEvent, useEffect, useRef } from "react";
import { enterKey, useWorld } from "../api/world.ts";
import { useObservable } from "../std/observable.ts";
import { Button } from "../ui/button.tsx";

export function KeyPrompt() {
  const world = useWorld();
  const { key } = useObservable(world.access);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const entered = new FormData(event.currentTarget).get("key");
    if (typeof entered === "string" && entered.trim() !== "") enterKey(world, entered.trim());
  }
  return (
    <dialog
      ref={dialog}
      aria-labelledby="key-title"
      onCancel={(event) => event.preventDefault()}
      className="w-[min(26rem,calc(100vw-2rem))] rounded-lg border border-line bg-raised p-5 text-ink"
    >
      <form onSubmit={submit}>
        <h2 id="key-title" className="text-base">
          This server asks for an API key
        </h2>
        <p className="mt-1.5 text-sm text-soft">
          {key === undefined ? "Whoever runs it can give you one." : "The key you entered is not known here."} It stays in this tab and is forgotten when you
          close it.
        </p>
        <label className="mt-4 block text-sm font-medium" htmlFor="api-key">
          API key
        </label>
        <input
          id="api-key"
          name="key"
          type="password"
          autoComplete="off"
          required
          autoFocus
          className="mt-1.5 h-9 w-full rounded-md border border-edge bg-paper px-3 font-mono text-sm"
        />
        <div className="mt-5 flex justify-end">
          <Button kind="main" type="submit">
            Unlock
          </Button>
        </div>
      </form>
    </dialog>
  );
}
