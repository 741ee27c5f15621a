import type { AdjustedPage } from './adjustments/adjustment.js';
import { bid } from './adjustments/bid.js';
import { ADJUSTMENTS } from './adjustments/index.js';

/** How the scores of a query's candidates add up, all in log-odds. */
export interface ScoreLedger {
  /** Per adjustment, in the order of `ADJUSTMENTS`: its part of every candidate's score; 0 changes nothing. */
  readonly parts: readonly Float64Array[];
  /** Per candidate: what the scorer gave plus all parts. */
  readonly scores: Float64Array;
}

/**
 * Adds every adjustment to what the scorer gave. In log-odds, since there a lift means the same to a
 * candidate that is nearly certain as to one that is not, and a score is a plain sum that can be told
 * part by part (`docs/decisions/0026-scores-are-sums-of-log-odds.md`).
 */
export function adjust(page: AdjustedPage): ScoreLedger {
  const scores = Float64Array.from(page.logOdds);
  const parts = ADJUSTMENTS.map((adjustment) => {
    const part = new Float64Array(scores.length);
    for (let place = 0; place < part.length; place++) {
      part[place] = Math.log(adjustment.oddsFactor(page, place));
      scores[place] = (scores[place] as number) + (part[place] as number);
    }
    return part;
  });
  return { parts, scores };
}

/** The factors on the odds of the candidate at `place`, by adjustment; 1 changes nothing. */
export function factorsAt({ parts }: ScoreLedger, place: number): Record<string, number> {
  return Object.fromEntries(
    ADJUSTMENTS.map(({ name }, index) => [name, Math.exp((parts[index] as Float64Array)[place] as number)]),
  );
}

const BID = ADJUSTMENTS.indexOf(bid);

/** What bids add to the scores, by place. */
export function bidPart({ parts }: ScoreLedger): Float64Array {
  return parts[BID] as Float64Array;
}

export function hasBids(ledger: ScoreLedger): boolean {
  return bidPart(ledger).some((part) => part !== 0);
}

/** The scores that candidates would have if nobody bid. */
export function withoutBids(ledger: ScoreLedger): Float64Array {
  const bids = bidPart(ledger);
  return ledger.scores.map((score, place) => score - (bids[place] as number));
}
