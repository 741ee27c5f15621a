import type { Query } from '../query.js';

/**
 * One number about a person and a candidate, declared once and computed by the same code online
 * and in training.
 */
export interface Feature {
  /** In the model's manifest; never reused for something else. */
  readonly name: string;
  /** What is known when what it needs is missing; `value` gives it too. */
  readonly default: number;
  /** What the value is computed from, for the model card. */
  readonly needs:
    | 'own history'
    | 'tags'
    | 'relations'
    | 'sequels'
    | 'visits'
    | 'popularity'
    | 'crowds'
    | 'price'
    | 'quality'
    | 'catalogue'
    | 'repeats';
  /** Pure; finite. */
  value(query: Query, ordinal: number): number;
}
