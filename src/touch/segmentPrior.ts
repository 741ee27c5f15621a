/** What is known of a person before they answered anything: the habits of people like them. */
export interface SegmentPrior {
  /** Opens over sends, in (0, 1). */
  readonly openRatio: number;
  /** How many sends the segment's open ratio is worth beside a person's own. */
  readonly openStrength: number;
  /** Soft negatives over sends, in (0, 1). */
  readonly softNegativeRatio: number;
  /** Unsubscribes over sends, in (0, 1). */
  readonly unsubscribeRatio: number;
}

/** Where nothing has been sent yet. Cautious choices of our own; a few thousand sends replace them. */
export const DEFAULT_PRIOR: SegmentPrior = {
  openRatio: 0.1,
  openStrength: 8,
  softNegativeRatio: 0.02,
  unsubscribeRatio: 0.001,
};

/** One person's counts, decayed or not. */
export interface AnswerCounts {
  readonly sends: number;
  readonly opens: number;
  readonly softNegatives: number;
  readonly unsubscribes: number;
}

/** Sends that the default is worth: a segment of few messages is not believed at its word. */
const DEFAULT_SENDS = 500;
/** At most so much that one message every few days can still outweigh it: at 1/5 a day 8 decayed sends remain. */
const STRENGTH_BOUNDS = { min: 4, max: 12 };

/**
 * Empirical Bayes: the segment's ratios are its totals, a little of the default mixed in, and the
 * weight of the open ratio comes from how much people differ, by moments of the beta-binomial
 * (Kleinman 1973): where all are alike a person's own few sends say little, where they differ much.
 */
export function fitSegmentPrior(people: Iterable<AnswerCounts>): SegmentPrior {
  let [sends, opens, softNegatives, unsubscribes] = [0, 0, 0, 0];
  const ratios: { sends: number; ratio: number }[] = [];
  for (const person of people) {
    if (!(person.sends > 0)) continue;
    sends += person.sends;
    opens += person.opens;
    softNegatives += person.softNegatives;
    unsubscribes += person.unsubscribes;
    ratios.push({ sends: person.sends, ratio: person.opens / person.sends });
  }
  const mixed = (count: number, ratio: number) => (count + DEFAULT_SENDS * ratio) / (sends + DEFAULT_SENDS);
  const openRatio = mixed(opens, DEFAULT_PRIOR.openRatio);
  return {
    openRatio,
    openStrength: strengthOf(ratios, { openRatio, sends }),
    softNegativeRatio: mixed(softNegatives, DEFAULT_PRIOR.softNegativeRatio),
    unsubscribeRatio: mixed(unsubscribes, DEFAULT_PRIOR.unsubscribeRatio),
  };
}

function strengthOf(
  people: readonly { sends: number; ratio: number }[],
  { openRatio, sends }: { openRatio: number; sends: number },
): number {
  if (people.length < 30) return DEFAULT_PRIOR.openStrength;
  const spread = people.reduce((sum, { sends: n, ratio }) => sum + n * (ratio - openRatio) ** 2, 0);
  const chance = openRatio * (1 - openRatio);
  const squares = people.reduce((sum, { sends: n }) => sum + n * n, 0);
  // Share of the variance that is between people, not chance: the intra-class correlation.
  const between = (spread - people.length * chance) / ((sends - squares / sends) * chance);
  if (!(between > 0)) return STRENGTH_BOUNDS.max;
  return Math.min(STRENGTH_BOUNDS.max, Math.max(STRENGTH_BOUNDS.min, 1 / between - 1));
}
