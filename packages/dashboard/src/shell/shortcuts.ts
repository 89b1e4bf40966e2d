// Keys that work anywhere on the page, unless somebody types. Two keys in a row are one shortcut: g t.
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { places } from "./places.ts";

export interface Shortcut {
  keys: readonly string[];
  does: string;
}
export const shortcuts: readonly Shortcut[] = [
  { keys: ["?"], does: "Show these shortcuts" },
  { keys: ["c"], does: "Hand in a task" },
  { keys: ["/"], does: "Search what the page lists" },
  { keys: ["j"], does: "Next row" },
  { keys: ["k"], does: "Row before" },
  { keys: ["Enter"], does: "Open the row" },
  { keys: ["a"], does: "Inbox: approve the question one is at" },
  { keys: ["r"], does: "Inbox: reject it" },
  ...places.map(({ key, name }) => ({ keys: ["g", key], does: `Go to ${name}` })),
];

/** A first key counts for the next one only so long. */
const SEQUENCE_MS = 1200;

export function useShortcuts({ showHelp, showPalette }: { showHelp: () => void; showPalette: () => void }): void {
  const navigate = useNavigate();
  useEffect(() => {
    let before: { key: string; at: number } | undefined;
    function onKeyDown(event: KeyboardEvent) {
      if (event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey) && !event.shiftKey && !event.altKey) {
        event.preventDefault();
        showPalette();
        return;
      }
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      const afterG = before?.key === "g" && event.timeStamp - before.at < SEQUENCE_MS;
      before = { key: event.key, at: event.timeStamp };
      const place = afterG ? places.find(({ key }) => key === event.key) : undefined;
      if (place !== undefined) void navigate({ to: place.to });
      else if (event.key === "?") showHelp();
      else if (event.key === "c") void navigate({ to: "/tasks/new" });
      else if (event.key === "/") document.querySelector<HTMLElement>("[data-search]")?.focus();
      else if (event.key === "j" || event.key === "k") moveRow(event.key === "j" ? 1 : -1);
      else return;
      event.preventDefault();
    }
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [navigate, showHelp, showPalette]);
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest("dialog") !== null || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

/** From the row that has the focus, or to the first that is on the screen. */
function moveRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-row]")];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = at < 0 ? (rows.find((row) => row.getBoundingClientRect().top >= 0) ?? rows[0]) : rows[at + by];
  const target = next?.matches("a,button,[tabindex]") ? next : next?.querySelector<HTMLElement>("a,button,input");
  target?.focus();
}
