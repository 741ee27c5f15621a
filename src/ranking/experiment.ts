import type { SourceName } from './candidates.js';
import type { Feature } from './features/feature.js';

/**
 * Ranking with a part of it missing, to measure what the part brings. Lists of an experiment are shown to
 * nobody: they leave no trace in what was served lately.
 */
export interface RankExperiment {
  /** A source that is not asked. */
  readonly withoutSource?: SourceName;
  /** Features that have their defaults, as if what they need were missing for everybody. */
  readonly withoutNeed?: Feature['needs'];
}
