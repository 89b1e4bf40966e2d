// Whether this browser is told of what needs a person, also while no page is open; and which others of the same person are.
import type { PushSubscription } from "@baton/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useIdentity } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { canNotify } from "../shell/notices.ts";
import { Button } from "../ui/button.tsx";
import { Check } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Age } from "../ui/when.tsx";
import { canPush, findEndpoint, subscribe } from "./push.ts";
import { pushQuery } from "./setting-queries.ts";

type Permission = NotificationPermission | "unsupported";

export function Notifications() {
  const identity = useIdentity();
  const [permission, setPermission] = useState<Permission>(() => (canNotify() ? Notification.permission : "unsupported"));
  const isPerson = identity?.kind === "user" || identity?.kind === "local";
  return (
    <div>
      <p className="text-sm font-medium">Notifications</p>
      {permission === "unsupported" || permission === "denied" ? (
        <p className="mt-1 text-sm text-soft">{tells[permission]}</p>
      ) : canPush() && isPerson ? (
        <WhileAway onPermission={setPermission} />
      ) : (
        <>
          <p className="mt-1 mb-2 text-sm text-soft">{tells[permission]}</p>
          {permission === "default" && <Button onClick={() => void Notification.requestPermission().then(setPermission)}>Allow notifications</Button>}
        </>
      )}
    </div>
  );
}

function WhileAway({ onPermission }: { onPermission: (permission: Permission) => void }) {
  const world = useWorld();
  const { data, error } = useQuery(pushQuery(world));
  const here = useQuery({ queryKey: ["push", "here"], queryFn: findEndpoint });
  const own = data?.items.find(({ endpoint }) => endpoint === here.data);
  const refresh = () => world.queries.invalidateQueries({ queryKey: ["push"] });
  const change = useMutation({
    mutationFn: async (isOn: boolean) => {
      if (!isOn) {
        if (own) await world.client().removePushSubscription({ params: { id: own.id } });
        return;
      }
      const permission = await Notification.requestPermission();
      onPermission(permission);
      if (permission === "granted") await subscribe(world.client());
    },
    onSettled: refresh,
  });
  const remove = useMutation({ mutationFn: (id: string) => world.client().removePushSubscription({ params: { id } }), onSettled: refresh });
  const problem = change.error ?? remove.error ?? error;
  const others = data?.items.filter((one) => one !== own) ?? [];
  return (
    <div className="mt-1.5 space-y-2">
      <Check
        label="Tell this browser when a question waits for you, a task fails, or work trees overlap; also while no page is open"
        checked={change.isPending ? change.variables : own !== undefined}
        disabled={change.isPending || data === undefined || here.isPending}
        onChange={({ target }) => change.mutate(target.checked)}
      />
      {typeof own?.failure === "string" && <p className="text-sm text-wait">It could not be reached: {own.failure} It is tried again.</p>}
      {problem instanceof DOMException ? (
        <p role="alert" className="text-sm text-wait">
          The browser does not let this page reach it: {problem.message.replace(/\.?$/, ".")} Private windows never do, and some browsers only by their vendor's
          push service, which must be reachable.
        </p>
      ) : (
        problem && <ProblemNote error={problem} />
      )}
      {others.length > 0 && (
        <ul aria-label="Your other browsers that are told" className="divide-y divide-line text-sm">
          {others.map((one) => (
            <li key={one.id} className="flex flex-wrap items-center justify-between gap-x-4 py-1.5">
              <span>
                {one.label} <span className="text-soft">{toldOf(one)}</span>
              </span>
              <Button kind="quiet" icon="trash" className="px-2.5" aria-label={`Tell ${one.label} nothing more`} onClick={() => remove.mutate(one.id)} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
const toldOf = ({ lastSentAt, createdAt, failure }: PushSubscription) =>
  failure === null ? (
    <>
      told <Age at={lastSentAt ?? createdAt} suffix=" ago" />
    </>
  ) : (
    `not reached: ${failure}`
  );

const tells = {
  default: "When something needs you, while the page is open and you look elsewhere. Once you log in by name, also while it is not open.",
  granted: "You are told when something needs you, while the page is open and you look elsewhere. Once you log in by name, also while it is not open.",
  denied: "You refused them. Allow them for this page in the settings of the browser.",
  unsupported:
    "This browser gives none to this page: it has to be reached over https, or on this machine. On an iPhone or iPad, add it to the home screen first.",
} as const;
