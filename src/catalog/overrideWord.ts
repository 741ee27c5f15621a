/**
 * What an operator says of one tag, whatever behaviour and content say of it: exactly this weight,
 * at least this weight, or never there.
 */
export type OverrideWord =
  | { readonly action: 'lock' | 'add'; readonly weight: number }
  | { readonly action: 'veto' };

/** Words by tag; of each tag there is one at most. */
export type WordsByTag = ReadonlyMap<string, { readonly word: OverrideWord }>;
