import { FailedPreconditionError } from '../../core/errors.js';
import type { BehaviourType } from '../../core/vocabulary.js';
import { LEAST_TO_LEARN_FROM } from '../../inference/manifest.js';
import type { TypeFit } from './fitWeights.js';
import { CHOSEN_BY } from './pastCounts.js';
import { LEAST_PEOPLE } from './whyTold.js';

type Counts = ReadonlyMap<BehaviourType, number>;

/** Refuses a log in which no type can be set beside another. */
export function refuseOneType(counts: Counts): void {
  const there = CHOSEN_BY.filter((type) => (counts.get(type) ?? 0) > 0);
  if (there.length > 1) return;
  const held =
    there[0] === undefined ? 'none of the types that could be' : `only ${there[0]} of the types that can be`;
  throw refused(
    `the log holds ${held} compared (${CHOSEN_BY.join(', ')}), and weights say how much one counts beside another. ` +
      'Bring in a log with two of them',
  );
}

/** Refuses a log with too little of all types, or of all but one. */
export function refuseThin(found: {
  counts: Counts;
  people: number;
  enough: readonly BehaviourType[];
}): never {
  const there = CHOSEN_BY.flatMap((type) => {
    const count = found.counts.get(type) ?? 0;
    return count > 0 ? [`${count} ${type}`] : [];
  });
  throw refused(
    `two types are needed with ${LEAST_TO_LEARN_FROM} behaviours each, before choices of ${LEAST_PEOPLE} people, and ` +
      `${found.enough[0] === undefined ? 'no type has' : `only ${found.enough[0]} has`} that. The log holds ${there.join(', ')}, and ` +
      `${found.people} people who came back to one of several things. Bring in a longer log`,
  );
}

/** Refuses a log whose intervals are all too wide. */
export function refuseOpen(types: readonly TypeFit[]): never {
  const tried = types.flatMap(({ type, told, why }) =>
    told === undefined ? [] : [`${type} (${told.low.toPrecision(3)} to ${told.high.toPrecision(3)}): ${why}`],
  );
  throw refused(`the data leave every type open: ${tried.join('; ')}. Bring in a longer log`);
}

function refused(why: string): FailedPreconditionError {
  return new FailedPreconditionError(`no weights can be fitted: ${why}, or go on with the weights in force`);
}
