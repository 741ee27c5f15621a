import type { ArmReport, FairnessReport } from '../../fairness/fairnessReport.js';
import type { FairnessState } from '../../fairness/fairnessState.js';
import type { FairnessArm, FairnessLoop, GetFairnessResponse } from '../../gen/tagrank/v1/fairness.js';
import { toTimestamp } from './scalars.js';

export function fromFairnessReport(report: FairnessReport): GetFairnessResponse {
  return {
    loop: fromState(report.state, report.isEnabled),
    boosted: fromArm(report.boosted),
    heldOut: fromArm(report.heldOut),
    heldOutRatio: report.heldOutRatio,
    pageBudgetRatio: report.pageBudgetRatio,
    from: toTimestamp(report.fromMs),
    through: toTimestamp(report.throughMs),
  };
}

function fromState({ version, steering, ...state }: FairnessState, enabled: boolean): FairnessLoop {
  return {
    enabled,
    version: BigInt(version),
    steppedAt: version === 0 ? undefined : toTimestamp(steering.steppedAtMs),
    targetTailShareRatio: steering.targetShareRatio,
    tailShareRatio: steering.tailShareRatio,
    naturalTailShareRatio: steering.naturalShareRatio,
    boost: steering.boost,
    integral: steering.integral,
    pages: steering.pages,
    deliveredRatio: steering.deliveredRatio,
    headShopCount: state.headShopIds.length,
    pricedShopCount: Object.keys(state.prices).length,
    newShopCount: Object.keys(state.newShopLifts).length,
  };
}

function fromArm(arm: ArmReport): FairnessArm {
  return {
    pageCount: BigInt(arm.pages),
    boostedPageCount: BigInt(arm.boostedPages),
    tailShareOfImpressionsRatio: arm.tailShareOfImpressions,
    clickCount: BigInt(arm.clicks),
    tailShareOfClicksRatio: arm.tailShareOfClicks,
    orderCount: BigInt(arm.orders),
    tailShareOfOrdersRatio: arm.tailShareOfOrders,
    giniRatio: arm.gini,
    coverageRatio: arm.coverage,
    tailExposureToMeritRatio: arm.tailExposureToMerit,
    headExposureToMeritRatio: arm.headExposureToMerit,
    lostRelevanceRatio: arm.lostRatio,
    mostLostRelevanceRatio: arm.mostLostRatio,
  };
}
