// How well an agent fits, as a number. The formula is the mission's, to the letter.

/** Agents at or above this share of their capacity take nothing more. */
export const LOAD_LIMIT = 0.8;

/**
 * 0.5 · Σ proficiency of the matching skills + 0.3 · success rate + 0.2 · (1 − load). The sum has no bound: an agent that
 * matches many skills beats one with a better record. @returns 0.. ; load and rate are 0..1.
 */
export const matchScore = (proficiencySum: number, successRate: number, loadFactor: number): number =>
  0.5 * proficiencySum + 0.3 * successRate + 0.2 * (1 - loadFactor);

/** For the role a part of a team prefers: as much as an idle agent has over a half busy one. */
export const ROLE_BONUS = 0.1;

/** Attempts an agent may carry out before its load reaches the limit: of 5 places 4 are given out, of 1 the one. */
export const usablePlaces = (max: number): number => Math.max(1, Math.ceil(LOAD_LIMIT * max));

/** 1 before the first attempt ended: an unknown agent is given its chance. */
export function successRate(agent: { completed: number; failed: number }): number {
  const ended = agent.completed + agent.failed;
  return ended === 0 ? 1 : agent.completed / ended;
}
