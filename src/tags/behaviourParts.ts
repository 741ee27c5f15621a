import type { LoggedBehaviour } from '../behaviour/behaviour.js';
import { type BehaviourWeights, SHORT_TERM_HALF_LIFE } from '../behaviour/weights.js';
import { decayFactor } from '../core/decay.js';
import { DAY_MS, type EpochMs } from '../core/time.js';
import type { TagPart } from './tagExplanation.js';
import { applyToUser, emptyUserState, type FactsAtLogging, tagsOf, type UserState } from './userState.js';

/** A person's state, and what each behaviour that counts weighs in it as of its own time. */
export interface FoldedBehaviours {
  readonly state: UserState;
  readonly weightOf: ReadonlyMap<LoggedBehaviour, number>;
}

/** Folds behaviours as the online state does, and keeps whose weight is whose. */
export function foldWithWeights(
  userId: string,
  behaviours: readonly LoggedBehaviour[],
  rules: { weights: BehaviourWeights; facts: FactsAtLogging },
): FoldedBehaviours {
  const state = emptyUserState(userId);
  const weightOf = new Map<LoggedBehaviour, number>();
  for (const logged of behaviours) {
    for (const { of, weight } of applyToUser(state, logged, rules).deltas) {
      weightOf.set(of, (weightOf.get(of) ?? 0) + weight);
    }
  }
  return { state, weightOf };
}

/** Below this a weight was taken back, and what is left of it is rounding. */
const DUST = 1e-9;
const WEEK_MS = 7 * DAY_MS;

/**
 * What each behaviour has in a tag. A tag's weight is damped and scaled after adding up, so of the weight
 * each has the part that it has of the sum.
 */
export function behaviourParts(
  { weightOf }: FoldedBehaviours,
  {
    tag,
    nowMs,
    learned,
    weights,
    facts,
  }: {
    tag: string;
    nowMs: EpochMs;
    /** The tag's weight in either vector by behaviour alone. */
    learned: { readonly weight: number; readonly shortTermWeight: number };
    weights: BehaviourWeights;
    facts: FactsAtLogging;
  },
): TagPart[] {
  const found = [...weightOf].flatMap(([of, weight]) => {
    const inTag = tagsOf(of, facts).find((own) => own.tag === tag);
    if (inTag === undefined || Math.abs(weight) < DUST) return [];
    const ageMs = nowMs - of.behaviour.occurredAtMs;
    const left = weight * inTag.weight;
    const { halfLifeMs } = weights[of.behaviour.type];
    return {
      of,
      halfLifeMs,
      sum: left * decayFactor(ageMs, halfLifeMs),
      intent: left * decayFactor(ageMs, SHORT_TERM_HALF_LIFE),
    };
  });
  const total = found.reduce((sum, part) => sum + part.sum, 0);
  const intent = found.reduce((sum, part) => sum + part.intent, 0);
  return found.map(({ of, halfLifeMs, sum, intent: own }): TagPart => {
    const { type, userId, eventId, productId, query, occurredAtMs } = of.behaviour;
    const { shopId } = of.context;
    const weight = partOf(sum, total) * learned.weight;
    return {
      weight,
      shortTermWeight: partOf(own, intent) * learned.shortTermWeight,
      fadedInAWeek: weight * (1 - decayFactor(WEEK_MS, halfLifeMs)),
      source: {
        kind: 'behaviour',
        type,
        userId,
        eventId,
        ...(productId !== undefined && { productId }),
        ...(shopId !== undefined && { shopId }),
        ...(productId === undefined && query !== undefined && { query }),
        occurredAtMs,
        sum,
        halfLifeMs,
      },
    };
  });
}

/** Of a sum in which all was taken back nothing has a part. */
function partOf(own: number, total: number): number {
  return Math.abs(total) < DUST ? 0 : own / total;
}
