// The shortcuts, all of them.
import { Sheet } from "../ui/sheet.tsx";
import { Keys, commandKey } from "../ui/keys.tsx";
import { shortcuts } from "./shortcuts.ts";

export default function ShortcutHelp({ onLeave }: { onLeave: () => void }) {
  return (
    <Sheet title="Shortcuts" onLeave={onLeave}>
      <dl className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-6 gap-y-2 text-sm">
        {[{ keys: [commandKey(), "K"], does: "Find anything" }, ...shortcuts].map(({ keys, does }) => (
          <div key={does} className="contents">
            <dt>{does}</dt>
            <dd className="text-right">
              <Keys keys={keys} />
            </dd>
          </div>
        ))}
      </dl>
    </Sheet>
  );
}
