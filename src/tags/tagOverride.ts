import type { OverrideWord } from '../catalog/overrideWord.js';
import type { EpochMs } from '../core/time.js';
import type { TagSubject } from './tagReport.js';

/**
 * An operator's word on one tag of one subject. Weights are those of
 *
 * - a user: of the vector of long-term taste, whose length is 1: −1…1 without 0;
 * - a product or shop: before inverse document frequency, in (0, 1], as a field's weight is.
 */
export interface OverrideToKeep {
  readonly subject: TagSubject;
  /** `field:value`, in the one spelling of `normaliseTagText`. */
  readonly tag: string;
  readonly word: OverrideWord;
  /** Why. */
  readonly note?: string;
  /** Who said it, as they named themselves. */
  readonly setBy: string;
  readonly setAtMs: EpochMs;
}

/** A word that is in force. */
export interface TagOverride extends OverrideToKeep {
  /** Its place among all words ever said: of two, the later one has the higher. */
  readonly seq: number;
}

/** One entry of what was ever said; `word` is undefined where an override was deleted. */
export interface OverrideChange extends Omit<TagOverride, 'word'> {
  readonly word: OverrideWord | undefined;
  /** Whether nothing was said of this tag of this subject since. */
  readonly isCurrent: boolean;
}

/** Which override: of each subject and tag there is one at most. */
export type OverrideKey = Pick<TagOverride, 'subject' | 'tag'>;

/** The overrides of one subject, by tag. */
export type OverridesByTag = ReadonlyMap<string, TagOverride>;

/** The id of a subject, whatever it is. */
export function idOfSubject(subject: TagSubject): string {
  switch (subject.kind) {
    case 'user':
      return subject.userId;
    case 'product':
      return subject.productId;
    case 'shop':
      return subject.shopId;
  }
}

/** The subject of a kind and an id. */
export function subjectOf(kind: TagSubject['kind'], id: string): TagSubject {
  switch (kind) {
    case 'user':
      return { kind, userId: id };
    case 'product':
      return { kind, productId: id };
    case 'shop':
      return { kind, shopId: id };
  }
}
