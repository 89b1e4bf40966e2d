// Which two states of a workspace are compared: where it began, its checkpoints, how it is now; or what one attempt changed.
import type { Checkpoint } from "@baton/contract";
import { getRouteApi } from "@tanstack/react-router";
import { Button } from "../ui/button.tsx";
import { Select } from "../ui/field.tsx";
import { toMoment } from "../ui/when.tsx";
import { toCheckpointName } from "./checkpoint-name.ts";
import type { Compared } from "./compared.ts";

const route = getRouteApi("/workspaces/$workspaceId");

export function CompareStates({ compared, checkpoints }: { compared: Compared; checkpoints: readonly Checkpoint[] }) {
  const navigate = route.useNavigate();
  const show = (search: Compared) => void navigate({ search, replace: true, resetScroll: false });
  if (compared.attempt !== undefined)
    return (
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-soft">
        What one attempt changed
        <Button onClick={() => show({})}>Show everything</Button>
      </p>
    );
  const states = checkpoints.map((one) => (
    <option key={one.id} value={one.id}>
      {toMoment(one.createdAt)} · {toCheckpointName(one)}
    </option>
  ));
  const known = (id: string | undefined, otherwise: string) => (checkpoints.some((one) => one.id === id) ? id : otherwise);
  return (
    <div className="flex flex-wrap items-center gap-2 text-sm text-soft">
      <Select
        aria-label="From"
        className="w-56"
        value={known(compared.from, "base")}
        onChange={({ target }) => show(toCompared({ ...compared, from: target.value }))}
      >
        <option value="base">where it began</option>
        {states}
      </Select>
      to
      <Select aria-label="To" className="w-56" value={known(compared.to, "now")} onChange={({ target }) => show(toCompared({ ...compared, to: target.value }))}>
        <option value="now">as it is now</option>
        {states}
      </Select>
    </div>
  );
}

/** What is meant anyway does not stand in the address. */
const toCompared = ({ from, to }: Compared): Compared => ({
  ...(from === undefined || from === "base" ? {} : { from }),
  ...(to === undefined || to === "now" ? {} : { to }),
});
