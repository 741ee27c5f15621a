import type { TraitDimension } from './vocabulary.js';

/** What is known of a person's crowd, e.g. `{ age_band: '25-29', gender: 'female' }`. */
export type Traits = Readonly<Partial<Record<TraitDimension, string>>>;
