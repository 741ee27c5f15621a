import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../src/core/errors.js';
import { window } from '../../src/core/time.js';
import { CHANNELS } from '../../src/core/vocabulary.js';
import { decideTouch } from '../../src/touch/decideTouch.js';
import { defaultTouchPolicy } from '../../src/touch/defaultTouchPolicy.js';
import { isLearnedKind, type LearningPolicy } from '../../src/touch/learningPolicy.js';
import { parseTouchPolicy } from '../../src/touch/parseTouchPolicy.js';
import type { Promotion } from '../../src/touch/promotion.js';
import { type CapRule, touchRetentionMs } from '../../src/touch/touchPolicy.js';
import type { TouchRecord } from '../../src/touch/userTouchLog.js';
import { touchPolicyViolations, validateTouchPolicy } from '../../src/touch/validateTouchPolicy.js';
import { aCap, aPolicy, aQuietRule, aRecord, DAY, HOUR } from './builders.js';

const NOON = Date.UTC(2025, 5, 4, 12);

function violationsIn(json: unknown) {
  try {
    parseTouchPolicy(typeof json === 'string' ? json : JSON.stringify(json));
  } catch (error) {
    if (error instanceof InvalidInputError) return error.violations;
    throw error;
  }
  return [];
}

describe('a touch policy', () => {
  it('C4 C5: refuses rules and promotions that are about no message at all', () => {
    const selector = { campaignTypes: ['sale', 'news'], exceptCampaignTypes: ['news', 'sale'] };
    const violations = touchPolicyViolations(aPolicy({ caps: [aCap({ id: 'a', ...selector })] }));
    expect(violations.map(({ field }) => field)).toEqual(['caps[0].selector.except_campaign_types']);
    const some = { ...selector, exceptCampaignTypes: ['news'] };
    expect(touchPolicyViolations(aPolicy({ caps: [aCap({ id: 'a', ...some })] }))).toEqual([]);
  });

  it('C5: names the field and the rule of everything that is wrong, at once', () => {
    const violations = touchPolicyViolations(
      aPolicy({
        version: -1,
        caps: [
          aCap({ id: 'a', cap: -1, scope: ['channel', 'channel'] }),
          aCap({ id: 'a', window: { kind: 'rolling', windowMs: window(1.5) }, channels: [] }),
          aCap({
            id: 'b',
            minGapMs: window(0),
            channels: ['smoke' as 'sms'],
            cap: Number.NaN,
            counts: 'read' as 'attempt',
          }),
          aCap({ id: 'left_alone', window: { kind: 'calendar', unit: 'year' as 'day' } }),
        ],
        quietHours: [aQuietRule({ id: 'q', startMinute: 1440, endMinute: 1440 })],
        campaignTypes: [
          { campaignType: '', bypassesCaps: true, countsTowardCaps: true, bypassesQuietHours: true },
        ],
      }),
    );
    expect(violations.map(({ field }) => field)).toEqual([
      'version',
      'caps[0].scopes',
      'caps[0].scopes[1]',
      'caps[0].cap',
      'caps[1].selector.channels',
      'caps[1].window.rolling_ms',
      'caps[2].selector.channels[0]',
      'caps[2].cap',
      'caps[2].counts',
      'caps[2].minimum_gap_ms',
      'caps[3].window.calendar_unit',
      'quiet_hours[0].start_minute',
      'quiet_hours[0].end_minute',
      'quiet_hours[0].end_minute',
      'caps[1].rule_id',
      'caps[3].rule_id',
      'campaign_types[0].campaign_type',
    ]);
    expect(violations[3]?.rule).toContain('(rule "a")');
    expect(() => validateTouchPolicy(aPolicy({ version: -1 }))).toThrow(InvalidInputError);
  });

  it('C1, C2: names what is wrong with learning, and keeps the names of its rules to itself', () => {
    const violations = touchPolicyViolations(
      aPolicy({
        caps: [aCap({ id: 'tolerance' })],
        quietHours: [aQuietRule({ id: 'good_hour' })],
        learning: {
          campaignTypes: [],
          budget: { defaultPerDay: 4.01, unsubscribeCost: 0, shadow: false },
          goodHour: { exploredRatio: 0.06, shadow: false },
        },
      }),
    );
    expect(violations.map(({ field }) => field)).toEqual([
      'caps[0].rule_id',
      'quiet_hours[0].rule_id',
      'learning.campaign_types',
      'learning.budget.default_per_day',
      'learning.budget.unsubscribe_cost',
      'learning.good_hour.explored_ratio',
    ]);
    const learning = { budget: { defaultPerDay: Number.NaN, shadow: false } };
    expect(touchPolicyViolations(aPolicy({ learning }))).toHaveLength(1);
  });

  it('C4: names what is wrong with a promotion', () => {
    const sound: Promotion = {
      id: 'double11',
      campaignTypes: ['double11'],
      startMs: NOON,
      endMs: NOON + DAY,
      heldSlots: [{ ruleId: 'week', slots: 2 }],
    };
    const fieldsOf = (...promotions: Promotion[]) =>
      touchPolicyViolations(aPolicy({ caps: [aCap({ id: 'week', cap: 2 })], promotions })).map(
        ({ field }) => field,
      );
    const { campaignTypes: _, ...ofNobody } = sound;
    expect(fieldsOf(sound)).toEqual([]);
    expect(fieldsOf({ ...ofNobody, leastPriority: 1 })).toEqual([]);
    expect(fieldsOf(ofNobody)).toEqual(['promotions[0].selector']);
    expect(fieldsOf(sound, { ...sound, leastPriority: 101 })).toEqual([
      'promotions[1].promotion_id',
      'promotions[1].least_priority',
    ]);
    expect(fieldsOf({ ...sound, id: '', shopIds: [], endMs: NOON })).toEqual([
      'promotions[0].promotion_id',
      'promotions[0].selector.shop_ids',
      'promotions[0].ends_at',
    ]);
    expect(fieldsOf({ ...sound, startMs: Number.NaN, heldSlots: [] })).toEqual([
      'promotions[0].starts_at',
      'promotions[0].held_slots',
    ]);
    const heldSlots = [
      { ruleId: 'week', slots: 3 },
      { ruleId: 'week', slots: 1 },
      { ruleId: 'night', slots: 1 },
    ];
    expect(fieldsOf({ ...sound, heldSlots })).toEqual([
      'promotions[0].held_slots[0].slots',
      'promotions[0].held_slots[1].rule_id',
      'promotions[0].held_slots[2].rule_id',
    ]);
    const many = Array.from({ length: 101 }, (_, i) => ({ ...sound, id: `p${i}` }));
    expect(fieldsOf(...many)).toEqual(['promotions']);
  });

  it('C1: learning is for the kinds selected, and never for those that bypass caps', () => {
    const isFor = (learning: LearningPolicy | undefined, kind: string) =>
      isLearnedKind({ ...defaultTouchPolicy(), ...(learning && { learning }) }, kind);
    expect(isFor(undefined, 'routine')).toBe(false);
    expect(isFor({}, 'routine')).toBe(true);
    expect(isFor({}, 'transactional')).toBe(false);
    expect(isFor({ campaignTypes: ['transactional'] }, 'transactional')).toBe(false);
    expect(isFor({ campaignTypes: ['promotion'] }, 'routine')).toBe(false);
    expect(isFor({ exceptCampaignTypes: ['promotion'] }, 'promotion')).toBe(false);
  });

  it('C5: keeps touches as long as its longest window, 31 days at least', () => {
    expect(touchRetentionMs(aPolicy())).toBeGreaterThan(31 * DAY + HOUR);
    const wide = aCap({ window: { kind: 'rolling', windowMs: window(90 * DAY) } });
    expect(touchRetentionMs(aPolicy({ caps: [wide] }))).toBeGreaterThan(90 * DAY);
    expect(touchRetentionMs(aPolicy({ caps: [aCap({ minGapMs: window(60 * DAY) })] }))).toBeGreaterThan(
      60 * DAY,
    );
  });

  it('C5: the shipped policy is sound, and lets no channel be without a cap', () => {
    const policy = defaultTouchPolicy();
    expect(touchPolicyViolations(policy)).toEqual([]);
    for (const channel of CHANNELS) {
      expect(policy.caps.some((rule) => rule.channels?.includes(channel))).toBe(true);
    }
  });

  it('C5: the shipped policy holds 4 a month on a service account, and 3 in 24 hours over all channels', () => {
    const ask = (records: TouchRecord[], channel: 'service_account' | 'email', shopId: string) =>
      decideTouch(
        { records, marks: [] },
        {
          content: { channel, campaignType: 'routine', shopId },
          policy: defaultTouchPolicy(),
          timezone: 'Asia/Shanghai',
          nowMs: NOON - 4 * HOUR,
        },
      );
    const month = [1, 2, 3, 3].map((day, i) =>
      aRecord({
        sentAtMs: Date.UTC(2025, 5, day, 1),
        content: { channel: 'service_account', shopId: `shop-${i}` },
      }),
    );
    expect(ask(month.slice(1), 'service_account', 'shop-9').kind).toBe('allow');
    expect(ask(month, 'service_account', 'shop-9')).toMatchObject({
      kind: 'delay',
      ruleId: 'service_account_month',
      // 1 July in Shanghai begins at night, so the morning it is.
      notBeforeMs: Date.UTC(2025, 6, 1, 0),
    });
    const today = (['push', 'sms', 'email'] as const).map((channel, i) =>
      aRecord({ sentAtMs: NOON - 6 * HOUR, content: { channel, shopId: `shop-${i}` } }),
    );
    expect(ask(today, 'email', 'shop-9')).toMatchObject({ kind: 'delay', ruleId: 'all_channels_24h' });
  });

  it('C4: the shipped policy lets a notice about an order through, at night and over caps', () => {
    const records = [1, 2, 3, 4].map(() => aRecord({ sentAtMs: NOON - HOUR, content: { shopId: 'shop-1' } }));
    const decision = decideTouch(
      { records, marks: [] },
      {
        content: { channel: 'push', campaignType: 'transactional', shopId: 'shop-1' },
        policy: defaultTouchPolicy(),
        timezone: 'America/Los_Angeles',
        nowMs: NOON,
      },
    );
    expect(decision).toMatchObject({ kind: 'allow', reason: 'bypass' });
  });
});

describe('a touch policy in a file', () => {
  const FILE = {
    version: 3,
    caps: [
      {
        rule_id: 'push_day',
        scopes: ['channel', 'shop'],
        selector: { channels: ['push'], except_campaign_types: ['transactional'] },
        window: { calendar_unit: 'day' },
        cap: 5,
        counts: 'accepted',
        minimum_gap_ms: 60_000,
        ceiling: true,
      },
      { rule_id: 'all', window: { rolling_ms: 86_400_000 }, cap: 3, shadow: true },
    ],
    quiet_hours: [{ rule_id: 'night', start_minute: 1320, end_minute: 480 }],
    campaign_types: [{ campaign_type: 'transactional', bypasses_caps: true }],
  };

  it('C1, C2: says whether and for what anything is learned', () => {
    const file = { version: 1, learning: { except_campaign_types: ['content'], budget: {}, good_hour: {} } };
    expect(parseTouchPolicy(JSON.stringify(file)).learning).toEqual({
      exceptCampaignTypes: ['content'],
      budget: { shadow: false },
      goodHour: { exploredRatio: 0, shadow: false },
    });
    const budget = { default_per_day: 0.5, unsubscribe_cost: 120, shadow: true };
    expect(parseTouchPolicy(JSON.stringify({ version: 1, learning: { budget } })).learning).toEqual({
      budget: { defaultPerDay: 0.5, unsubscribeCost: 120, shadow: true },
    });
    const others = { campaign_types: [{ campaign_type: 'content' }] };
    expect(parseTouchPolicy(JSON.stringify(others))).not.toHaveProperty('learning');
    for (const none of ['{}', '{ "version": 1 }', '{ "caps": [] }']) {
      expect(() => parseTouchPolicy(none)).toThrow('must have a rule');
    }
    const misspelt = { version: 1, learning: { good_hours: {}, budget: { default: 1 } } };
    expect(
      violationsIn(misspelt)
        .map(({ field }) => field)
        .sort(),
    ).toEqual(['learning.budget.default', 'learning.good_hours']);
  });

  it('C5: reads as it is written', () => {
    expect(parseTouchPolicy(JSON.stringify(FILE))).toEqual({
      version: 3,
      caps: [
        {
          id: 'push_day',
          scope: ['user', 'channel', 'shop'],
          channels: ['push'],
          exceptCampaignTypes: ['transactional'],
          window: { kind: 'calendar', unit: 'day' },
          cap: 5,
          counts: 'accepted',
          minGapMs: 60_000,
          ceiling: true,
          shadow: false,
        } satisfies Omit<CapRule, 'minGapMs'> & { minGapMs: number },
        {
          id: 'all',
          scope: ['user'],
          window: { kind: 'rolling', windowMs: 86_400_000 },
          cap: 3,
          ceiling: false,
          shadow: true,
        },
      ],
      quietHours: [{ id: 'night', startMinute: 1320, endMinute: 480, shadow: false }],
      campaignTypes: [
        {
          campaignType: 'transactional',
          bypassesCaps: true,
          countsTowardCaps: true,
          bypassesQuietHours: false,
        },
      ],
    });
  });

  it('C4: announces promotions, at moments with their offset', () => {
    const double11 = {
      promotion_id: 'double11',
      starts_at: '2025-11-10T20:00:00+08:00',
      ends_at: '2025-11-11T16:00:00.5Z',
      selector: { campaign_types: ['double11'] },
      held_slots: [{ rule_id: 'push_day', slots: 2 }],
    };
    const promotionsOf = (promotion: object) =>
      parseTouchPolicy(JSON.stringify({ ...FILE, promotions: [promotion] })).promotions;
    const read = {
      id: 'double11',
      startMs: Date.UTC(2025, 10, 10, 12),
      endMs: Date.UTC(2025, 10, 11, 16, 0, 0, 500),
      campaignTypes: ['double11'],
      heldSlots: [{ ruleId: 'push_day', slots: 2 }],
    };
    expect(promotionsOf(double11)).toEqual([read]);
    expect(promotionsOf({ ...double11, least_priority: 60 })).toEqual([{ ...read, leastPriority: 60 }]);
    const wrong = { ...double11, starts_at: '2025-11-10 20:00', ends_at: undefined, least: 1 };
    expect(violationsIn({ ...FILE, promotions: [wrong] })).toEqual([
      { field: 'promotions[0].starts_at', rule: 'must be a time such as 2025-11-10T20:00:00+08:00' },
      { field: 'promotions[0].ends_at', rule: 'must be given' },
      { field: 'promotions[0].least', rule: 'is not known' },
    ]);
  });

  it('C5: names what is misspelt, missing or of the wrong type, all at once', () => {
    const wrong = {
      ...FILE,
      version: '3',
      quiethours: [],
      caps: [
        { rule_id: 7, window: {}, cap: 1, scope: [] },
        null,
        {
          rule_id: 'x',
          window: { rolling_ms: 1, calendar_unit: 'day' },
          cap: 1,
          selector: { channel: ['sms'] },
        },
      ],
    };
    expect(violationsIn(wrong).map(({ field }) => field)).toEqual([
      'version',
      'caps[1]',
      'caps[0].rule_id',
      'caps[0].window',
      'caps[0].scope',
      'caps[1].rule_id',
      'caps[1].window',
      'caps[1].cap',
      'caps[2].selector.channel',
      'caps[2].window',
      'quiethours',
    ]);
  });

  it('C5: needs no version', () => {
    const { version: _, ...own } = FILE;
    expect(parseTouchPolicy(JSON.stringify(own))).toEqual({
      ...parseTouchPolicy(JSON.stringify(FILE)),
      version: 1,
    });
  });

  it('C5: a sound shape with an unsound rule is refused with the words of the check', () => {
    const violations = violationsIn({ version: 1, caps: [{ ...FILE.caps[1], cap: -1 }] });
    expect(violations).toMatchObject([{ field: 'caps[0].cap', rule: expect.stringContaining('"all"') }]);
    expect(violationsIn('{')).toMatchObject([{ field: 'policy' }]);
    for (const text of ['[]', '{}', '', '# nothing yet']) {
      expect(violationsIn(text)).toContainEqual({ field: 'policy', rule: expect.stringContaining('must') });
    }
  });

  it('C5: no JSON makes it throw anything else', () => {
    const names = fc.constantFrom(
      'version',
      'caps',
      'rule_id',
      'window',
      'cap',
      'selector',
      'channels',
      '__proto__',
    );
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom<unknown>(null, 1, 'day', true),
        fc.array(tie('json'), { maxLength: 3 }),
        fc.dictionary(names, tie('json'), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(json, (value) => {
        violationsIn(value);
      }),
      { numRuns: 1_000 },
    );
  });
});
