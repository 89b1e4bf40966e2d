// The way around: a column beside the page where there is room, a bar below it on a phone.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { approvalsQuery } from "../api/queries.ts";
import { useWorld } from "../api/world.ts";
import { Icon } from "../ui/icon.tsx";
import { Keys } from "../ui/keys.tsx";
import { type Place, places } from "./places.ts";

const exactly = { exact: true, includeSearch: false };
const below = { exact: false, includeSearch: false };

export function SideNavigation() {
  return (
    <nav aria-label="Pages" className="flex flex-col gap-0.5">
      {places.map((place) => (
        <Link
          key={place.to}
          to={place.to}
          activeOptions={place.to === "/" ? exactly : below}
          className="group flex h-9 items-center gap-2.5 rounded-md px-2.5 text-sm text-soft hover:bg-sunken hover:text-ink aria-[current=page]:bg-accent-wash aria-[current=page]:font-medium aria-[current=page]:text-ink"
        >
          <Icon name={place.icon} />
          {place.name}
          <Waiting place={place} />
          <span className="ml-auto hidden group-hover:block group-focus-visible:block" aria-hidden="true">
            <Keys keys={["g", place.key]} />
          </span>
        </Link>
      ))}
    </nav>
  );
}

/** The four that are needed on the way, and the rest behind one. */
export function BottomNavigation({ onMore, isMoreOpen }: { onMore: () => void; isMoreOpen: boolean }) {
  return (
    <nav
      aria-label="Pages"
      className="fixed inset-x-0 bottom-0 z-20 grid grid-cols-5 border-t border-line bg-raised pb-[env(safe-area-inset-bottom)] lg:hidden"
    >
      {places.slice(0, 4).map((place) => (
        <Link
          key={place.to}
          to={place.to}
          activeOptions={place.to === "/" ? exactly : below}
          className="relative flex h-14 flex-col items-center justify-center gap-1 text-xs text-soft aria-[current=page]:font-medium aria-[current=page]:text-accent"
        >
          <Icon name={place.icon} size={18} />
          <span className="flex items-center gap-1">
            {place.name}
            <Waiting place={place} />
          </span>
        </Link>
      ))}
      <button
        type="button"
        onClick={onMore}
        aria-expanded={isMoreOpen}
        className="flex h-14 flex-col items-center justify-center gap-1 text-xs text-soft aria-expanded:text-accent"
      >
        <Icon name="more" size={18} />
        More
      </button>
      {isMoreOpen && (
        <div className="absolute inset-x-0 bottom-full border-t border-line bg-raised p-2 shadow-[0_-8px_24px_rgb(0_0_0/0.12)]">
          {places.slice(4).map((place) => (
            <Link
              key={place.to}
              to={place.to}
              onClick={onMore}
              className="flex h-12 items-center gap-3 rounded-md px-3 text-base hover:bg-sunken aria-[current=page]:font-medium aria-[current=page]:text-accent"
            >
              <Icon name={place.icon} size={18} />
              {place.name}
            </Link>
          ))}
        </div>
      )}
    </nav>
  );
}

/** How many questions wait, beside the inbox. */
function Waiting({ place }: { place: Place }) {
  const { data } = useQuery({ ...approvalsQuery(useWorld()), enabled: place.to === "/inbox" });
  if (place.to !== "/inbox" || data === undefined || data.total === 0) return null;
  return (
    <span className="rounded-full bg-wait-wash px-1.5 text-xs font-medium text-wait tabular-nums">
      {data.total}
      <span className="sr-only"> waiting</span>
    </span>
  );
}
