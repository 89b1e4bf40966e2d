// Where nothing is: what would be here, and how it comes to be.
import type { ReactNode } from "react";
import { Icon, type IconName } from "./icon.tsx";

export const Empty = ({ title, children, icon, action }: { title: string; children: ReactNode; icon?: IconName; action?: ReactNode }) => (
  <div className="rounded-lg border border-dashed border-edge px-5 py-10 text-center">
    {icon !== undefined && (
      <span className="mb-3 inline-grid size-10 place-items-center rounded-full bg-accent-wash text-accent">
        <Icon name={icon} size={18} />
      </span>
    )}
    <h2 className="text-base">{title}</h2>
    <div className="mx-auto mt-1.5 max-w-prose text-sm text-soft">{children}</div>
    {action !== undefined && <div className="mt-4 flex flex-wrap justify-center gap-2">{action}</div>}
  </div>
);
