import type { Adjustment } from './adjustment.js';
import { intentChance } from './unheardIntent.js';

/** Beneath this, odds are none, and a factor on them would mean nothing. */
const LEAST_ODDS = 1e-6;

/**
 * Live intent that the model was not fitted to (R2). It is taken for a second and independent cause of a
 * choice, so that the two join as `1 − (1 − relevance)·(1 − chance)`: what the model values already
 * gains little. 1 or more.
 */
export const intent: Adjustment = {
  name: 'intent',
  oddsFactor({ intent: unheard, candidates, logOdds }, place) {
    if (unheard === undefined) return 1;
    const chance = intentChance(unheard, candidates.ordinals[place] as number);
    const odds = Math.max(LEAST_ODDS, Math.exp(logOdds[place] as number));
    // The same join, said of odds: (odds + chance) ÷ (1 − chance), over odds.
    return (1 + chance / odds) / (1 - chance);
  },
};
