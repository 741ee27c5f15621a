import { DAY_MS, window } from '../core/time.js';
import type { TouchPolicy } from './touchPolicy.js';

/**
 * The policy that is shipped. Ceilings follow what the platforms publish; everything else is a
 * cautious choice of our own that an operator is expected to replace.
 */
export function defaultTouchPolicy(): TouchPolicy {
  return {
    version: 0,
    caps: [
      {
        // WeChat service account: 4 mass messages a user and calendar month, the fifth fails.
        // Replies and template messages to an order do not go through the mass send.
        id: 'service_account_month',
        scope: ['user', 'channel'],
        channels: ['service_account'],
        exceptCampaignTypes: ['transactional'],
        window: { kind: 'calendar', unit: 'month' },
        cap: 4,
        ceiling: true,
        shadow: false,
      },
      {
        // WeCom mass send to customers: as many a month as the month has days, switchable to one
        // a day (developer.work.weixin.qq.com document 92135, 2025-11-17). One a day never exceeds it.
        id: 'wecom_direct_day',
        scope: ['user', 'channel'],
        channels: ['wecom_direct'],
        exceptCampaignTypes: ['transactional'],
        window: { kind: 'calendar', unit: 'day' },
        cap: 1,
        ceiling: true,
        shadow: false,
      },
      {
        // Push: 2 marketing messages a day, app and device at Huawei, Honor, OPPO and vivo, 5 at Xiaomi; the
        // strictest, as one rule must hold for all of them (sources and dates: policies/push_*.yaml).
        id: 'push_day',
        scope: ['user', 'channel'],
        channels: ['push'],
        exceptCampaignTypes: ['transactional'],
        window: { kind: 'calendar', unit: 'day' },
        cap: 2,
        ceiling: true,
        shadow: false,
      },
      ownChoice('wecom_group_day', 'wecom_group', { perDays: 1, cap: 1 }),
      ownChoice('moments_day', 'moments', { perDays: 1, cap: 1 }),
      ownChoice('sms_week', 'sms', { perDays: 7, cap: 2 }),
      ownChoice('email_week', 'email', { perDays: 7, cap: 3 }),
      ownChoice('phone_month', 'phone', { perDays: 30, cap: 1 }),
      {
        // All channels together (C5). Rolling, because a calendar day lets 23:00 and 00:00 both pass.
        id: 'all_channels_24h',
        scope: ['user'],
        window: { kind: 'rolling', windowMs: window(DAY_MS) },
        cap: 3,
        ceiling: false,
        shadow: false,
      },
      {
        // The usual rhythm of a shop is once a week or so (C4).
        id: 'shop_week',
        scope: ['user', 'shop'],
        window: { kind: 'rolling', windowMs: window(7 * DAY_MS) },
        cap: 2,
        ceiling: false,
        shadow: false,
      },
    ],
    quietHours: [
      {
        // Channels that ring; e-mail and moments wait to be looked at.
        id: 'night',
        channels: ['service_account', 'wecom_direct', 'wecom_group', 'sms', 'phone', 'push'],
        startMinute: 22 * 60,
        endMinute: 8 * 60,
        shadow: false,
      },
    ],
    campaignTypes: [
      // Order and delivery notices: what the person asked for and waits for.
      {
        campaignType: 'transactional',
        bypassesCaps: true,
        countsTowardCaps: false,
        bypassesQuietHours: true,
      },
    ],
  };
}

function ownChoice(
  id: string,
  channel: 'wecom_group' | 'moments' | 'sms' | 'email' | 'phone',
  { perDays, cap }: { perDays: number; cap: number },
): TouchPolicy['caps'][number] {
  return {
    id,
    scope: ['user', 'channel'],
    channels: [channel],
    window: { kind: 'rolling', windowMs: window(perDays * DAY_MS) },
    cap,
    ceiling: false,
    shadow: false,
  };
}
