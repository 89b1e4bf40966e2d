// The button that changes between light, dark, and as the system has it.
import { Icon, type IconName } from "../ui/icon.tsx";
import { type Theme, nextTheme, themes, useTheme } from "./theme.ts";

const icons: Record<Theme, IconName> = { system: "screen", light: "sun", dark: "moon" };

export function ThemeToggle() {
  const theme = useTheme();
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? "system";
  return (
    <button
      type="button"
      onClick={nextTheme}
      className="grid size-9 place-items-center rounded-md text-soft hover:bg-sunken hover:text-ink"
      aria-label={`Theme: ${theme}. Change to ${next}`}
      title={`Theme: ${theme}`}
    >
      <Icon name={icons[theme]} />
    </button>
  );
}
