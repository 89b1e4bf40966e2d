// Which requirements one agent can take together.

/**
 * Requirements in their order, cut where no agent has the whole stretch: the fewest hand-overs that a left-to-right reading
 * allows. A requirement nobody has stands alone, so that the rest can begin.
 */
export function groupRequirements(requirements: readonly string[], canCover: (requirements: readonly string[]) => boolean): string[][] {
  if (requirements.length === 0) return [[]];
  const groups: string[][] = [];
  let group: string[] = [];
  for (const requirement of requirements) {
    if (group.length > 0 && !canCover([...group, requirement])) {
      groups.push(group);
      group = [];
    }
    group = [...group, requirement];
  }
  return [...groups, group];
}
