// Interleaved rounds: A B C, A B C, … so that a slow minute of the machine is everybody's slow minute.
import { NotHere } from "./child.mjs";

/**
 * Runs every entrant once a round. One that fails is measured no more; its reason stands where its figures would.
 * @param entrants `{name, run(): Promise<{settings, …}>}`
 * @returns for each `{name, results, failure?, absent?}` in the order given
 */
export async function interleave(lab, rounds, entrants) {
  const scores = entrants.map(({ name }) => ({ name, results: [] }));
  for (let round = 1; round <= rounds; round++) {
    for (const [index, entrant] of entrants.entries()) {
      const score = scores[index];
      if (score.failure !== undefined || score.absent !== undefined) continue;
      lab.say(`round ${round} of ${rounds}: ${entrant.name}`);
      await runOne(lab, entrant, score);
    }
  }
  return scores;
}

async function runOne(lab, entrant, score) {
  try {
    score.results.push(await entrant.run());
  } catch (error) {
    lab.signal.throwIfAborted();
    if (error instanceof NotHere) score.absent = error.message;
    else score.failure = error.message;
  }
}
