import { describe, expect, it } from 'vitest';
import {
  CalendarUnit,
  CapCounts,
  CapScope,
  DecisionKind,
  Enforcement,
  Outcome,
  PermitStatus,
} from '../../src/gen/tagrank/v1/touch.js';
import { Channel, Language } from '../../src/gen/tagrank/v1/vocabulary.js';
import { toEpochMs, toTimestamp } from '../../src/server/client.js';
import { defaultTouchPolicy } from '../../src/touch/defaultTouchPolicy.js';
import type { TouchPolicy } from '../../src/touch/touchPolicy.js';
import { validateTouchPolicy } from '../../src/touch/validateTouchPolicy.js';
import { createFakeUseCases, NOW_MS } from './fakeUseCases.js';
import { refusal } from './messages.js';
import { serve } from './serve.js';

const question = { userId: 'u1', channel: Channel.WECOM_DIRECT, shopId: 's1' };

describe('TouchService', () => {
  it('C5: allows, then delays to an exact moment, naming the rule that decided', async () => {
    const { client } = await serve();
    const allowed = await client.canTouch({ question });
    expect(allowed.decision).toMatchObject({ kind: DecisionKind.ALLOW, reasonCode: 'within_caps' });

    const { permit } = await client.reserveTouch({ requestId: 'r1', question });
    expect(permit).toMatchObject({
      status: PermitStatus.RESERVED,
      reservedAt: toTimestamp(NOW_MS),
      expiresAt: toTimestamp(NOW_MS + 600_000),
    });
    await client.commitTouch({ permitId: permit?.permitId ?? '' });

    const { decision } = await client.canTouch({ question: { ...question, language: Language.ZH } });
    expect(decision).toMatchObject({
      kind: DecisionKind.DELAY,
      ruleId: 'wecom_direct_day',
      reasonCode: 'cap_reached',
      decidedAt: toTimestamp(NOW_MS),
    });
    expect(decision?.reason).toMatch(/[\u4e00-\u9fff]/);
    // The day ends at midnight, and the night after it at eight.
    expect(toEpochMs(decision?.notBefore)).toBe(Date.UTC(2024, 5, 13, 8));
    expect(decision?.ruleStates).toContainEqual(
      expect.objectContaining({
        ruleId: 'wecom_direct_day',
        enforcement: Enforcement.ENFORCED,
        used: 1n,
        cap: 1n,
        opensAt: toTimestamp(Date.UTC(2024, 5, 13)),
      }),
    );
  });

  it('C6: a repeated request gets the same permit, and a changed one is refused', async () => {
    const { client } = await serve();
    const first = await client.reserveTouch({ requestId: 'r1', question, ttlMs: 5_000n });
    const again = await client.reserveTouch({ requestId: 'r1', question, ttlMs: 5_000n });
    expect([first.repeated, again.repeated]).toEqual([false, true]);
    expect(again.permit).toEqual(first.permit);
    expect(again.permit?.expiresAt).toEqual(toTimestamp(NOW_MS + 5_000));
    const changed = await refusal(
      client.reserveTouch({ requestId: 'r1', question: { ...question, channel: Channel.EMAIL } }),
    );
    expect(changed.code).toBe('FAILED_PRECONDITION');
    expect(changed.details).toMatch(/^request_id: /);
  });

  it('C6: what was released cannot be committed, and an unknown permit is NOT_FOUND', async () => {
    const { client } = await serve();
    const { permit } = await client.reserveTouch({ requestId: 'r1', question });
    const permitId = permit?.permitId ?? '';
    expect(await client.releaseTouch({ permitId })).toEqual({ expired: false, taken: false });
    expect((await refusal(client.commitTouch({ permitId }))).code).toBe('FAILED_PRECONDITION');
    const unknown = permitId.replace(/[0-9a-f]{4}$/, (end) => (end === '0000' ? '1111' : '0000'));
    expect((await refusal(client.commitTouch({ permitId: unknown }))).code).toBe('NOT_FOUND');
    expect((await refusal(client.commitTouch({ permitId: 'nonsense' }))).code).toBe('INVALID_ARGUMENT');
  });

  it('C5: what the channel refused frees its slot where the cap counts what was accepted', async () => {
    const shipped = defaultTouchPolicy();
    const caps = shipped.caps.map((rule) => ({ ...rule, counts: 'accepted' as const }));
    const { client } = await serve(createFakeUseCases({ policy: { ...shipped, caps } }).useCases);
    const { permit } = await client.reserveTouch({ requestId: 'r1', question });
    const permitId = permit?.permitId ?? '';
    await client.commitTouch({ permitId, onlyIfHeld: true });
    const kind = async () => (await client.canTouch({ question })).decision?.kind;
    await client.recordOutcome({ userId: 'u1', permitId, outcome: Outcome.UNDELIVERED });
    expect(await kind()).toBe(DecisionKind.DELAY);
    await client.recordOutcome({ userId: 'u1', permitId, outcome: Outcome.REJECTED });
    expect(await kind()).toBe(DecisionKind.ALLOW);
  });

  it('C8: who unsubscribed without naming a channel is left alone on all of them', async () => {
    const { client } = await serve();
    await client.recordOutcome({ userId: 'u1', outcome: Outcome.UNSUBSCRIBED });
    const { decision } = await client.canTouch({ question });
    expect(decision).toMatchObject({
      kind: DecisionKind.DENY,
      ruleId: 'left_alone',
      reasonCode: 'left_alone',
    });
    expect(decision?.notBefore).toBeUndefined();
  });

  it.each([
    ['an unknown channel', { ...question, channel: 99 as Channel }, 'question.channel'],
    ['no channel', { ...question, channel: Channel.UNSPECIFIED }, 'question.channel'],
    ['no user', { ...question, userId: '' }, 'question.user_id'],
    ['a priority above 100', { ...question, priority: 101 }, 'question.priority'],
    ['a priority below 0', { ...question, priority: -1 }, 'question.priority'],
    ['an unknown language', { ...question, language: 9 as Language }, 'question.language'],
    [
      'a deadline out of all calendars',
      { ...question, deadline: { seconds: 1n, nanos: -1 } },
      'question.deadline',
    ],
    ['nothing at all', undefined, 'question'],
  ])('refuses %s by field', async (_, bad, field) => {
    const { client } = await serve();
    const asked = await refusal(client.canTouch({ question: bad }));
    expect([asked.code, asked.details.split(': ')[0]]).toEqual(['INVALID_ARGUMENT', field]);
    const reserved = await refusal(client.reserveTouch({ requestId: 'r1', question: bad }));
    expect([reserved.code, reserved.details.split(': ')[0]]).toEqual(['INVALID_ARGUMENT', field]);
  });

  it('C8: refuses an outcome on a channel that it does not know, rather than take it for all channels', async () => {
    const { client } = await serve();
    const unsubscribed = { userId: 'u1', outcome: Outcome.UNSUBSCRIBED, channel: 99 as Channel };
    expect((await refusal(client.recordOutcome(unsubscribed))).details).toMatch(/^channel: must be one of/);
    expect((await refusal(client.recordOutcome({ userId: 'u1' }))).details).toMatch(
      /^outcome: must be one of/,
    );
  });

  it('hands on every field of a policy, and refuses one with a code that nobody knows', async () => {
    const { touch } = createFakeUseCases().useCases;
    const handed: TouchPolicy[] = [];
    const setPolicy = async (policy: TouchPolicy) => handed.push(validateTouchPolicy(policy));
    const { client } = await serve({ touch: { ...touch, setPolicy } });
    const { policy } = await client.getTouchPolicy({});
    expect(await client.setTouchPolicy({ policy })).toEqual({ version: 1n });
    expect(handed).toEqual([touch.policy()]);
    const learning = {
      campaignTypes: ['routine'],
      exceptCampaignTypes: ['content'],
      budget: { defaultPerDay: 0.5, unsubscribeCost: 90, shadow: true },
      goodHour: { exploredRatio: 0.03, shadow: true },
    };
    await client.setTouchPolicy({ policy: { ...policy, learning } });
    expect(handed[1]).toEqual({ ...touch.policy(), learning });
    await client.setTouchPolicy({ policy: { ...policy, learning: {} } });
    expect(handed[2]).toEqual({ ...touch.policy(), learning: {} });

    const promotions = [
      {
        promotionId: 'double11',
        startsAt: { seconds: 1_762_862_400n, nanos: 5_000_000 },
        endsAt: { seconds: 1_762_948_800n, nanos: 0 },
        selector: { campaignTypes: ['double11'] },
        leastPriority: 60,
        heldSlots: [{ ruleId: 'push_day', slots: 2 }],
      },
    ];
    await client.setTouchPolicy({ policy: { ...policy, promotions } });
    expect(handed[3]).toEqual({
      ...touch.policy(),
      promotions: [
        {
          id: 'double11',
          startMs: 1_762_862_400_005,
          endMs: 1_762_948_800_000,
          campaignTypes: ['double11'],
          leastPriority: 60,
          heldSlots: [{ ruleId: 'push_day', slots: 2 }],
        },
      ],
    });
    const counting = [CapCounts.ATTEMPT, CapCounts.ACCEPTED, CapCounts.DELIVERED];
    const countingCaps = counting.map((counts, i) => ({ ...policy?.caps[0], ruleId: `cap-${i}`, counts }));
    await client.setTouchPolicy({ policy: { caps: countingCaps } });
    expect(handed[4]?.caps.map(({ counts }) => counts)).toEqual(['attempt', 'accepted', 'delivered']);
    const endless = [{ ...promotions[0], endsAt: undefined }];
    const unsound = await refusal(client.setTouchPolicy({ policy: { ...policy, promotions: endless } }));
    expect(unsound.details).toContain('promotions[0].ends_at: must be given; must be a valid time');

    const caps = (policy?.caps ?? []).map((rule) => ({ ...rule, scopes: [99 as CapScope] }));
    const refused = await refusal(client.setTouchPolicy({ policy: { ...policy, caps } }));
    expect(refused.details).toContain(
      'caps[0].scopes[0]: must be one of CAP_SCOPE_CHANNEL, CAP_SCOPE_SHOP, CAP_SCOPE_CAMPAIGN_TYPE',
    );
    expect((await refusal(client.setTouchPolicy({}))).details).toContain('policy: must be given');
  });

  it('shows the policy in force', async () => {
    const { client } = await serve();
    const { policy } = await client.getTouchPolicy({});
    expect(policy?.caps[0]).toEqual({
      ruleId: 'service_account_month',
      counts: CapCounts.UNSPECIFIED,
      scopes: [CapScope.CHANNEL],
      selector: {
        channels: [Channel.SERVICE_ACCOUNT],
        campaignTypes: [],
        exceptCampaignTypes: ['transactional'],
        shopIds: [],
      },
      window: { window: { $case: 'calendarUnit', value: CalendarUnit.MONTH } },
      cap: 4n,
      minimumGapMs: undefined,
      ceiling: true,
      shadow: false,
    });
    expect(policy?.caps.find(({ ruleId }) => ruleId === 'all_channels_24h')?.window).toEqual({
      window: { $case: 'rollingMs', value: 86_400_000n },
    });
    expect(policy?.quietHours[0]).toMatchObject({ ruleId: 'night', startMinute: 1320, endMinute: 480 });
    expect(policy?.campaignTypes).toEqual([
      {
        campaignType: 'transactional',
        bypassesCaps: true,
        countsTowardCaps: false,
        bypassesQuietHours: true,
      },
    ]);
  });
});
