// What frames every page: the way around, whether what you see is live, the palette, and the way in when one has to log in.
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { Suspense, lazy, useCallback, useEffect, useState } from "react";
import { followLive } from "../api/live.ts";
import { useWorld } from "../api/world.ts";
import { usePower } from "../power/power.ts";
import { useObservable } from "../std/observable.ts";
import { Icon } from "../ui/icon.tsx";
import { Keys, commandKey } from "../ui/keys.tsx";
import { ConnectionBadge } from "./connection-badge.tsx";
import { LostBanner } from "./lost-banner.tsx";
import { BottomNavigation, SideNavigation } from "./navigation.tsx";
import { useNotices } from "./notices.ts";
import { useShortcuts } from "./shortcuts.ts";
import { ThemeToggle } from "./theme-toggle.tsx";
import { WhoAmI } from "./who-am-i.tsx";

const CommandPalette = lazy(() => import("./command-palette.tsx"));
const ShortcutHelp = lazy(() => import("./shortcut-help.tsx"));
const Login = lazy(() => import("./login.tsx"));
const PowerDrawer = lazy(() => import("../power/power-drawer.tsx"));

type Above = "palette" | "help" | "more";

export function Layout() {
  const world = useWorld();
  const { isDemanded, version } = useObservable(world.access);
  const { pathname } = useLocation();
  const isPower = usePower();
  // Only on the page where it was opened.
  const [opened, setOpened] = useState<{ what: Above; at: string } | undefined>(undefined);
  const above = opened?.at === pathname ? opened.what : undefined;
  const leave = useCallback(() => setOpened(undefined), []);
  const showPalette = useCallback(() => setOpened({ what: "palette", at: pathname }), [pathname]);
  const showHelp = useCallback(() => setOpened({ what: "help", at: pathname }), [pathname]);
  useShortcuts({ showHelp, showPalette });
  useNotices();
  useEffect(() => {
    const leaving = new AbortController();
    void followLive(world, leaving.signal);
    return () => leaving.abort();
  }, [world]);
  return (
    <>
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-30 focus:m-3 focus:bg-raised focus:px-3 focus:py-2">
        Skip to the content
      </a>
      <div className="lg:grid lg:grid-cols-[13rem_minmax(0,1fr)]">
        <aside className="sticky top-0 hidden h-dvh flex-col gap-5 border-r border-line px-3 py-4 lg:flex">
          <Home />
          <SideNavigation />
          <button
            type="button"
            onClick={showPalette}
            className="mt-auto flex h-9 items-center gap-2.5 rounded-md border border-line px-2.5 text-sm text-soft hover:border-edge hover:text-ink"
          >
            <Icon name="search" />
            Find
            <span className="ml-auto">
              <Keys keys={[commandKey(), "K"]} />
            </span>
          </button>
          <div className="flex items-center justify-between gap-1 px-2.5">
            <ConnectionBadge />
            <ThemeToggle />
          </div>
          <WhoAmI />
        </aside>
        <div className="min-w-0">
          <header className="sticky top-0 z-10 flex h-14 items-center gap-3 border-b border-line bg-paper px-4 lg:hidden">
            <Home />
            <div className="ml-auto flex items-center gap-1">
              <ConnectionBadge />
              <button type="button" onClick={showPalette} aria-label="Find anything" className="grid size-10 place-items-center rounded-md text-soft">
                <Icon name="search" size={18} />
              </button>
              <ThemeToggle />
            </div>
          </header>
          <LostBanner />
          <main id="main" tabIndex={-1} className="mx-auto max-w-[84rem] px-4 pt-6 pb-28 outline-none sm:px-6 lg:px-8 lg:pb-16">
            <Outlet />
          </main>
        </div>
      </div>
      <BottomNavigation isMoreOpen={above === "more"} onMore={() => setOpened(above === "more" ? undefined : { what: "more", at: pathname })} />
      <Suspense>
        {isPower && <PowerDrawer />}
        {above === "palette" && <CommandPalette onLeave={leave} showHelp={showHelp} />}
        {above === "help" && <ShortcutHelp onLeave={leave} />}
        {isDemanded && <Login key={version} />}
      </Suspense>
    </>
  );
}

const Home = () => (
  <Link to="/" className="flex h-9 items-center gap-2 px-2.5 font-semibold tracking-tight max-lg:px-0" aria-label="Baton: overview">
    <Mark />
    Baton
  </Link>
);

/** The conductor's stick. */
const Mark = () => (
  <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" className="text-accent">
    <path d="M6.8 13.2 18 2" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" />
    <circle cx="5" cy="15" r="3" fill="currentColor" />
  </svg>
);
