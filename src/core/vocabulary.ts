/**
 * The glossary. One word, one meaning, everywhere: code, contract, README, logs.
 *
 * - **behaviour**: what a person did (purchase, add to cart, browse…).
 * - **candidate**: a product that may be returned. **query**: a rank request after hydration.
 *   Stages: **source** proposes, **hydrator** adds facts, **filter** drops, **scorer** values,
 *   **selector** picks.
 * - **served**: we returned it. **impression**: the client says it was shown.
 *   **exposure**: accumulated attention, position weighted. **touch**: a message we send.
 *   These four are never interchanged.
 * - **score**: a sum of log-odds: what the scorer gave, and the parts of **adjustments** (of one candidate alone)
 *   and **boosts** (of its shop, by fairness). **relevance**: what the scorer gave, as a chance in (0, 1).
 * - **weight**: a coefficient. **propensity**: logged probability under the serving policy.
 * - **halfLife** decays, **window** cuts off, **ttl** frees storage, **cap** is a limit in a
 *   window; its answer is a **decision**.
 * - **tag**: a named trait such as `category:grocery/bread`; **field**: the part of the product
 *   it came from (`category`, `brand`, `attribute`, `title`). **vector**: tags with weights.
 * - **audience**: the people who acted on a product or shop. **TGI**: 100 × share of a trait in
 *   an audience ÷ its share overall. **clarity**: one minus normalised entropy of a shop's tags.
 * - **override**: an operator's word on one tag of one subject (a user, product or shop): **lock** it
 *   at a weight, **add** it with at least a weight, **veto** it. It changes what is read of a tag,
 *   never what was **learned**.
 * - **truth**: the durable record (PostgreSQL or PGlite). **projection**: online state derived
 *   from it, always rebuildable.
 * - **permit**: a touch reservation: reserved → committed | released | expired.
 * - **crowd**: people who share age band, gender, region or spending level.
 * - **visit**: what one person did without a long pause. **sequel**: a product taken after another
 *   by the same person; its **lift** is how much more often than it is taken at all.
 */

/** What a person did, from strongest to weakest, then the negative ones (T4). */
export const BEHAVIOUR_TYPES = [
  'purchase',
  'add_to_cart',
  'favourite',
  'inquiry',
  'follow',
  'share',
  'search',
  'browse',
  'review',
  'remove_from_cart',
  'remove_favourite',
  'refund',
  'not_interested',
] as const;
export type BehaviourType = (typeof BEHAVIOUR_TYPES)[number];

export function isBehaviourType(value: string): value is BehaviourType {
  return (BEHAVIOUR_TYPES as readonly string[]).includes(value);
}

/** Ways a message reaches a person (C5). */
export const CHANNELS = [
  'service_account',
  'wecom_direct',
  'wecom_group',
  'moments',
  'sms',
  'phone',
  'push',
  'email',
] as const;
export type Channel = (typeof CHANNELS)[number];

export function isChannel(value: string): value is Channel {
  return (CHANNELS as readonly string[]).includes(value);
}

/** The part of a product that a tag came from (T1). */
export const TAG_FIELDS = ['category', 'brand', 'attribute', 'title'] as const;
export type TagField = (typeof TAG_FIELDS)[number];

/** What an operator may say of a tag. */
export const OVERRIDE_ACTIONS = ['lock', 'add', 'veto'] as const;
export type OverrideAction = (typeof OVERRIDE_ACTIONS)[number];

/** Traits of a person that they leave on what they act on (T3). */
export const TRAIT_DIMENSIONS = ['age_band', 'gender', 'region', 'spending_level'] as const;
export type TraitDimension = (typeof TRAIT_DIMENSIONS)[number];

/**
 * How much of the pipeline answered a rank request, best first:
 * `full` model and state; `no_model` hand-set scoring on full features; `tags_only` tag match
 * alone; `popular` nothing known of the person could be read.
 */
export const DEGRADATION_LEVELS = ['full', 'no_model', 'tags_only', 'popular'] as const;
export type DegradationLevel = (typeof DEGRADATION_LEVELS)[number];

/** Languages in which reasons are worded. */
export type Language = 'en' | 'zh';
