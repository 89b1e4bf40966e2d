// What a workspace's branch and directory are called: after its task or agent, in letters that git and every file system take.
const MAX = 60;

/** Letters, digits, `.`, `_` and `-` of a name, such that git takes it for a part of a branch's name. */
export function toSlug(name: string): string {
  const slug = name
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/\.{2,}/g, ".")
    .slice(0, MAX)
    .replace(/^[.-]+|(?:\.lock|[.-])+$/g, "");
  return slug === "" ? "work" : slug;
}
/** `baton/<task>`, `baton/agents/<name>`. */
export const toBranch = (kind: "task" | "agent", name: string): string => (kind === "task" ? `baton/${toSlug(name)}` : `baton/agents/${toSlug(name)}`);
