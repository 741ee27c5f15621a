import { describe, expect, it } from 'vitest';
import { window } from '../../src/core/time.js';
import { type DecisionInput, decideTouch } from '../../src/touch/decideTouch.js';
import type { TouchPolicy } from '../../src/touch/touchPolicy.js';
import { EMPTY_TOUCH_LOG, type TouchRecord } from '../../src/touch/userTouchLog.js';
import { aCap, aPolicy, aQuietRule, aRecord, DAY, HOUR, MINUTE } from './builders.js';

const NOON = Date.UTC(2025, 5, 1, 12);

function decide(
  policy: Partial<TouchPolicy>,
  {
    records = [],
    content = {},
    ...facts
  }: { records?: TouchRecord[]; content?: Partial<DecisionInput['content']> } & Partial<
    Omit<DecisionInput, 'content'>
  > = {},
) {
  return decideTouch(
    { ...EMPTY_TOUCH_LOG, records },
    {
      content: { channel: 'push', campaignType: 'routine', ...content },
      policy: aPolicy(policy),
      timezone: 'UTC',
      nowMs: NOON,
      ...facts,
    },
  );
}

describe('a decision about a touch', () => {
  it('C5: allows within the caps and names the tightest rule', () => {
    const decision = decide(
      { caps: [aCap({ id: 'wide', cap: 5 }), aCap({ id: 'tight', cap: 2 })] },
      { records: [aRecord({ sentAtMs: NOON - MINUTE })] },
    );
    expect(decision).toMatchObject({
      kind: 'allow',
      ruleId: 'tight',
      reason: 'within_caps',
      policyVersion: 7,
    });
    expect(decision.rules).toMatchObject([
      { ruleId: 'wide', used: 1, cap: 5, passes: true, nextFreeAtMs: NOON - MINUTE + HOUR },
      { ruleId: 'tight', used: 1, cap: 2, passes: true },
    ]);
  });

  it('C5: delays until the oldest touch leaves a rolling window, to the millisecond', () => {
    const caps = [aCap({ cap: 2 })];
    const records = [aRecord({ sentAtMs: NOON - 40 * MINUTE }), aRecord({ sentAtMs: NOON - 10 * MINUTE })];
    const freeAtMs = NOON + 20 * MINUTE;
    expect(decide({ caps }, { records })).toMatchObject({
      kind: 'delay',
      notBeforeMs: freeAtMs,
      ruleId: 'cap-1',
      reason: 'cap_reached',
    });
    expect(decide({ caps }, { records, nowMs: freeAtMs - 1 }).kind).toBe('delay');
    expect(decide({ caps }, { records, nowMs: freeAtMs })).toMatchObject({
      kind: 'allow',
      rules: [{ used: 1, nextFreeAtMs: NOON + 50 * MINUTE }],
    });
  });

  it('C5: a calendar month frees at midnight of the first in the time zone of the user', () => {
    const caps = [aCap({ window: { kind: 'calendar', unit: 'month' } })];
    const records = [aRecord({ sentAtMs: Date.UTC(2025, 4, 31, 17) })];
    // In Shanghai that was 1 June already, in UTC it was still May.
    expect(decide({ caps }, { records, timezone: 'UTC' }).kind).toBe('allow');
    expect(decide({ caps }, { records, timezone: 'Asia/Shanghai' })).toMatchObject({
      kind: 'delay',
      notBeforeMs: Date.UTC(2025, 5, 30, 16),
    });
  });

  it('C5: each channel has its own cap and all together have one', () => {
    const caps = [aCap({ id: 'per-channel', scope: ['user', 'channel'] }), aCap({ id: 'together', cap: 2 })];
    const push = aRecord({ sentAtMs: NOON - MINUTE });
    const sms = aRecord({ sentAtMs: NOON - MINUTE, content: { channel: 'sms' } });
    expect(decide({ caps }, { records: [push] }).ruleId).toBe('per-channel');
    expect(decide({ caps }, { records: [push], content: { channel: 'email' } }).kind).toBe('allow');
    expect(decide({ caps }, { records: [push, sms], content: { channel: 'email' } })).toMatchObject({
      kind: 'delay',
      ruleId: 'together',
    });
  });

  it('C5: a cap per shop and user leaves other shops their own, and counts no shop as one more', () => {
    const caps = [aCap({ scope: ['user', 'shop'] })];
    const records = [
      aRecord({ sentAtMs: NOON, content: { shopId: 'shop-1' } }),
      aRecord({ sentAtMs: NOON, content: {} }),
    ];
    expect(decide({ caps }, { records, content: { shopId: 'shop-1' } }).kind).toBe('delay');
    expect(decide({ caps }, { records, content: { shopId: 'shop-2' } }).kind).toBe('allow');
    expect(decide({ caps }, { records }).kind).toBe('delay');
  });

  it('C5: a selector keeps a rule to its channels, kinds and shops', () => {
    const sent = { sentAtMs: NOON - MINUTE };
    const records = [aRecord({ ...sent, content: { shopId: 'shop-1', campaignType: 'promotion' } })];
    const asked = { records, content: { shopId: 'shop-1', campaignType: 'promotion' } };
    const kindWith = (selector: object) => decide({ caps: [aCap(selector)] }, asked).kind;
    expect(kindWith({ channels: ['sms'] })).toBe('allow');
    expect(kindWith({ channels: ['push'] })).toBe('delay');
    expect(kindWith({ campaignTypes: ['routine'] })).toBe('allow');
    expect(kindWith({ exceptCampaignTypes: ['promotion'] })).toBe('allow');
    expect(kindWith({ shopIds: ['shop-2'] })).toBe('allow');
    expect(kindWith({ shopIds: ['shop-1', 'shop-2'] })).toBe('delay');
  });

  it('C5: a rule with cap 0 forbids, whatever else would only delay', () => {
    const caps = [aCap({ id: 'later' }), aCap({ id: 'never', channels: ['push'], cap: 0 })];
    const decision = decide({ caps }, { records: [aRecord({ sentAtMs: NOON })] });
    expect(decision).toMatchObject({ kind: 'deny', ruleId: 'never', reason: 'forbidden' });
    expect(decision).not.toHaveProperty('notBeforeMs');
  });

  it('C5: a minimum gap delays where the cap has room', () => {
    const caps = [aCap({ cap: 5, minGapMs: window(30 * MINUTE) })];
    expect(decide({ caps }, { records: [aRecord({ sentAtMs: NOON - 10 * MINUTE })] })).toMatchObject({
      kind: 'delay',
      notBeforeMs: NOON + 20 * MINUTE,
      reason: 'min_gap',
    });
  });

  it('C5: a cap counts attempts, or what was accepted or delivered as far as the channel reported', () => {
    const kinds = [undefined, 'attempt', 'accepted', 'delivered'] as const;
    const caps = kinds.map((counts, i) => aCap({ id: `cap-${i}`, cap: 9, ...(counts && { counts }) }));
    const sentAtMs = NOON - MINUTE;
    const used = (facts: Partial<TouchRecord>) =>
      decide({ caps }, { records: [aRecord({ sentAtMs, ...facts })] }).rules.map(
        (state) => state.kind === 'cap' && state.used,
      );
    expect(used({})).toEqual([1, 1, 1, 1]);
    expect(used({ failed: 'undelivered' })).toEqual([1, 1, 1, 0]);
    expect(used({ failed: 'rejected' })).toEqual([1, 1, 0, 0]);
    const reserved = { state: { status: 'reserved' as const }, expiresAtMs: NOON + MINUTE };
    expect(used({ ...reserved, failed: 'rejected' })).toEqual([1, 1, 1, 1]);
  });

  it('C5: the minimum gap of a cap begins with what that counts', () => {
    const cap = aCap({ cap: 5, minGapMs: window(30 * MINUTE) });
    const records = [aRecord({ sentAtMs: NOON - 10 * MINUTE, failed: 'undelivered' })];
    expect(decide({ caps: [{ ...cap, counts: 'delivered' }] }, { records }).kind).toBe('allow');
    expect(decide({ caps: [{ ...cap, counts: 'accepted' }] }, { records }).reason).toBe('min_gap');
  });

  it('C6: a reservation holds its slot until it expires, a released or expired one does not', () => {
    const caps = [aCap({ window: { kind: 'rolling', windowMs: window(7 * DAY) } })];
    const reserved = aRecord({ state: { status: 'reserved' }, expiresAtMs: NOON + MINUTE });
    expect(decide({ caps }, { records: [reserved] })).toMatchObject({
      kind: 'delay',
      notBeforeMs: NOON + MINUTE,
    });
    expect(decide({ caps }, { records: [reserved], nowMs: NOON + MINUTE }).kind).toBe('allow');
    for (const status of ['released', 'expired'] as const) {
      expect(decide({ caps }, { records: [{ ...reserved, state: { status } }] }).kind).toBe('allow');
    }
  });

  it('C6: a touch from the future, after a clock stepped back, counts', () => {
    for (const kind of [
      { kind: 'rolling', windowMs: window(HOUR) },
      { kind: 'calendar', unit: 'day' },
    ] as const) {
      const records = [aRecord({ sentAtMs: NOON + 26 * HOUR })];
      expect(decide({ caps: [aCap({ window: kind })] }, { records }).kind).toBe('delay');
    }
  });

  it('C2: quiet hours delay to their end in the zone of the user', () => {
    const quietHours = [aQuietRule()];
    expect(decide({ quietHours }, { timezone: 'Asia/Shanghai' }).kind).toBe('allow');
    expect(decide({ quietHours }, { timezone: 'America/Los_Angeles' })).toMatchObject({
      kind: 'delay',
      notBeforeMs: Date.UTC(2025, 5, 1, 15),
      ruleId: 'night',
      reason: 'quiet_hours',
    });
  });

  it('C2: a cap that frees at night delays to the morning and still names the cap', () => {
    const decision = decide(
      {
        caps: [aCap({ window: { kind: 'rolling', windowMs: window(12 * HOUR) } })],
        quietHours: [aQuietRule()],
      },
      { records: [aRecord({ sentAtMs: NOON - HOUR })] },
    );
    expect(decision).toMatchObject({
      kind: 'delay',
      ruleId: 'cap-1',
      notBeforeMs: Date.UTC(2025, 5, 2, 8),
    });
  });

  it('C2: quiet hours that leave no moment deny', () => {
    const quietHours = [
      aQuietRule({ id: 'am', startMinute: 0, endMinute: 720 }),
      aQuietRule({ id: 'pm', startMinute: 720, endMinute: 0 }),
    ];
    expect(decide({ quietHours })).toMatchObject({ kind: 'deny', reason: 'never_open' });
  });

  it('C5: a wait beyond the deadline is a refusal that still says when', () => {
    const caps = [aCap()];
    const records = [aRecord({ sentAtMs: NOON })];
    expect(decide({ caps }, { records, deadlineMs: NOON + HOUR - 1 })).toMatchObject({
      kind: 'deny',
      notBeforeMs: NOON + HOUR,
      reason: 'after_deadline',
      ruleId: 'cap-1',
    });
    expect(decide({ caps }, { records, deadlineMs: NOON + HOUR }).kind).toBe('delay');
    expect(decide({}, { deadlineMs: NOON - 1 })).toMatchObject({ kind: 'deny', reason: 'after_deadline' });
  });

  it('C4: a kind may bypass caps, not be counted, or write at night: three separate facts', () => {
    const facts = (campaignType: string, on: object) => ({
      campaignType,
      bypassesCaps: false,
      countsTowardCaps: true,
      bypassesQuietHours: false,
      ...on,
    });
    const policy = {
      caps: [aCap()],
      quietHours: [aQuietRule({ startMinute: 720, endMinute: 780 })],
      campaignTypes: [
        facts('urgent', { bypassesCaps: true }),
        facts('uncounted', { countsTowardCaps: false }),
        facts('nightly', { bypassesQuietHours: true }),
      ],
    };
    const records = [aRecord({ sentAtMs: NOON })];
    const one = NOON + HOUR / 2;
    const ask = (campaignType: string, facts: object = {}) =>
      decide(policy, { records, content: { campaignType }, nowMs: NOON, ...facts });
    expect(ask('urgent')).toMatchObject({ kind: 'delay', ruleId: 'night' });
    expect(ask('uncounted')).toMatchObject({ kind: 'delay', ruleId: 'cap-1' });
    expect(ask('nightly', { records: [] }).kind).toBe('allow');
    const uncounted = [aRecord({ sentAtMs: NOON, content: { campaignType: 'uncounted' } })];
    expect(decide({ ...policy, quietHours: [] }, { records: uncounted, nowMs: one }).kind).toBe('allow');
    const urgent = [aRecord({ sentAtMs: NOON, content: { campaignType: 'urgent' } })];
    expect(decide({ ...policy, quietHours: [] }, { records: urgent, nowMs: one }).kind).toBe('delay');
    expect(
      decide({ ...policy, quietHours: [] }, { records, content: { campaignType: 'urgent' } }),
    ).toMatchObject({ kind: 'allow', reason: 'bypass', ruleId: 'cap-1' });
  });

  it('C5: a ceiling neither yields to a bypass nor leaves a kind uncounted', () => {
    const policy = {
      caps: [aCap({ ceiling: true })],
      campaignTypes: [
        {
          campaignType: 'transactional',
          bypassesCaps: true,
          countsTowardCaps: false,
          bypassesQuietHours: true,
        },
      ],
    };
    const content = { campaignType: 'transactional' };
    const records = [aRecord({ sentAtMs: NOON, content })];
    expect(decide(policy, { records, content }).kind).toBe('delay');
  });

  it('C5: a shadow rule is decided and reported, not enforced', () => {
    const decision = decide(
      {
        caps: [aCap({ shadow: true })],
        quietHours: [aQuietRule({ startMinute: 0, endMinute: 1439, shadow: true })],
      },
      { records: [aRecord({ sentAtMs: NOON })] },
    );
    expect(decision).toMatchObject({ kind: 'allow', ruleId: 'no_rule' });
    expect(decision.rules).toMatchObject([
      { ruleId: 'cap-1', enforcement: 'shadow', passes: false, opensAtMs: NOON + HOUR },
      { ruleId: 'night', enforcement: 'shadow', passes: false },
    ]);
  });

  it('C8: who is left alone is denied before any other rule, also for kinds that bypass', () => {
    const log = { records: [], marks: [{ outcome: 'unsubscribed' as const, atMs: 1 }] };
    const decision = decideTouch(log, {
      content: { channel: 'push', campaignType: 'transactional' },
      policy: aPolicy({
        caps: [aCap({ cap: 0 })],
        campaignTypes: [
          {
            campaignType: 'transactional',
            bypassesCaps: true,
            countsTowardCaps: false,
            bypassesQuietHours: true,
          },
        ],
      }),
      timezone: 'UTC',
      nowMs: NOON,
    });
    expect(decision).toMatchObject({ kind: 'deny', ruleId: 'left_alone', reason: 'left_alone', rules: [] });
    expect(decision.words.en).toContain('unsubscribed on all channels');
    expect(decision.words.zh).toContain('退订');
  });

  it('C5: words the reason in English and Chinese with the figures and the local time', () => {
    const { words } = decide(
      { caps: [aCap()] },
      { records: [aRecord({ sentAtMs: NOON })], timezone: 'Asia/Shanghai' },
    );
    expect(words.en).toBe(
      'Cap reached: cap-1, 1 of 1 used per 1 h. Free at 2025-06-01 21:00 (Asia/Shanghai).',
    );
    expect(words.zh).toContain('已达上限');
    expect(words.zh).toContain('2025-06-01 21:00');
  });
});
