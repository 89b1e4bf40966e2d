// Parts of a page, each with an address of its own.
import { Link, type LinkProps } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

export interface Tab {
  name: string;
  to: NonNullable<LinkProps["to"]>;
  search?: Record<string, unknown>;
  isCurrent: boolean;
  count?: number | undefined;
}

export function Tabs({ label, tabs }: { label: string; tabs: Tab[] }) {
  const bar = useRef<HTMLElement>(null);
  const current = tabs.find(({ isCurrent }) => isCurrent)?.name;
  // On a phone the one that is shown may lie beyond the edge.
  useEffect(() => {
    const tab = [...(bar.current?.children ?? [])].find((child) => child.getAttribute("data-tab") === current);
    if (bar.current && tab instanceof HTMLElement) bar.current.scrollLeft = tab.offsetLeft - bar.current.offsetLeft - 24;
  }, [current]);
  return (
    <nav ref={bar} aria-label={label} className="mb-5 flex gap-x-5 overflow-x-auto border-b border-line">
      {tabs.map(({ name, to, search, isCurrent, count }) => (
        <Link
          key={name}
          data-tab={name}
          activeOptions={{ exact: true }}
          to={to}
          {...({ search: search ?? {} } as object)}
          resetScroll={false}
          aria-current={isCurrent ? "page" : undefined}
          className={`-mb-px flex items-center gap-1.5 border-b-2 py-2 text-sm whitespace-nowrap ${isCurrent ? "border-accent font-medium text-ink" : "border-transparent text-soft hover:text-ink"}`}
        >
          {name}
          {count !== undefined && count > 0 && <span className="rounded-full bg-sunken px-1.5 text-xs text-soft">{count.toLocaleString()}</span>}
        </Link>
      ))}
    </nav>
  );
}
