import { boughtShops } from './boughtShops.js';
import { crowd } from './crowd.js';
import { goesTogether } from './goesTogether.js';
import { likeVisits } from './likeVisits.js';
import { newArrivals } from './newArrivals.js';
import { ownHistory } from './ownHistory.js';
import { popular } from './popular.js';
import { relatedToRecent } from './relatedToRecent.js';
import type { Source } from './source.js';
import { tagMatch } from './tagMatch.js';

/** Recall, in the order in which proposals are taken. */
export const SOURCES: readonly Source[] = [
  ownHistory,
  relatedToRecent,
  likeVisits,
  goesTogether,
  boughtShops,
  tagMatch,
  crowd,
  popular,
  newArrivals,
];
