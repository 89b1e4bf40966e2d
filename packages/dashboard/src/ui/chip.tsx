// A quiet label: a capability, a requirement, a kind.
import type { ReactNode } from "react";

export function Chip({ children, title }: { children: ReactNode; title?: string }) {
  return (
    <span title={title} className="inline-flex max-w-full items-center rounded border border-line bg-sunken px-1.5 py-px text-xs text-soft">
      <span className="truncate">{children}</span>
    </span>
  );
}

export function Chips({ names, most = Number.POSITIVE_INFINITY, label }: { names: string[]; most?: number; label: string }) {
  if (names.length === 0) return null;
  const more = names.slice(most);
  return (
    <ul aria-label={label} className="flex min-w-0 flex-wrap gap-1">
      {names.slice(0, most).map((name) => (
        <li key={name} className="flex max-w-full min-w-0">
          <Chip>{name}</Chip>
        </li>
      ))}
      {more.length > 0 && (
        <li className="flex">
          <Chip title={more.join(", ")}>+{more.length}</Chip>
        </li>
      )}
    </ul>
  );
}
