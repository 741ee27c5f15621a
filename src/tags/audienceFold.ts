import type { LoggedBehaviour } from '../behaviour/behaviour.js';
import { type CountedPurchase, purchasesFrom, utcDay } from '../behaviour/counting.js';
import type { BehaviourWeights } from '../behaviour/weights.js';
import type { Traits } from '../core/traits.js';
import { type BuyerStanding, standingsBefore, weekOf } from './buyerStanding.js';
import type { FactsAtLogging, UserChange, UserState } from './userState.js';

/** What changes of what a behaviour left on a product and shop, as of its own time. */
export interface AudienceDelta {
  readonly of: LoggedBehaviour;
  /** Change of the behaviour's weight. */
  readonly weight: number;
  /** Change of its weight for audiences and a shop's sales: loyal, clear buyers count more (T5). */
  readonly audienceWeight: number;
  /** Whose crowd it counts for: what was told of the person, and of a buyer how they spend (T3). */
  readonly traits: Traits;
}

/** What a purchase leaves. */
interface Share extends Omit<AudienceDelta, 'of'> {
  readonly spendingLevel: string | undefined;
}

/** Half as much again from a returning buyer whose own tags are perfectly clear (T5). */
const CLEAR_BUYER_BONUS = 0.5;

/**
 * What people leave on the products and shops that they act on, as a function of the set of behaviours and not
 * of their order: how clear a buyer is and how they spend is read off what they bought before the week
 * of the purchase. A purchase that arrives late takes back what the later ones left, and leaves it anew.
 */
export class AudienceFold {
  readonly #weights: BehaviourWeights;
  readonly #facts: FactsAtLogging;
  /**
   * Of people in memory, how they stood before the latest week of those asked for. An earlier purchase that
   * arrives asks for that week again and for its own, two weeks, which are worked out anew.
   */
  readonly #latest = new WeakMap<UserState, { readonly week: number; readonly standing: BuyerStanding }>();

  constructor(deps: { weights: BehaviourWeights; facts: FactsAtLogging }) {
    this.#weights = deps.weights;
    this.#facts = deps.facts;
  }

  /** Calls `apply`, which folds `logged` into the person, and says what that changes around them. */
  around<Change extends UserChange>(
    user: UserState,
    logged: LoggedBehaviour,
    apply: () => Change,
  ): { readonly change: Change; readonly deltas: readonly AudienceDelta[] } {
    const { behaviour, context } = logged;
    if (behaviour.type !== 'purchase' || context.shopId === undefined) {
      const change = apply();
      const { deltas } = change;
      return {
        change,
        deltas: deltas.map(({ of, weight }) => ({
          of,
          weight,
          audienceWeight: weight,
          traits: of.context.traits,
        })),
      };
    }
    const fromDay = utcDay(behaviour.occurredAtMs);
    const before = this.#sharesFrom(user, fromDay);
    const change = apply();
    const deltas: AudienceDelta[] = [];
    for (const [of, after] of this.#sharesFrom(user, fromDay))
      addDifference(deltas, of, before.get(of), after);
    return { change, deltas };
  }

  /** What the purchases from that day on leave. */
  #sharesFrom(user: UserState, fromDay: number): Map<LoggedBehaviour, Share> {
    const purchases = purchasesFrom(user.counting, fromDay, this.#weights);
    const standings = this.#standings(user, purchases);
    return new Map(purchases.map((purchase) => [purchase.of, shareOf(purchase, standings)]));
  }

  #standings(user: UserState, purchases: readonly CountedPurchase[]): Map<number, BuyerStanding> {
    const weeks = [...new Set(purchases.map(({ of }) => weekOf(of.behaviour.occurredAtMs)))];
    const last = weeks.at(-1);
    if (last === undefined) return new Map();
    const latest = this.#latest.get(user);
    if (weeks.length === 1 && latest?.week === last) return new Map([[last, latest.standing]]);
    const all = purchasesFrom(user.counting, Number.NEGATIVE_INFINITY, this.#weights);
    const standings = standingsBefore(weeks, { purchases: all, weights: this.#weights, facts: this.#facts });
    this.#latest.set(user, { week: last, standing: standings.at(-1) as BuyerStanding });
    return new Map(weeks.map((week, i) => [week, standings[i] as BuyerStanding]));
  }
}

function shareOf(
  { of, weight, orderDay }: CountedPurchase,
  standings: ReadonlyMap<number, BuyerStanding>,
): Share {
  const { clarity, spendingLevel } = standings.get(weekOf(of.behaviour.occurredAtMs)) as BuyerStanding;
  const loyalty = orderDay > 1 ? 1 + CLEAR_BUYER_BONUS * clarity : 1;
  const { traits } = of.context;
  return {
    weight,
    audienceWeight: weight * loyalty,
    spendingLevel,
    traits: spendingLevel === undefined ? traits : { ...traits, spending_level: spendingLevel },
  };
}

function addDifference(
  deltas: AudienceDelta[],
  of: LoggedBehaviour,
  before: Share | undefined,
  after: Share,
): void {
  if (before === undefined || before.spendingLevel !== after.spendingLevel) {
    if (before !== undefined) {
      const { weight, audienceWeight, traits } = before;
      deltas.push({ of, weight: -weight, audienceWeight: -audienceWeight, traits });
    }
    deltas.push({ of, weight: after.weight, audienceWeight: after.audienceWeight, traits: after.traits });
    return;
  }
  const weight = after.weight - before.weight;
  const audienceWeight = after.audienceWeight - before.audienceWeight;
  if (weight !== 0 || audienceWeight !== 0) deltas.push({ of, weight, audienceWeight, traits: after.traits });
}
