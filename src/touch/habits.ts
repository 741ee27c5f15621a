import type { ByHour } from './hourProfile.js';
import { HOURS_OF_DAY } from './hourProfile.js';
import { DEFAULT_PRIOR, type SegmentPrior } from './segmentPrior.js';

/** How people like somebody treat messages: what is believed of them until they answer themselves. */
export interface Habits {
  /** Whom they are the habits of, such as `gender=female`; empty for everybody. */
  readonly segment: string;
  /** How many people they were seen in. */
  readonly people: number;
  readonly prior: SegmentPrior;
  /** Opens over sends by the local hour of sending; only ratios matter. */
  readonly openCurve: ByHour;
}

/** Where nobody has answered anything yet. */
export const DEFAULT_HABITS: Habits = {
  segment: '',
  people: 0,
  prior: DEFAULT_PRIOR,
  openCurve: new Array<number>(HOURS_OF_DAY).fill(1),
};
