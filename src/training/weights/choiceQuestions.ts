import type { Behaviour } from '../../behaviour/behaviour.js';
import type { BehaviourWeights } from '../../behaviour/weights.js';
import { hashText, seededRandom } from '../../core/random.js';
import { HOUR_MS } from '../../core/time.js';
import type { TargetKind } from '../../evaluation/targets.js';
import { sample } from '../queryPoints.js';
import { PastCounts } from './pastCounts.js';

/**
 * One choice, and what led up to it: somebody came back to one of several products (or leaf categories, or
 * shops) that they had acted on. Both lists count by type, in the order of `CHOSEN_BY`, decayed by then.
 */
export interface ChoiceQuestion {
  /** What they had done with what they chose. */
  readonly chosen: Float64Array;
  /** What they had done with all that they could have come back to. */
  readonly all: Float64Array;
}

/** A person's choices. */
export interface PersonChoices {
  readonly userId: string;
  readonly questions: readonly ChoiceQuestion[];
}

/** What may be foretold, as `isTarget` means it. */
export const CHOICE_KINDS = ['next', 'purchase'] as const satisfies readonly TargetKind[];
export type ChoiceKind = (typeof CHOICE_KINDS)[number];

/** Where a product stands, for what it shares with others. */
export interface ProductPlace {
  readonly leafCategory?: string;
  readonly shopId?: string;
}

/** How choices are told and counted. */
export interface ChoiceRules {
  /** Which behaviours are choices. */
  readonly target: ChoiceKind;
  /** Of these the half-lives. */
  readonly weights: BehaviourWeights;
  readonly placeOf: (productId: string) => ProductPlace;
}

/** A pause this long begins a new visit. */
const VISIT_GAP_MS = HOUR_MS;
/** Moments at which a person is asked before visits, and as many within them: nobody speaks for everybody. */
const MOST_PER_PERSON = 30;

/**
 * The choices of one person. Each is asked about twice, right before it and before the visit in which it was
 * made; by products, leaf categories and shops. `own` in order of time.
 */
export function choicesOf(
  options: ChoiceRules & { userId: string; own: readonly Behaviour[]; seed: number },
): PersonChoices {
  const { userId, own } = options;
  const random = seededRandom(options.seed ^ hashText(userId));
  const questions = [0, VISIT_GAP_MS].flatMap((gapMs) =>
    sample(askedBefore(own, gapMs, options), MOST_PER_PERSON, random).flat(),
  );
  return { userId, questions };
}

/** The questions of each stretch of behaviours without a pause longer than `gapMs`, asked as it begins. */
function askedBefore(own: readonly Behaviour[], gapMs: number, rules: ChoiceRules): ChoiceQuestion[][] {
  const past = new PastCounts(rules);
  const asked: ChoiceQuestion[][] = [];
  for (let start = 0, end = 0; start < own.length; start = end) {
    for (end = start + 1; end < own.length && pauseBefore(own, end) <= gapMs; end++);
    const stretch = own.slice(start, end);
    const questions = past.ask(stretch, (own[start] as Behaviour).occurredAtMs);
    if (questions.length > 0) asked.push(questions);
    for (const behaviour of stretch) past.add(behaviour);
  }
  return asked;
}

function pauseBefore(own: readonly Behaviour[], at: number): number {
  return (own[at] as Behaviour).occurredAtMs - (own[at - 1] as Behaviour).occurredAtMs;
}
