// Asks before what cannot be taken back. The browser's own dialog: focus stays inside, Escape leaves it.
import { type ReactNode, useEffect, useRef } from "react";
import { Button } from "./button.tsx";

export function Confirm({
  title,
  children,
  action,
  onConfirm,
  onLeave,
}: {
  title: string;
  children: ReactNode;
  action: string;
  onConfirm: () => void;
  onLeave: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-label={title} onClose={onLeave} className="w-[min(26rem,calc(100vw-2rem))] rounded-lg border border-line bg-raised p-5 text-ink">
      <h2 className="text-base">{title}</h2>
      <div className="mt-2 text-sm text-soft">{children}</div>
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onLeave} autoFocus>
          Leave it
        </Button>
        <Button kind="danger" onClick={onConfirm}>
          {action}
        </Button>
      </div>
    </dialog>
  );
}
