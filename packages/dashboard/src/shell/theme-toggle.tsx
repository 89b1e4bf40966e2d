// Light, dark, or as the system has it. Remembered; public/theme.js applies it before the first paint.
import { useState } from "react";
import { Icon, type IconName } from "../ui/icon.tsx";

const KEY = "baton-theme";
const order = ["system", "light", "dark"] as const;
type Theme = (typeof order)[number];
const icons: Record<Theme, IconName> = { system: "screen", light: "sun", dark: "moon" };

export function ThemeToggle() {
  const [theme, setTheme] = useState<Theme>(() => order.find((name) => name === localStorage.getItem(KEY)) ?? "system");
  const next = order[(order.indexOf(theme) + 1) % order.length] ?? "system";
  function choose() {
    setTheme(next);
    if (next === "system") {
      localStorage.removeItem(KEY);
      delete document.documentElement.dataset["theme"];
    } else {
      localStorage.setItem(KEY, next);
      document.documentElement.dataset["theme"] = next;
    }
  }
  return (
    <button
      type="button"
      onClick={choose}
      className="grid size-9 place-items-center rounded-md text-soft hover:bg-sunken hover:text-ink"
      aria-label={`Theme: ${theme}. Change to ${next}`}
      title={`Theme: ${theme}`}
    >
      <Icon name={icons[theme]} />
    </button>
  );
}
