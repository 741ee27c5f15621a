import { seededRandom } from '../../src/core/random.js';
import type { EpochMs } from '../../src/core/time.js';
import { quantile } from '../../src/evaluation/quantile.js';
import { fitSegmentPrior } from '../../src/touch/segmentPrior.js';
import { DEFAULT_UNSUBSCRIBE_COST, foldTolerance, readTolerance } from '../../src/touch/tolerance.js';
import { type CampaignTouch, signalsOf } from './campaignTouches.js';
import { groupBy } from './groupBy.js';

/** A later campaign, what came of it, and what was foretold from the earlier ones. */
interface Foretold extends CampaignTouch {
  readonly openRatio: number;
  readonly budgetPerDay: number;
  readonly rawRatio: number;
  readonly constant: number;
  readonly learned: number;
}

/** Chance that of two households of one campaign the one that redeemed had the higher score; 0.5 is none. */
export interface OrderScore {
  readonly auc: number;
  /** 95 %, bootstrap over households. */
  readonly low: number;
  readonly high: number;
}

export interface Foretelling {
  readonly splitAt: string;
  readonly earlierTouches: number;
  readonly laterTouches: number;
  readonly laterRedeemed: number;
  readonly order: Readonly<Record<'openRatio' | 'budgetPerDay' | 'rawRatio', OrderScore>>;
  /** Mean negative log-likelihood of later redemptions: each type's earlier ratio, and that times p̂/p₀. */
  readonly logLoss: { readonly constant: number; readonly learned: number };
}

/** Of campaigns over before the split the rule learns; those that begin after it are foretold. */
export function foretell(touches: readonly CampaignTouch[], splitAtMs: EpochMs): Foretelling {
  const earlier = touches.filter(({ endsAtMs }) => endsAtMs <= splitAtMs);
  const later = touches.filter(({ startsAtMs }) => startsAtMs >= splitAtMs);
  const byUser = groupBy(earlier, ({ userId }) => userId);
  const counts = [...byUser.values()].map((own) => ({
    sends: own.length,
    opens: own.filter(({ isRedeemed }) => isRedeemed).length,
    softNegatives: 0,
    unsubscribes: 0,
  }));
  const context = {
    prior: fitSegmentPrior(counts),
    defaultPerDay: 0.5,
    unsubscribeCost: DEFAULT_UNSUBSCRIBE_COST,
  };
  const ratioOfType = (type: string) => {
    const own = earlier.filter(({ campaignType }) => campaignType === type);
    return (own.filter(({ isRedeemed }) => isRedeemed).length + 1) / (own.length + 10);
  };
  const typeRatios = new Map(
    [...new Set(later.map((each) => each.campaignType))].map((t) => [t, ratioOfType(t)]),
  );
  const foretold = later.map((touch): Foretold => {
    const own = byUser.get(touch.userId) ?? [];
    const state = foldTolerance(own.flatMap(signalsOf), context);
    const { openRatio, budgetPerDay } = readTolerance(state, context, splitAtMs);
    const constant = typeRatios.get(touch.campaignType) as number;
    return {
      ...touch,
      openRatio,
      budgetPerDay,
      rawRatio: own.length === 0 ? 0 : own.filter(({ isRedeemed }) => isRedeemed).length / own.length,
      constant,
      learned: Math.min(0.95, (constant * openRatio) / context.prior.openRatio),
    };
  });
  return {
    splitAt: new Date(splitAtMs).toISOString().slice(0, 10),
    earlierTouches: earlier.length,
    laterTouches: later.length,
    laterRedeemed: later.filter(({ isRedeemed }) => isRedeemed).length,
    order: {
      openRatio: orderScore(foretold, (each) => each.openRatio),
      budgetPerDay: orderScore(foretold, (each) => each.budgetPerDay),
      rawRatio: orderScore(foretold, (each) => each.rawRatio),
    },
    logLoss: {
      constant: logLoss(foretold, (each) => each.constant),
      learned: logLoss(foretold, (each) => each.learned),
    },
  };
}

const RESAMPLES = 200;

function orderScore(foretold: readonly Foretold[], score: (each: Foretold) => number): OrderScore {
  const byUser = [...groupBy(foretold, ({ userId }) => userId).values()];
  const random = seededRandom(1);
  const draws = Array.from({ length: RESAMPLES }, () =>
    aucWithinCampaigns(
      byUser.flatMap(() => byUser[Math.floor(random() * byUser.length)] ?? []),
      score,
    ),
  ).sort((a, b) => a - b);
  return {
    auc: rounded(aucWithinCampaigns(foretold, score)),
    low: rounded(quantile(draws, 0.025)),
    high: rounded(quantile(draws, 0.975)),
  };
}

/** Pairs within one campaign only: that some campaigns draw more than others is no merit of the score. */
function aucWithinCampaigns(foretold: readonly Foretold[], score: (each: Foretold) => number): number {
  let [won, pairs] = [0, 0];
  for (const campaign of groupBy(foretold, ({ campaignId }) => campaignId).values()) {
    const redeemed = campaign.filter(({ isRedeemed }) => isRedeemed).map(score);
    const others = campaign.filter(({ isRedeemed }) => !isRedeemed).map(score);
    for (const ours of redeemed) {
      for (const theirs of others) won += ours > theirs ? 1 : ours === theirs ? 0.5 : 0;
    }
    pairs += redeemed.length * others.length;
  }
  return won / pairs;
}

function logLoss(foretold: readonly Foretold[], ratio: (each: Foretold) => number): number {
  const losses = foretold.map((each) => -Math.log(each.isRedeemed ? ratio(each) : 1 - ratio(each)));
  return rounded(losses.reduce((sum, loss) => sum + loss, 0) / losses.length);
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
