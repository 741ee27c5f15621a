import type { EpochMs } from '../core/time.js';
import type { DegradationLevel, Language } from '../core/vocabulary.js';
import type { WatermarkOutcome } from '../tags/readYourWrites.js';
import type { SlotFacts } from './slotFacts.js';

/** What a storefront asks. Checked by `validateRankRequest`. */
export interface RankRequest {
  /** An unknown user is a new user. */
  readonly userId: string;
  /** Where the list will stand, e.g. `home`, `product_page`; empty is `home`. Logged, not interpreted yet. */
  readonly scene: string;
  /** Recall chooses the candidates when empty; otherwise exactly these are ranked. */
  readonly candidateIds: readonly string[];
  /** How many items to return at most, 1–500. */
  readonly pageSize: number;
  readonly language: Language;
  /** Products never to return, e.g. what is already on the page. */
  readonly excludeProductIds: readonly string[];
  /** Only products of these shops, when not empty. */
  readonly shopIds: readonly string[];
  /** Only products below this category prefix (levels joined by `/`), when not empty. */
  readonly categoryPrefix: string;
  /** Smallest and largest price, in the smallest unit of the products' own currency. */
  readonly minPriceMinor?: number;
  readonly maxPriceMinor?: number;
  /** The product looked at right now, when the list stands on its page. */
  readonly contextProductId?: string;
  /** As `Track` gave it; empty for none. */
  readonly watermark?: string;
}

/** Why an item is in the list; the words come from the largest true parts, never invented. */
export interface Reason {
  /** Stable code, e.g. `bought_shop`, `related_to_recent`, `tag_match`, `crowd`, `popular`, `repurchase_due`. */
  readonly code: ReasonCode;
  /** In the request's language. */
  readonly text: string;
  /** How much this part speaks for the item against the others given, in (0, 1]. */
  readonly strength: number;
}

export const REASON_CODES = [
  'bought_shop',
  'repurchase_due',
  'viewed_before',
  'in_cart',
  'related_to_recent',
  'goes_together',
  'tag_match',
  'crowd',
  'price_fit',
  'well_rated',
  'new_arrival',
  'popular',
  'to_discover',
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** One slot of the answer. */
export interface RankedItem {
  readonly productId: string;
  readonly shopId?: string;
  /** The final score: higher is better; comparable only within one answer. */
  readonly score: number;
  /** What the model (or its stand-in when degraded) gave before adjustments. */
  readonly relevance: number;
  /** From 1. */
  readonly position: number;
  readonly reasons: readonly Reason[];
  /** The sources that proposed it, e.g. `bought_shops`, `tag_match`; `caller` for given candidates. */
  readonly sources: readonly string[];
  /** Adjustments by name, each the factor it multiplied the relevance with (1 = none). */
  readonly adjustments: Readonly<Record<string, number>>;
  /** What the slot was used for, and what that costs (R11). */
  readonly slotFacts: SlotFacts;
}

/** The answer to a `RankRequest`. */
export interface RankAnswer {
  /** Names this answer; behaviours that follow it carry it. */
  readonly rankId: string;
  readonly items: readonly RankedItem[];
  readonly degradationLevel: DegradationLevel;
  /** Why the level is not `full`; empty when it is. */
  readonly degradationReason: string;
  /** Version of the model that scored, empty when none did. */
  readonly modelVersion: string;
  /** Candidates before filters, and how many each filter dropped. */
  readonly candidateCount: number;
  readonly dropped: Readonly<Record<string, number>>;
  /** Given candidate ids that the catalogue does not know (they are not ranked). */
  readonly unknownCandidateCount: number;
  readonly answeredAtMs: EpochMs;
  /** What became of the request's watermark; absent when it had none. */
  readonly watermark?: WatermarkOutcome;
}
