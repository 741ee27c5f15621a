import type { RankExperiment } from '../ranking/experiment.js';
import { FEATURES } from '../ranking/features/index.js';
import { SOURCES } from '../ranking/sources/index.js';

/** One part of ranking left out. */
export interface Ablation {
  /** Names what is missing, e.g. `without source crowd`. */
  readonly name: string;
  readonly experiment: RankExperiment;
}

/** Each source, then each group of features, by what they need, left out alone. */
export function ablations(): Ablation[] {
  const needs = [...new Set(FEATURES.map((feature) => feature.needs))];
  return [
    ...SOURCES.map(({ name }) => ({
      name: `without source ${name}`,
      experiment: { withoutSource: name },
    })),
    ...needs.map((need) => ({ name: `without features of ${need}`, experiment: { withoutNeed: need } })),
  ];
}
