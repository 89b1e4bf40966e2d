// What this server was started with: every setting with what it means, those that somebody set first to be seen.
import { type Setting, settingGroups } from "@baton/contract";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useWorld } from "../api/world.ts";
import { Field, TextInput } from "../ui/field.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { Loading, Panel, Section } from "../ui/section.tsx";
import { settingsQuery } from "./setting-queries.ts";

export function Configuration() {
  const { data, error, refetch } = useQuery(settingsQuery(useWorld()));
  const [wanted, setWanted] = useState("");
  if (error && data === undefined) return <ProblemNote error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading what="the configuration" className="h-48" />;
  const found = data.items.filter((one) => says(one, wanted));
  return (
    <div className="space-y-6">
      <p className="text-sm text-soft">
        As this server was started: settings are variables of its environment, and are changed there. What is set shows its name in bold; everything else is as
        it comes.
      </p>
      <Field label="Find a setting">{(id) => <TextInput id={id} type="search" value={wanted} onChange={({ target }) => setWanted(target.value)} />}</Field>
      {found.length === 0 && <p className="text-sm text-soft">No setting says “{wanted}”.</p>}
      {settingGroups.map((group) => {
        const settings = found.filter((one) => one.group === group);
        return settings.length === 0 ? null : (
          <Section key={group} title={`${group.charAt(0).toUpperCase()}${group.slice(1)}`}>
            <Panel>
              <ul className="divide-y divide-line">
                {settings.map((one) => (
                  <SettingRow key={one.name} setting={one} />
                ))}
              </ul>
            </Panel>
          </Section>
        );
      })}
    </div>
  );
}

function SettingRow({ setting: { name, otherNames, meaning, isSecret, value, givenAs } }: { setting: Setting }) {
  const shown = isSecret ? (givenAs === null ? "not set" : "set, and not shown") : (value ?? "not set");
  return (
    <li data-row className="grid gap-x-6 gap-y-1 px-4 py-3 text-sm sm:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <div className="min-w-0">
        <p>
          <code className={`font-mono text-[13px] break-all ${givenAs === null ? "" : "font-semibold"}`}>{givenAs ?? name}</code>
        </p>
        <p className="text-soft">{withCode(meaning)}</p>
        {otherNames.length > 0 && (
          <p className="text-xs break-all text-soft">also {[name, ...otherNames].filter((one) => one !== (givenAs ?? name)).join(", ")}</p>
        )}
      </div>
      <p className={`min-w-0 break-words ${value === null ? "text-soft" : "font-mono text-[13px]"}`}>{shown}</p>
    </li>
  );
}

/** Words between backticks are what one would type. */
const withCode = (text: string): ReactNode[] =>
  text.split("`").map((part, at) =>
    at % 2 === 0 ? (
      part
    ) : (
      <code key={part} className="font-mono text-[13px]">
        {part}
      </code>
    ),
  );
const says = ({ name, otherNames, meaning }: Setting, wanted: string): boolean =>
  [name, ...otherNames, meaning].join(" ").toLowerCase().includes(wanted.trim().toLowerCase());
