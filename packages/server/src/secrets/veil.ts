// What is put in place of secrets in what agents say: every value that this server filled in for them, however it is written.
export interface Veil {
  /** From now on it is not told of agents of this project, nor of those that all share. */
  hide(project: string, value: string): void;
  /** Undefined: there is nothing to hide from them. */
  of(project: string | null): Hider | undefined;
}
export interface Hider {
  hide(text: string): string;
  /** How many characters at the end of `text` may be the beginning of what is to be hidden. */
  begun(text: string): number;
}
export const HIDDEN = "********";
/** Of agents that all projects share. */
export const SHARED = "*";

interface Hidden {
  /** As it may be written: plain, in JSON, in an address, in base 64. */
  forms: Set<string>;
  hider: Hider | undefined;
}

export function openVeil(): Veil {
  const projects = new Map<string, Hidden>();
  const shared: Hidden = { forms: new Set(), hider: undefined };
  projects.set(SHARED, shared);
  return {
    hide: (project, value) => {
      let hidden = projects.get(project);
      if (!hidden) projects.set(project, (hidden = { forms: new Set(), hider: undefined }));
      if (hidden.forms.has(value)) return;
      for (const form of formsOf(value)) hidden.forms.add(form);
      // Agents of any project may be handed a tool server that all share.
      for (const one of project === SHARED ? projects.values() : [hidden]) one.hider = undefined;
    },
    of: (project) => {
      const hidden = projects.get(project ?? SHARED) ?? shared;
      if (hidden.forms.size === 0 && shared.forms.size === 0) return undefined;
      return (hidden.hider ??= toHider([...hidden.forms, ...shared.forms]));
    },
  };
}
const formsOf = (value: string): Set<string> =>
  new Set([
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    Buffer.from(value).toString("base64"),
    Buffer.from(value).toString("base64url"),
  ]);

function toHider(forms: readonly string[]): Hider {
  // The longest first: of two that begin alike, all of it goes.
  const ordered = [...new Set(forms)].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(ordered.map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|"), "g");
  const longest = ordered[0]?.length ?? 0;
  return {
    hide: (text) => text.replace(pattern, HIDDEN),
    begun: (text) => {
      const tail = text.slice(-(longest - 1));
      for (let at = 0; at < tail.length; at++)
        if (ordered.some((form) => form.length > tail.length - at && form.startsWith(tail.slice(at)))) return tail.length - at;
      return 0;
    },
  };
}
