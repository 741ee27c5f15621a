import { decayFactor } from '../core/decay.js';
import { DAY_MS, halfLife } from '../core/time.js';
import type { Candidates } from './candidates.js';
import { priceFitOf } from './features/price.js';
import { newcomerChance } from './newcomerChance.js';
import { qualityOf } from './quality.js';
import type { Query } from './query.js';
import { intentFactor, type UnheardIntent } from './unheardIntent.js';

/** How often each product was served to this person lately; see `servedMemory.ts`. */
export interface ServedLately {
  readonly timesByProduct: ReadonlyMap<number, { readonly times: number; readonly lastAtMs: number }>;
}

/** Factors on a candidate's relevance, by name; 1 changes nothing. */
export interface Adjustments {
  /** Quality and reputation (R6): 0.9 for the worst rated, 1.1 for the best. */
  readonly quality: number;
  /** Price against this person's spending level in the category (R10): 0.9–1.1. */
  readonly priceFit: number;
  /** A paid bid, one bounded input (R11): 1–1.1. */
  readonly bid: number;
  /** The same content is not shown for long (R9): falls to 0.5, comes back within days. */
  readonly fatigue: number;
  /** By chance, of somebody new (R4): 0.9–1.2. */
  readonly chance: number;
  /** Live intent that the model was not fitted to (R2): 1 or more, see `intentFactor`. */
  readonly intent: number;
}

/** What adjusts a query's candidates beside the query itself. */
interface AdjustedBy {
  readonly served: ServedLately;
  /** Undefined when the scorer heard all that the person did. */
  readonly intent: UnheardIntent | undefined;
}

const FATIGUE_HALF_LIFE = halfLife(3 * DAY_MS);
/** Servings that tire nobody. */
const FREE_SERVINGS = 3;
const FATIGUE_PER_SERVING = 0.1;

function adjustmentsFor(
  query: Query,
  { ordinal, relevance, served, intent }: AdjustedBy & { ordinal: number; relevance: number },
): Adjustments {
  const { state, nowMs } = query;
  return {
    quality: 0.9 + 0.2 * qualityOf(state.productState(ordinal), nowMs),
    priceFit: 0.9 + 0.2 * priceFitOf(query, ordinal),
    bid: 1 + 0.1 * Math.max(0, Math.min(1, state.catalog.bidAt(ordinal))),
    fatigue: fatigueFactor(query, ordinal, served),
    chance: newcomerChance(query, ordinal),
    intent: intentFactor(intent, { ordinal, relevance }),
  };
}

function fatigueFactor(query: Query, ordinal: number, served: ServedLately): number {
  const seen = served.timesByProduct.get(ordinal);
  if (seen === undefined) return 1;
  const lastActMs = query.products.get(ordinal)?.history.lastAtMs ?? Number.NEGATIVE_INFINITY;
  if (lastActMs >= seen.lastAtMs) return 1;
  const tiring = seen.times * decayFactor(query.nowMs - seen.lastAtMs, FATIGUE_HALF_LIFE) - FREE_SERVINGS;
  return tiring <= 0 ? 1 : Math.max(0.5, Math.exp(-FATIGUE_PER_SERVING * tiring));
}

/** Relevance times every adjustment, and the adjustments, per candidate. */
export function adjust(
  query: Query,
  { candidates, relevance, served, intent }: AdjustedBy & { candidates: Candidates; relevance: Float32Array },
): { scores: Float64Array; adjustments: Adjustments[] } {
  const adjustments = candidates.ordinals.map((ordinal, i) =>
    adjustmentsFor(query, { ordinal, relevance: relevance[i] as number, served, intent }),
  );
  const scores = Float64Array.from(relevance, (value, i) => {
    const { quality, priceFit, bid, fatigue, chance, intent } = adjustments[i] as Adjustments;
    return value * quality * priceFit * bid * fatigue * chance * intent;
  });
  return { scores, adjustments };
}
