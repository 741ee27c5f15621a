import { positionWeight } from '../fairness/positionWeight.js';
import { responseRates } from './expectedResponse.js';
import type { Query } from './query.js';

/**
 * What a slot was used for, and what that costs (R11). Expected clicks are the relevance (a chance by the
 * model, not calibrated to clicks) times how much attention the slot gets; likes, negative feedback and purchases are
 * clicks times the product's own rates; value is purchases times price. Losses are those of the product that
 * relevance alone would have put here, less those of the one that stands here: above 0 given up, below 0 won. Over a
 * page they add up to what the page gives up.
 */
export interface SlotFacts {
  /** `relevance`, or the name of the boost without which it would stand lower, or not at all. */
  readonly chosenFor: 'relevance' | 'bid' | 'fairness' | 'shopPrice';
  /** Absent where relevance alone would have put the same product here. */
  readonly displacedProductId?: string;
  readonly clickLoss: number;
  readonly likeLoss: number;
  /** Above 0: more of it than without. */
  readonly negativeFeedbackGain: number;
  readonly purchaseLoss: number;
  /** In the smallest unit of the currency; absent without two prices in one currency. */
  readonly valueLossMinor?: number;
}

/** A slot as facts are told of it. */
export interface FactualSlot {
  /** Catalogue ordinal. */
  readonly ordinal: number;
  /** In (0, 1). */
  readonly relevance: number;
}

const UNCHANGED: SlotFacts = {
  chosenFor: 'relevance',
  clickLoss: 0,
  likeLoss: 0,
  negativeFeedbackGain: 0,
  purchaseLoss: 0,
  valueLossMinor: 0,
};

/**
 * The facts of each slot of a page, against the page that relevance alone would have made: by the same rules,
 * without bids and boosts. `boostOf` names the largest boost of a shown product, if it has one above nothing.
 */
export function slotFacts(
  query: Query,
  {
    shown,
    relevant,
    boostOf,
  }: {
    shown: readonly FactualSlot[];
    /** As long as `shown`. */
    relevant: readonly FactualSlot[];
    boostOf: (index: number) => 'bid' | 'fairness' | undefined;
  },
): SlotFacts[] {
  const relevantAt = new Map(relevant.map(({ ordinal }, index) => [ordinal, index]));
  return shown.map((slot, index) => {
    const displaced = relevant[index];
    if (displaced === undefined || displaced.ordinal === slot.ordinal) return UNCHANGED;
    const before = expected(query, displaced, index);
    const now = expected(query, slot, index);
    const rose = index < (relevantAt.get(slot.ordinal) ?? Number.POSITIVE_INFINITY);
    return {
      // What rose without a boost of its own took the place of what was put back.
      chosenFor: rose ? (boostOf(index) ?? 'shopPrice') : 'relevance',
      displacedProductId: query.state.catalog.products.idOf(displaced.ordinal),
      clickLoss: before.click - now.click,
      likeLoss: before.like - now.like,
      negativeFeedbackGain: now.negativeFeedback - before.negativeFeedback,
      purchaseLoss: before.purchase - now.purchase,
      ...valueLoss(before, now),
    };
  });
}

interface Expected {
  readonly click: number;
  readonly like: number;
  readonly negativeFeedback: number;
  readonly purchase: number;
  readonly valueMinor: number;
  readonly currency: string | undefined;
}

function expected({ state, nowMs }: Query, { ordinal, relevance }: FactualSlot, index: number): Expected {
  const click = relevance * positionWeight(index + 1);
  const rates = responseRates(state.productState(ordinal), nowMs);
  const purchase = click * rates.purchase;
  return {
    click,
    like: click * rates.like,
    negativeFeedback: click * rates.negativeFeedback,
    purchase,
    valueMinor: purchase * state.catalog.priceMinorAt(ordinal),
    currency: state.catalog.currencyAt(ordinal),
  };
}

function valueLoss(before: Expected, now: Expected): Pick<SlotFacts, 'valueLossMinor'> {
  const valueLossMinor = before.valueMinor - now.valueMinor;
  return before.currency === now.currency && Number.isFinite(valueLossMinor) ? { valueLossMinor } : {};
}
