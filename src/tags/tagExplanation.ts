import type { EpochMs } from '../core/time.js';
import type { BehaviourType } from '../core/vocabulary.js';
import type { WatermarkOutcome } from './readYourWrites.js';
import type { TagOverride } from './tagOverride.js';
import type { TagOrigin, TagSubject, WeightedTag } from './tagReport.js';

export interface ExplainTagRequest {
  readonly subject: TagSubject;
  /** `field:value` as in `WeightedTag`; width, case and spacing do not matter. */
  readonly tag: string;
  /** At most this many parts, 1–200. */
  readonly limit: number;
  /** As `Track` gave it; empty for none. */
  readonly watermark?: string;
}

/** What a part of a tag is made of. */
export type PartSource =
  /** Something that the person did; `sum` is what it adds to the tag's decayed sum, before scaling. */
  | {
      readonly kind: 'behaviour';
      readonly type: BehaviourType;
      readonly userId: string;
      readonly eventId: string;
      readonly productId?: string;
      readonly shopId?: string;
      readonly query?: string;
      readonly occurredAtMs: EpochMs;
      readonly sum: number;
      readonly halfLifeMs: number;
    }
  /** A product of the shop, with the fading weight of its sales and its part of the assortment. */
  | {
      readonly kind: 'product';
      readonly productId: string;
      readonly sales: number;
      readonly assortmentRatio: number;
    }
  | Extract<TagOrigin, { kind: 'intrinsic' | 'audience' }>;

/** One thing that made a tag. */
export interface TagPart {
  /** Its part of `learnedWeight`. */
  readonly weight: number;
  /** Its part of `learnedShortTermWeight`; of a person alone. */
  readonly shortTermWeight: number;
  /** What goes of `weight` in the next seven days by its own fading; 0 where it does not fade alone. */
  readonly fadedInAWeek: number;
  readonly source: PartSource;
}

/** The tag as it will be if nothing happens until then. */
export interface TagForecast {
  readonly atMs: EpochMs;
  readonly weight: number;
  readonly shortTermWeight: number;
}

/** The answer to `ExplainTag`. */
export interface TagExplanation {
  /** As `GetTags` answers it; of weight 0 where it does not. */
  readonly tag: WeightedTag;
  readonly shortTermTag: WeightedTag;
  /** What an operator said of the tag, whether or not that makes the weight. */
  readonly override?: TagOverride | undefined;
  /** What behaviour and content make of it: the weight if nothing were overridden. All parts add up to it. */
  readonly learnedWeight: number;
  readonly learnedShortTermWeight: number;
  /** Those with the largest weight, at most `limit`. */
  readonly parts: readonly TagPart[];
  /** Of the parts that are not there. */
  readonly furtherCount: number;
  readonly furtherWeight: number;
  readonly furtherShortTermWeight: number;
  /** Of all parts those that lose most in the next seven days, at most three. */
  readonly fadingNext: readonly TagPart[];
  /** In a day, a week, 30 days and 90. */
  readonly forecast: readonly TagForecast[];
  readonly asOfMs: EpochMs;
  readonly watermark?: WatermarkOutcome;
}
