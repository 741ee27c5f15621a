import type { Traits } from '../core/traits.js';
import { foldHours } from './hourProfile.js';
import { type LearnedPerson, learnedPerson } from './learnedPerson.js';
import type { LearningTimes } from './learningTimes.js';
import { coldTolerance, stepTolerance } from './tolerance.js';
import { learnedFrom } from './toleranceSignals.js';
import type { TouchLedgerEntry } from './touchLedger.js';

/** What the truth says of a person besides what happened to them. */
export interface PersonFacts {
  /** IANA name. */
  readonly timezone: string;
  readonly traits: Traits;
}

/**
 * What a person's entries of the ledger teach about their patience and hours, whatever their order and
 * however often each is repeated; undefined where they teach nothing.
 */
export function foldPerson(
  entries: Iterable<TouchLedgerEntry>,
  { timezone, traits, times }: PersonFacts & { times: LearningTimes },
): LearnedPerson | undefined {
  const { touches, signals } = learnedFrom(entries, ({ campaignType, atMs }) =>
    times.isLearned(campaignType, atMs),
  );
  const [first] = signals;
  const begin = first && times.contextAt(first.atMs, traits);
  if (begin === undefined) return undefined;
  const tolerance = signals.reduce(
    (state, signal) => stepTolerance(state, signal, times.contextAt(signal.atMs, traits) ?? begin),
    coldTolerance(begin),
  );
  return learnedPerson(tolerance, foldHours(touches, timezone));
}
