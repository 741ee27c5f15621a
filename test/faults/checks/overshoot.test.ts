import { describe, expect, it } from 'vitest';
import type { RollingCap } from '../caps.js';
import { overshotHolds, overshotWindows } from './overshoot.js';

const perShop: RollingCap = { ruleId: 'each_shop', scope: ['shop'], windowMs: 1_000, cap: 2 };
const sent = (sentAtMs: number, shopId = 'kiln') => ({ userId: 'ann', channel: 'push', shopId, sentAtMs });
const held = (fromMs: number, untilMs: number) => ({
  userId: 'ann',
  channel: 'push',
  shopId: 'kiln',
  fromMs,
  untilMs: () => untilMs,
});

describe('C6: what the fault run counts by itself', () => {
  it('finds a window that holds one message too many, wherever it lies', () => {
    const found = overshotWindows([sent(0), sent(2_000), sent(2_400), sent(2_999)], [perShop]);
    expect(found).toEqual([{ ruleId: 'each_shop', slots: 'ann|kiln', atMs: 2_999, count: 3, cap: 2 }]);
  });

  it('lets a slot go when its window has passed, and counts shops apart', () => {
    expect(overshotWindows([sent(0), sent(500), sent(1_000), sent(600, 'forge')], [perShop])).toEqual([]);
  });

  it('finds a moment at which more slots are held than there are', () => {
    expect(overshotHolds([held(0, 100), held(50, 150), held(100, 200)], [perShop])).toEqual([]);
    expect(overshotHolds([held(0, 101), held(50, 150), held(100, 200)], [perShop])).toHaveLength(1);
  });
});
