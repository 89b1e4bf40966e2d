// Who did what, and what was refused to whom: newest first, and the chain of it computed again.
import type { AuditChanges, AuditEntry } from "@baton/contract";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useWorld } from "../api/world.ts";
import { Button } from "../ui/button.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel, Section } from "../ui/section.tsx";
import { Age } from "../ui/when.tsx";
import { auditQuery } from "./setting-queries.ts";
import { verifyChain } from "./verify-chain.ts";

export function AuditLog() {
  const world = useWorld();
  const [last, setLast] = useState<number | undefined>(undefined);
  const { data, error, refetch } = useQuery(auditQuery(world, last));
  if (error && data === undefined) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="the audit log" className="h-64" />;
  return (
    <Section title="What was changed, and what was denied" aside={<Verify />}>
      <Panel className="overflow-hidden">
        {data.items.length === 0 && <p className="px-4 py-8 text-center text-sm text-soft">Nothing was changed yet.</p>}
        <ol className="divide-y divide-line">
          {data.items.map((entry) => (
            <EntryRow key={entry.seq} entry={entry} />
          ))}
        </ol>
      </Panel>
      <div className="mt-4 flex items-center justify-center gap-3 text-sm text-soft">
        <Button disabled={last === undefined} onClick={() => setLast(undefined)}>
          Newest
        </Button>
        {data.end === 0 ? "" : `${data.from.toLocaleString()}–${data.end.toLocaleString()}`}
        <Button disabled={data.from <= 1} onClick={() => setLast(data.from - 1)}>
          Older
        </Button>
      </div>
    </Section>
  );
}

const EntryRow = ({ entry: { seq, at, who, role, address, action, method, path, status, fields, changes } }: { entry: AuditEntry }) => (
  <li data-row className="grid grid-cols-[3.5rem_minmax(0,1fr)_auto] gap-x-3 px-4 py-2 text-sm" title={`${method} ${path} from ${address}`}>
    <span className="text-right text-soft tabular-nums">{seq}</span>
    <span>
      <span className="font-medium">{who}</span> <span className="text-soft">({role})</span> {action}{" "}
      <span className={status < 400 ? "text-soft" : "font-medium text-bad"}>{status}</span>
      {fields.length > 0 && <span className="text-soft"> {fields.join(", ")}</span>}
      {changes !== null && <Changes changes={changes} />}
    </span>
    <span className="text-soft">
      <Age at={at} suffix=" ago" />
    </span>
  </li>
);

const Changes = ({ changes }: { changes: AuditChanges }) => (
  <details className="mt-1">
    <summary className="w-fit cursor-pointer text-soft underline underline-offset-2 hover:text-ink">before and after</summary>
    <dl className="mt-1 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
      {Object.entries(changes).map(([field, { before, after }]) => (
        <div key={field} className="contents">
          <dt className="text-soft">{field}</dt>
          <dd className="min-w-0 font-mono text-xs leading-5 break-all">
            <del className="text-soft no-underline">{said(before)}</del> → <ins className="no-underline">{said(after)}</ins>
          </dd>
        </div>
      ))}
    </dl>
  </details>
);
const said = (value: AuditChanges[string]["before"]): string => (value === null ? "not set" : typeof value === "string" ? value : JSON.stringify(value));

/** Reads all of it. Needs the browser's own hashing, which it gives to safe origins only. */
function Verify() {
  const world = useWorld();
  const [entries, setEntries] = useState(0);
  const verify = useMutation({
    mutationFn: () => verifyChain(async (after) => (await world.client().listAudit({ query: { after, limit: 1000 } })).items, setEntries),
  });
  if (!window.isSecureContext) return <span className="text-sm text-soft">`baton audit verify` computes its chain again</span>;
  const { data } = verify;
  return (
    <span className="flex items-center gap-3 text-sm">
      {verify.isPending && <output className="text-soft">{entries.toLocaleString()} are right so far…</output>}
      {data?.isWhole === true && <output className="text-accent">whole: {data.entries.toLocaleString()} entries, none altered or removed</output>}
      {data?.isWhole === false && (
        <output className="font-medium text-bad">broken at entry {data.brokenAt}: it, or what stood before it, was altered or removed</output>
      )}
      {verify.error && <output className="text-bad">could not be read: {verify.error.message}</output>}
      <Button disabled={verify.isPending} onClick={() => verify.mutate()}>
        Verify
      </Button>
    </span>
  );
}
