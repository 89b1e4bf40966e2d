// A titled part of a page, and the placeholder that keeps its place while it loads.
import { type CSSProperties, type ReactNode, useId } from "react";

export function Section({ title, aside, children, className = "" }: { title: string; aside?: ReactNode; children: ReactNode; className?: string }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={className}>
      <div className="mb-2.5 flex min-h-8 flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <h2 id={id} className="text-base">
          {title}
        </h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

export function Panel({ children, className = "", style }: { children: ReactNode; className?: string; style?: CSSProperties }) {
  return (
    <div className={`rounded-lg border border-line bg-raised ${className}`} style={style}>
      {children}
    </div>
  );
}

/** Holds the room of what is loading, and says what that is. */
export function Loading({ what, className = "h-24" }: { what: string; className?: string }) {
  return <output className={`flex items-center justify-center text-sm text-soft ${className}`}>Loading {what}…</output>;
}
