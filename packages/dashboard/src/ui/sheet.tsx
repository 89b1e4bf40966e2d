// A dialog with a title: the browser's own, so that focus stays inside and Escape leaves it.
import { type ReactNode, useEffect, useRef } from "react";
import { Button } from "./button.tsx";

/** A click beside it closes it, where the browser can. */
export const lightly = { closedby: "any" } as object;

export function Sheet({ title, children, onLeave, isWide = false }: { title: string; children: ReactNode; onLeave: () => void; isWide?: boolean }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      aria-label={title}
      onClose={onLeave}
      {...lightly}
      className={`max-h-[calc(100dvh-2rem)] rounded-lg border border-line bg-raised p-0 text-ink ${isWide ? "w-[min(44rem,calc(100vw-2rem))]" : "w-[min(30rem,calc(100vw-2rem))]"}`}
    >
      <div className="p-5">
        <div className="mb-4 flex items-center justify-between gap-4">
          <h2 className="text-base">{title}</h2>
          <Button kind="quiet" icon="close" className="-my-2 -mr-2 px-2.5" aria-label="Close" onClick={onLeave} />
        </div>
        {children}
      </div>
    </dialog>
  );
}
