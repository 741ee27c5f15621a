import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { DAY_MS, type EpochMs } from '../../src/core/time.js';
import type { ToleranceSignal } from '../../src/touch/toleranceSignals.js';

/** A household that received a campaign. */
export interface CampaignTouch {
  readonly campaignId: string;
  readonly userId: string;
  readonly campaignType: string;
  readonly startsAtMs: EpochMs;
  /** The end of its last day. */
  readonly endsAtMs: EpochMs;
  /** Whether they used a coupon of it. */
  readonly isRedeemed: boolean;
}

export function readCampaignTouches(path: string): CampaignTouch[] {
  const rows: Record<string, string>[] = parse(gunzipSync(readFileSync(path)), { columns: true });
  return rows.map((row) => ({
    campaignId: row.campaign_id ?? '',
    userId: row.user_id ?? '',
    campaignType: row.campaign_type ?? '',
    startsAtMs: Date.parse(`${row.starts_on}T00:00:00Z`),
    endsAtMs: Date.parse(`${row.ends_on}T00:00:00Z`) + DAY_MS,
    isRedeemed: Number(row.redeemed) > 0,
  }));
}

/**
 * A campaign as the learned rule sees it: sent when it began, a coupon used stands for an open, known
 * when the campaign is over. Nothing in this data can stand for a dismissal or an unsubscribe.
 */
export function signalsOf({
  campaignId,
  startsAtMs,
  endsAtMs,
  isRedeemed,
}: CampaignTouch): ToleranceSignal[] {
  const sent: ToleranceSignal = { kind: 'sent', atMs: startsAtMs, touchId: campaignId };
  return isRedeemed ? [sent, { kind: 'opened', atMs: endsAtMs, touchId: campaignId }] : [sent];
}
