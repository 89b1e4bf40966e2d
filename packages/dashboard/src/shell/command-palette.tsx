// Find anything from the keyboard: pages, what can be done, tasks and agents by their words.
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { useDeferredValue, useEffect, useRef, useState } from "react";
import { agentSearchQuery, taskSearchQuery } from "../api/queries.ts";
import { useMay } from "../api/rights.ts";
import { useWorld } from "../api/world.ts";
import { setPower, usePower } from "../power/power.ts";
import { Icon, type IconName } from "../ui/icon.tsx";
import { Keys } from "../ui/keys.tsx";
import { lightly } from "../ui/sheet.tsx";
import { StatusMark } from "../ui/status-mark.tsx";
import { places } from "./places.ts";
import { nextTheme } from "./theme.ts";

const groupLook =
  "[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2.5 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-soft";

export default function CommandPalette({ onLeave, showHelp }: { onLeave: () => void; showHelp: () => void }) {
  const world = useWorld();
  const navigate = useNavigate();
  const dialog = useRef<HTMLDialogElement>(null);
  const [typed, setTyped] = useState("");
  const words = useDeferredValue(typed.trim());
  const isSearching = words.length > 1;
  const { data: tasks } = useQuery({ ...taskSearchQuery(world, words), enabled: isSearching });
  const { data: agents } = useQuery({ ...agentSearchQuery(world, words), enabled: isSearching });
  const [maySubmit, mayRegister, isPower] = [useMay("submitTask"), useMay("createAgent"), usePower()];
  useEffect(() => dialog.current?.showModal(), []);
  const run = (does: () => void) => () => {
    dialog.current?.close();
    does();
  };
  return (
    <dialog
      ref={dialog}
      aria-label="Find anything"
      onClose={onLeave}
      {...lightly}
      className="mt-[12vh] w-[min(36rem,calc(100vw-2rem))] overflow-hidden rounded-lg border border-line bg-raised p-0 text-ink"
    >
      <Command label="Find anything" loop className="flex max-h-[60vh] flex-col">
        <Command.Input
          value={typed}
          onValueChange={setTyped}
          placeholder="A page, a task, an agent, or what to do"
          className="h-12 w-full border-b border-line bg-transparent px-4 text-base outline-none placeholder:text-soft"
        />
        <Command.List className={`overflow-y-auto p-1.5 ${groupLook}`}>
          <Command.Empty className="px-3 py-8 text-center text-sm text-soft">Nothing here is called “{typed}”.</Command.Empty>
          <Command.Group heading="Do">
            {maySubmit && <Item icon="plus" name="Hand in a task" keys={["c"]} onSelect={run(() => void navigate({ to: "/tasks/new" }))} />}
            {mayRegister && <Item icon="plus" name="Register an agent" onSelect={run(() => void navigate({ to: "/agents/new" }))} />}
            <Item icon="moon" name="Change between light and dark" onSelect={run(nextTheme)} />
            <Item icon="code" name={isPower ? "Leave power-user mode" : "Power-user mode: JSON, events, API calls"} onSelect={run(() => setPower(!isPower))} />
            <Item icon="keyboard" name="Show shortcuts" keys={["?"]} onSelect={run(showHelp)} />
          </Command.Group>
          <Command.Group heading="Go to">
            {places.map((place) => (
              <Item key={place.to} icon={place.icon} name={place.name} keys={["g", place.key]} onSelect={run(() => void navigate({ to: place.to }))} />
            ))}
          </Command.Group>
          {isSearching && tasks !== undefined && tasks.items.length > 0 && (
            <Command.Group heading="Tasks">
              {tasks.items.map((task) => (
                <Command.Item
                  key={task.id}
                  value={`task ${task.id} ${task.title} ${words}`}
                  onSelect={run(() => void navigate({ to: "/tasks/$taskId", params: { taskId: task.id } }))}
                  className={itemLook}
                >
                  <StatusMark status={task.status} />
                  <span className="min-w-0 flex-1 truncate">{task.title}</span>
                  <span className="text-xs text-soft">{task.status}</span>
                </Command.Item>
              ))}
            </Command.Group>
          )}
          {isSearching && agents !== undefined && agents.items.length > 0 && (
            <Command.Group heading="Agents">
              {agents.items.map((agent) => (
                <Command.Item
                  key={agent.id}
                  value={`agent ${agent.id} ${agent.name} ${words}`}
                  onSelect={run(() => void navigate({ to: "/agents/$agentId", params: { agentId: agent.id } }))}
                  className={itemLook}
                >
                  <StatusMark status={agent.status.state} />
                  <span className="min-w-0 flex-1 truncate">{agent.name}</span>
                  <span className="text-xs text-soft">{agent.status.state}</span>
                </Command.Item>
              ))}
            </Command.Group>
          )}
        </Command.List>
      </Command>
    </dialog>
  );
}

const itemLook = "flex h-10 cursor-pointer items-center gap-3 rounded-md px-3 text-sm aria-selected:bg-accent-wash";

function Item({ icon, name, keys, onSelect }: { icon: IconName; name: string; keys?: string[]; onSelect: () => void }) {
  return (
    <Command.Item value={name} onSelect={onSelect} className={itemLook}>
      <span className="text-soft">
        <Icon name={icon} />
      </span>
      <span className="flex-1">{name}</span>
      {keys !== undefined && <Keys keys={keys} />}
    </Command.Item>
  );
}
