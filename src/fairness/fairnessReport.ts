import { gini } from '../core/gini.js';
import type { EpochMs } from '../core/time.js';
import type { Arm, PageTally, ShopTally } from './exposureTallies.js';
import type { FairnessState } from './fairnessState.js';
import type { ShopFacts } from './stepFairness.js';

/** What one arm was shown, and did; ratios as the contract's `FairnessArm` has them. */
export interface ArmReport {
  readonly pages: number;
  readonly boostedPages: number;
  readonly tailShareOfImpressions: number;
  readonly clicks: number;
  readonly tailShareOfClicks: number;
  readonly orders: number;
  readonly tailShareOfOrders: number;
  readonly gini: number;
  readonly coverage: number;
  readonly tailExposureToMerit: number;
  readonly headExposureToMerit: number;
  readonly lostRatio: number;
  readonly mostLostRatio: number;
}

/** Fairness of a while, with and without. */
export interface FairnessReport {
  readonly isEnabled: boolean;
  readonly state: FairnessState;
  readonly boosted: ArmReport;
  readonly heldOut: ArmReport;
  readonly heldOutRatio: number;
  readonly pageBudgetRatio: number;
  readonly fromMs: EpochMs;
  readonly throughMs: EpochMs;
}

/** One arm from its tallies; everybody outside the head is tail. */
export function armReport(
  arm: Arm,
  {
    shops,
    pages,
    head,
    facts,
  }: {
    shops: readonly ShopTally[];
    pages: readonly PageTally[];
    head: ReadonlySet<string>;
    facts: Pick<ShopFacts, 'shopCount' | 'meritOf' | 'totalMerit'>;
  },
): ArmReport {
  const page = pages.find((tally) => tally.arm === arm);
  const own = shops.filter(
    (tally): tally is ShopTally & { shopId: string } => tally.arm === arm && tally.shopId !== undefined,
  );
  const isTail = ({ shopId }: { shopId: string }) => !head.has(shopId);
  const sum = (of: (tally: ShopTally) => number, from: readonly ShopTally[] = own) =>
    from.reduce((total, tally) => total + of(tally), 0);
  const tail = own.filter(isTail);
  const tailShare = (of: (tally: ShopTally) => number) => ratio(sum(of, tail), sum(of));
  const shown = own.filter(({ exposure }) => exposure > 0);
  const unseen = new Array<number>(Math.max(0, facts.shopCount - shown.length)).fill(0);
  const headMerit = ratio(
    [...head].reduce((total, shopId) => total + facts.meritOf(shopId), 0),
    facts.totalMerit,
  );
  const tailExposure = tailShare(({ exposure }) => exposure);
  return {
    pages: page?.pages ?? 0,
    boostedPages: page?.boostedPages ?? 0,
    tailShareOfImpressions: tailExposure,
    clicks: sum(({ clicks }) => clicks),
    tailShareOfClicks: tailShare(({ clicks }) => clicks),
    orders: sum(({ orders }) => orders),
    tailShareOfOrders: tailShare(({ orders }) => orders),
    gini: gini([...shown.map(({ exposure }) => exposure), ...unseen]),
    coverage: Math.min(1, ratio(shown.length, facts.shopCount)),
    tailExposureToMerit: ratio(tailExposure, 1 - headMerit),
    headExposureToMerit: shown.length === 0 ? 0 : ratio(1 - tailExposure, headMerit),
    lostRatio: page?.meanLostRatio ?? 0,
    mostLostRatio: page?.mostLostRatio ?? 0,
  };
}

/** 0 where there is nothing to have a part of. */
function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
