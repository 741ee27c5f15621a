import { isDeepStrictEqual } from 'node:util';
import { type Counts, NOTHING, sumOf } from './counts.js';
import type { History } from './histories.js';
import { agree } from './plainDecision.js';
import type { TouchBackEnd } from './touchBackEnds.js';
import { Trial } from './trial.js';

/** Lives through a history on each back end, and has them give the same answers. */
export async function liveOnAll(history: History, backEnds: readonly TouchBackEnd[]): Promise<Counts> {
  let counts = NOTHING;
  let expected: readonly unknown[] | undefined;
  for (const backEnd of backEnds) {
    const trial = new Trial(history, backEnd);
    await trial.live();
    counts = sumOf(counts, trial.counts);
    expected ??= trial.answers;
    // In what order calls of one moment are served is up to the back end.
    if (!history.spared.includes('atOnce') || !history.spared.includes('drop')) continue;
    for (const [i, answer] of trial.answers.entries()) {
      const told = () => `${backEnd.name}: ${JSON.stringify(answer)}, not ${JSON.stringify(expected?.[i])}`;
      agree(isDeepStrictEqual(answer, expected[i]), told);
    }
  }
  return counts;
}
