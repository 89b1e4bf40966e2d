// The top of a page: its name, and what can be done on it.
import type { ReactNode } from "react";

export const PageHead = ({ title, children }: { title: string; children?: ReactNode }) => (
  <header className="mb-5 flex min-h-9 flex-wrap items-center justify-between gap-x-6 gap-y-3">
    <h1 className="text-xl">{title}</h1>
    {children !== undefined && <div className="flex flex-wrap items-center gap-2">{children}</div>}
  </header>
);
