import type { Adjustment } from './adjustment.js';
import { bid } from './bid.js';
import { chance } from './chance.js';
import { fatigue } from './fatigue.js';
import { intent } from './intent.js';
import { priceFit } from './priceFit.js';
import { quality } from './quality.js';

/** Every adjustment, in the order of a ledger's parts. */
export const ADJUSTMENTS: readonly Adjustment[] = [quality, priceFit, bid, fatigue, chance, intent];
