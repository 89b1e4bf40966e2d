// What frames every page: who we are, whether what you see is live, and the way in when a key is asked for.
import { Link, Outlet } from "@tanstack/react-router";
import { useEffect } from "react";
import { followLive } from "../api/live.ts";
import { useWorld } from "../api/world.ts";
import { useObservable } from "../std/observable.ts";
import { ConnectionBadge } from "./connection-badge.tsx";
import { KeyPrompt } from "./key-prompt.tsx";
import { ThemeToggle } from "./theme-toggle.tsx";

export function Layout() {
  const world = useWorld();
  const { isDemanded } = useObservable(world.access);
  useEffect(() => {
    const leaving = new AbortController();
    void followLive(world, leaving.signal);
    return () => leaving.abort();
  }, [world]);
  return (
    <>
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-20 focus:m-3 focus:bg-raised focus:px-3 focus:py-2">
        Skip to the content
      </a>
      <header className="sticky top-0 z-10 border-b border-line bg-paper">
        <div className="mx-auto flex h-14 max-w-[84rem] items-center gap-4 px-4 sm:px-6 lg:px-8">
          <Link to="/" className="flex items-center gap-2 font-semibold tracking-tight" aria-label="Baton: overview">
            <Mark />
            Baton
          </Link>
          <div className="ml-auto flex items-center gap-2 sm:gap-4">
            <ConnectionBadge />
            <ThemeToggle />
          </div>
        </div>
      </header>
      <main id="main" tabIndex={-1} className="mx-auto max-w-[84rem] px-4 pt-6 pb-16 outline-none sm:px-6 lg:px-8">
        <Outlet />
      </main>
      {isDemanded && <KeyPrompt />}
    </>
  );
}

/** The conductor's stick. */
const Mark = () => (
  <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" className="text-accent">
    <path d="M6.8 13.2 18 2" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" />
    <circle cx="5" cy="15" r="3" fill="currentColor" />
  </svg>
);
