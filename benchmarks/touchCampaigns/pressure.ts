import { DAY_MS } from '../../src/core/time.js';
import type { CampaignTouch } from './campaignTouches.js';
import { groupBy } from './groupBy.js';

/** Touches of households that lately received so many others. */
export interface PressureRow {
  /** Other campaigns that began in the 60 days before, as a range. */
  readonly others: string;
  readonly touches: number;
  readonly redeemedRatio: number;
  /** Redeemed, over what the same campaigns' ratios lead to: 1 is neither more nor less. */
  readonly overCampaigns: number;
  /**
   * The same with the household's own ratio over all its campaigns held fixed as well.
   */
  readonly overHouseholds: number;
}

const LOOK_BACK_MS = 60 * DAY_MS;
const RANGES = [
  [0, 0],
  [1, 1],
  [2, 99],
] as const;

/**
 * Whether who was written to more redeemed less a campaign. The shop chose whom to write to, so the first
 * two ratios mix the effect with the choice; the third compares a household with itself.
 */
export function pressureRows(touches: readonly CampaignTouch[]): PressureRow[] {
  const byUser = groupBy(touches, ({ userId }) => userId);
  const byCampaign = groupBy(touches, ({ campaignId }) => campaignId);
  const campaignRatio = new Map([...byCampaign].map(([id, own]) => [id, redeemedRatio(own)]));
  const householdFactor = new Map(
    [...byUser].map(([id, own]) => {
      const expected = sumOf(own, (each) => campaignRatio.get(each.campaignId) ?? 0);
      return [id, expected > 0 ? sumOf(own, redeemedOf) / expected : 0];
    }),
  );
  return RANGES.map(([from, to]) => {
    const rows = touches.filter((touch) => {
      const others = (byUser.get(touch.userId) ?? []).filter(
        (other) =>
          other !== touch &&
          other.startsAtMs <= touch.startsAtMs &&
          other.startsAtMs > touch.startsAtMs - LOOK_BACK_MS,
      ).length;
      return others >= from && others <= to;
    });
    const redeemed = sumOf(rows, redeemedOf);
    const ratioOf = (each: CampaignTouch) => campaignRatio.get(each.campaignId) ?? 0;
    return {
      others: to === 99 ? `${from} or more` : `${from}`,
      touches: rows.length,
      redeemedRatio: rounded(redeemed / rows.length),
      overCampaigns: rounded(redeemed / sumOf(rows, ratioOf)),
      overHouseholds: rounded(
        redeemed / sumOf(rows, (each) => ratioOf(each) * (householdFactor.get(each.userId) ?? 0)),
      ),
    };
  });
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}

function redeemedOf({ isRedeemed }: CampaignTouch): number {
  return isRedeemed ? 1 : 0;
}

function redeemedRatio(touches: readonly CampaignTouch[]): number {
  return sumOf(touches, redeemedOf) / touches.length;
}

function sumOf(touches: readonly CampaignTouch[], value: (touch: CampaignTouch) => number): number {
  return touches.reduce((sum, touch) => sum + value(touch), 0);
}
