// Keys to press, as they stand on a keyboard.
export const Keys = ({ keys }: { keys: readonly string[] }) => (
  <span className="inline-flex gap-1">
    {keys.map((key) => (
      <kbd key={key} className="min-w-5 rounded border border-line bg-raised px-1 text-center font-sans text-xs leading-5 text-soft">
        {key}
      </kbd>
    ))}
  </span>
);

/** What stands on this machine's keyboard. */
export const commandKey = (): string => (/Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl");
