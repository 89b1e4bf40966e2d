// Who one is here, and the way out. Takes no room where nobody has to log in.
import { useIdentity } from "../api/rights.ts";
import { LogOut } from "./log-out.tsx";

export function WhoAmI() {
  const identity = useIdentity();
  if (identity === undefined || identity.kind === "local") return null;
  return (
    <div className="flex items-center justify-between gap-2 border-t border-line px-2.5 pt-3 text-sm">
      <span className="min-w-0">
        <span className="block truncate font-medium">{identity.name}</span>
        <span className="block text-xs text-soft">{identity.role}</span>
      </span>
      <LogOut isQuiet />
    </div>
  );
}
