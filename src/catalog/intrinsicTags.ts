import type { TagField } from '../core/vocabulary.js';

/**
 * A tag that a product carries by what it is (T1), before anybody acted on it.
 * Its name is `field:value`, e.g. `category:grocery/bread`, `brand:acme`, `fabric:cotton`,
 * `title:羽绒服`; its weight is the field's, before inverse document frequency.
 */
export interface IntrinsicTag {
  readonly tag: string;
  readonly field: TagField;
  /** In (0, 1]. */
  readonly weight: number;
}
