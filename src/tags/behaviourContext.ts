import type { Behaviour, BehaviourContext } from '../behaviour/behaviour.js';
import { utcDay } from '../behaviour/counting.js';
import type { BehaviourWeights } from '../behaviour/weights.js';
import type { CatalogIndex } from '../catalog/catalogIndex.js';
import { clarity } from '../catalog/clarity.js';
import { NONE } from '../catalog/ordinals.js';
import type { EpochMs } from '../core/time.js';
import type { Traits } from '../core/traits.js';
import { quantisePercentile } from '../projection/packedHistory.js';
import { traitsOf } from './people.js';
import type { UserState } from './userState.js';
import { longTermVector } from './userVectors.js';

/**
 * Looks up what a behaviour's projection will need of the other side, to be logged with it: the
 * product's revision, shop and price percentile, the user's traits and clarity.
 */
export function createContextOf(deps: {
  catalog: CatalogIndex;
  weights: BehaviourWeights;
  toldTraits: (userId: string) => Traits;
  userState: (userId: string) => UserState | undefined;
}): (behaviour: Behaviour) => BehaviourContext {
  const { catalog, weights } = deps;
  const clarities = new WeeklyClarity((user, nowMs) =>
    clarity(longTermVector(user, { nowMs, weights, idf: (tag) => catalog.idfOf(tag) })),
  );
  return function contextOf(behaviour) {
    // As of the behaviour, not of the call: history that is imported late says the same.
    const nowMs = behaviour.occurredAtMs;
    const user = deps.userState(behaviour.userId);
    const traits = traitsOf({ told: deps.toldTraits(behaviour.userId), state: user }, nowMs);
    const userClarity = behaviour.type === 'purchase' && user !== undefined ? clarities.of(user, nowMs) : 0;
    if (behaviour.productId === undefined) {
      return { productRevision: 0, shopId: behaviour.shopId, traits, userClarity };
    }
    const ordinal = catalog.products.of(behaviour.productId);
    if (ordinal === NONE) return { productRevision: 0, shopId: behaviour.shopId, traits, userClarity };
    const percentile =
      behaviour.priceMinor === undefined
        ? catalog.pricePercentileAt(ordinal)
        : catalog.percentileOfPrice(ordinal, behaviour.priceMinor, behaviour.currency);
    return {
      productRevision: catalog.revisionAt(ordinal),
      shopId: behaviour.shopId ?? catalog.shopIdOf(ordinal),
      ...(Number.isNaN(percentile) ? {} : { pricePercentile: quantisePercentile(percentile) }),
      traits,
      userClarity,
    };
  };
}

/** People whose clarity is remembered. */
const REMEMBERED = 100_000;

/** A person's clarity, worked out at most once a week of theirs: it moves slowly, and a basket asks fifty times. */
class WeeklyClarity {
  readonly #byUser = new Map<string, { readonly week: number; readonly clarity: number }>();
  readonly #workOut: (user: UserState, nowMs: EpochMs) => number;

  constructor(workOut: (user: UserState, nowMs: EpochMs) => number) {
    this.#workOut = workOut;
  }

  of(user: UserState, nowMs: EpochMs): number {
    const week = Math.floor(utcDay(nowMs) / 7);
    const known = this.#byUser.get(user.userId);
    if (known?.week === week) return known.clarity;
    const workedOut = this.#workOut(user, nowMs);
    if (this.#byUser.size >= REMEMBERED) this.#byUser.clear();
    this.#byUser.set(user.userId, { week, clarity: workedOut });
    return workedOut;
  }
}
