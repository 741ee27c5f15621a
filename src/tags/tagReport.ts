import type { EpochMs } from '../core/time.js';
import type { BehaviourType, Language } from '../core/vocabulary.js';
import type { WatermarkOutcome } from './readYourWrites.js';
import type { TagOverride } from './tagOverride.js';

export type TagSubject =
  | { readonly kind: 'user'; readonly userId: string }
  | { readonly kind: 'product'; readonly productId: string }
  | { readonly kind: 'shop'; readonly shopId: string };

/** Where (part of) a tag's weight came from. */
export type TagOrigin =
  /** What the product is: the field it was read from. */
  | { readonly kind: 'intrinsic'; readonly field: string; readonly weight: number }
  /** Behaviours of one type; `weight` is their decayed sum, `count` how many. */
  | {
      readonly kind: 'behaviour';
      readonly type: BehaviourType;
      readonly weight: number;
      readonly count: number;
      readonly lastAtMs: EpochMs;
    }
  /** The people who acted (T3): share among them, share overall, and their ratio as TGI. */
  | {
      readonly kind: 'audience';
      readonly shareRatio: number;
      readonly overallShareRatio: number;
      readonly tgi: number;
      readonly weight: number;
    }
  /** A shop's products that carry the tag (T2). */
  | { readonly kind: 'products'; readonly weight: number; readonly count: number };

/** One tag of a subject. */
export interface WeightedTag {
  /** `field:value`, see `IntrinsicTag`; audience tags are `audience:age_band=25-29`. */
  readonly tag: string;
  /** Vectors have Euclidean length 1 over all tags of the subject; a weight may be negative (dislike). */
  readonly weight: number;
  /** What behaviour and content say, also where an override has it otherwise. */
  readonly origins: readonly TagOrigin[];
  /** What made the weight, where that was an operator; of long-term taste alone. */
  readonly override?: TagOverride | undefined;
}

/** The answer to `GetTags`. */
export interface TagReport {
  /** Heaviest first. For a user: long-term taste. */
  readonly tags: readonly WeightedTag[];
  /**
   * Short-term intent; users only, empty otherwise (T6). This vector's length is how much intent
   * there is, 0–1: it fades within days.
   */
  readonly shortTermTags: readonly WeightedTag[];
  /** What an operator will not have there, by tag; it is in neither vector. */
  readonly vetoed: readonly TagOverride[];
  /** Shops and users: 0 blurred – 1 clear (T2). */
  readonly clarity?: number;
  readonly asOfMs: EpochMs;
  readonly watermark?: WatermarkOutcome;
}

export interface GetTagsRequest {
  readonly subject: TagSubject;
  /** At most this many tags of each vector, 1–200. */
  readonly limit: number;
  /** As `Track` gave it; empty for none. */
  readonly watermark?: string;
}

/** One tag that speaks for (or against) a match. */
export interface MatchPart {
  readonly tag: string;
  readonly userWeight: number;
  readonly shopWeight: number;
  /** Their product: the parts' sum is the cosine. */
  readonly contribution: number;
}

/** The answer to `GetMatch` (R5): how well a shop's tags match a person. */
export interface MatchReport {
  /** 0 (no match) – 1: cosine of the vectors, affinity and traits combined. */
  readonly degree: number;
  /** Cosine of user and shop vectors, −1…1. */
  readonly tagCosine: number;
  /** 0–1: from the user's own behaviour at this shop. */
  readonly affinity: number;
  /** 0–1: how typical the user's traits are of the shop's audience; 0.5 when nothing is known. */
  readonly audienceFit: number;
  readonly parts: readonly MatchPart[];
  /** In words, strongest first. */
  readonly reasons: readonly string[];
  readonly watermark?: WatermarkOutcome;
}

export interface GetMatchRequest {
  readonly userId: string;
  readonly shopId: string;
  readonly language: Language;
  /** As `Track` gave it; empty for none. */
  readonly watermark?: string;
}
