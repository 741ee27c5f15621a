import type { CountedPurchase } from '../behaviour/counting.js';
import { utcDay } from '../behaviour/counting.js';
import type { BehaviourWeights } from '../behaviour/weights.js';
import { clarity } from '../catalog/clarity.js';
import { addDecayed, type DecayedSum, emptySum, readDecayed } from '../core/decay.js';
import { DAY_MS, type EpochMs } from '../core/time.js';
import { addChoice, emptySpending, spendingTrait } from './spending.js';
import type { FactsAtLogging } from './userState.js';

const WEEK_MS = 7 * DAY_MS;

/** What a person's purchases before a week say of them as a buyer. */
export interface BuyerStanding {
  /** How clear the tags of what they bought are, 0 (blurred, or nothing bought) to 1 (T5). */
  readonly clarity: number;
  /** The crowd that their spending puts them in (T3); undefined until it is plain. */
  readonly spendingLevel: string | undefined;
}

/** Weeks of seven UTC days, counted from 1970-01-01. */
export function weekOf(atMs: EpochMs): number {
  return Math.floor(utcDay(atMs) / 7);
}

/**
 * How a person stood at the start of each of `weeks` (rising), by what they had bought before it. A
 * week, since it moves slowly and a basket asks fifty times. The vector is that of long-term taste (T6) but
 * for the inverse document frequency, which changes with the catalogue.
 *
 * A function of the set of `purchases`, which come in the order of `purchasesFrom`.
 */
export function standingsBefore(
  weeks: readonly number[],
  {
    purchases,
    weights,
    facts,
  }: { purchases: readonly CountedPurchase[]; weights: BehaviourWeights; facts: FactsAtLogging },
): BuyerStanding[] {
  const { halfLifeMs } = weights.purchase;
  const tags = new Map<string, DecayedSum>();
  const spending = emptySpending();
  let next = 0;
  return weeks.map((week) => {
    for (; next < purchases.length; next++) {
      const { of, weight } = purchases[next] as CountedPurchase;
      if (weekOf(of.behaviour.occurredAtMs) >= week) break;
      const { productId, occurredAtMs: atMs } = of.behaviour;
      const { productRevision, pricePercentile: percentile } = of.context;
      if (productId === undefined) continue;
      for (const tag of facts.productFacts(productId, productRevision).tags) {
        let sum = tags.get(tag.tag);
        if (sum === undefined) {
          sum = emptySum();
          tags.set(tag.tag, sum);
        }
        addDecayed(sum, weight * tag.weight, atMs, halfLifeMs);
      }
      if (percentile !== undefined) addChoice(spending, { category: undefined, percentile, weight, atMs });
    }
    const startMs = week * WEEK_MS;
    const shares = [...tags].map(
      ([tag, sum]) => [tag, Math.log1p(readDecayed(sum, startMs, halfLifeMs))] as const,
    );
    return { clarity: clarity(shares), spendingLevel: spendingTrait(spending, startMs) };
  });
}
