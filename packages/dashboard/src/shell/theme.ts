// Light, dark, or as the system has it. Remembered; public/first.js applies it before the first paint.
import { createObservable, useObservable } from "../std/observable.ts";

const KEY = "baton-theme";
export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];
const chosen = createObservable<Theme>(themes.find((name) => name === localStorage.getItem(KEY)) ?? "system");

export const useTheme = (): Theme => useObservable(chosen);
export function setTheme(theme: Theme): void {
  chosen.set(theme);
  if (theme === "system") {
    localStorage.removeItem(KEY);
    delete document.documentElement.dataset["theme"];
  } else {
    localStorage.setItem(KEY, theme);
    document.documentElement.dataset["theme"] = theme;
  }
}
export const nextTheme = (): void => setTheme(themes[(themes.indexOf(chosen.get()) + 1) % themes.length] ?? "system");
