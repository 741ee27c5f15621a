import { describe, expect, it } from 'vitest';
import {
  type CalendarUnit,
  CanTouchBatchRequest,
  type CapCounts,
  type CapScope,
  type Outcome,
  type TouchPolicy,
} from '../../src/gen/tagrank/v1/touch.js';
import { Channel, type Language } from '../../src/gen/tagrank/v1/vocabulary.js';
import { Outcome as Outcomes, type TagRankClient } from '../../src/server/client.js';
import { validateTouchPolicy } from '../../src/touch/validateTouchPolicy.js';
import { createFakeUseCases, NOW_MS } from './fakeUseCases.js';
import { refusal } from './messages.js';
import { serve } from './serve.js';

const question = { userId: 'u1', channel: Channel.PUSH };
const CHANNELS =
  'must be one of CHANNEL_SERVICE_ACCOUNT, CHANNEL_WECOM_DIRECT, CHANNEL_WECOM_GROUP, CHANNEL_MOMENTS, ' +
  'CHANNEL_SMS, CHANNEL_PHONE, CHANNEL_PUSH, CHANNEL_EMAIL';
const TIME = 'must be a valid time of the years 1 to 9999';
const farOff = { seconds: 253_402_300_800n, nanos: 0 };
const longAgo = { seconds: -62_135_596_801n, nanos: 0 };

/** A server that checks policies and keeps none. */
async function client(): Promise<TagRankClient> {
  const { touch } = createFakeUseCases().useCases;
  const setPolicy: typeof touch.setPolicy = async (policy) => validateTouchPolicy(policy).version;
  return (await serve({ touch: { ...touch, setPolicy } })).client;
}

describe('a refusal of TouchService names the field and the way out, as the caller writes it', () => {
  it.each<[string, (client: TagRankClient) => Promise<unknown>, string]>([
    ['no channel', (c) => c.canTouch({ question: { userId: 'u1' } }), `question.channel: ${CHANNELS}`],
    [
      'a deadline after all years',
      (c) => c.canTouch({ question: { ...question, deadline: farOff } }),
      `question.deadline: ${TIME}`,
    ],
    [
      'a deadline before all years',
      (c) => c.canTouch({ question: { ...question, deadline: longAgo } }),
      `question.deadline: ${TIME}`,
    ],
    [
      'a blank user',
      (c) => c.canTouch({ question: { ...question, userId: ' ' } }),
      'question.user_id: must not be blank',
    ],
    [
      'a reservation longer than any, when asked about it',
      (c) => c.canTouch({ question, ttlMs: 86_400_001n }),
      'ttl_ms: must be a whole number from 1000 to 86400000',
    ],
    [
      'a blank shop',
      (c) => c.canTouch({ question: { ...question, shopId: ' ' } }),
      'question.shop_id: must not be blank',
    ],
    [
      'a blank request',
      (c) => c.reserveTouch({ requestId: '\u3000', question }),
      'request_id: must not be blank',
    ],
    [
      'a language',
      (c) => c.getTouchHistory({ userId: 'u1', language: 9 as Language }),
      'language: must be LANGUAGE_EN or LANGUAGE_ZH',
    ],
    [
      'a page below 0',
      (c) => c.getTouchHistory({ userId: 'u1', pageSize: -1 }),
      'page_size: must be a whole number from 1 to 1000, or 0 for 100',
    ],
    [
      'a page above 1,000',
      (c) => c.getTouchHistory({ userId: 'u1', pageSize: 1_001 }),
      'page_size: must be a whole number from 1 to 1000, or 0 for 100',
    ],
    [
      'what is no permit',
      (c) => c.commitTouch({ permitId: 'p1' }),
      'permit_id: must be one that ReserveTouch gave',
    ],
    ['no permit', (c) => c.releaseTouch({}), 'permit_id: must be one that ReserveTouch gave'],
    [
      'no outcome',
      (c) => c.recordOutcome({ userId: 'u1', outcome: 99 as Outcome }),
      'outcome: must be one of OUTCOME_DELIVERED, OUTCOME_OPENED,',
    ],
    [
      'an open of nothing',
      (c) => c.recordOutcome({ userId: 'u1', outcome: Outcomes.OPENED }),
      'channel: must be given for opened, or permit_id',
    ],
    [
      'a refusal of no message',
      (c) => c.recordOutcome({ userId: 'u1', outcome: Outcomes.REJECTED }),
      'permit_id: must be given for rejected',
    ],
    [
      'a failure of no message of ours',
      (c) => c.recordOutcome({ userId: 'u1', outcome: Outcomes.UNDELIVERED, permitId: 'p1' }),
      'permit_id: must be one that ReserveTouch gave',
    ],
    [
      'a cap of what is read',
      (c) =>
        c.setTouchPolicy({
          policy: {
            caps: [
              {
                ruleId: 'a',
                cap: 1n,
                window: { window: { $case: 'rollingMs', value: 1_000n } },
                counts: 9 as CapCounts,
              },
            ],
          },
        }),
      'caps[0].counts: must be one of CAP_COUNTS_ATTEMPT, CAP_COUNTS_ACCEPTED, CAP_COUNTS_DELIVERED',
    ],
    [
      'an outcome after all years',
      (c) => c.recordOutcome({ userId: 'u1', outcome: Outcomes.MUTED, occurredAt: farOff }),
      `occurred_at: ${TIME}`,
    ],
    [
      'an order after all years',
      (c) => c.attributeOrder({ userId: 'u1', orderedAt: farOff }),
      `ordered_at: ${TIME}`,
    ],
  ])('%s', async (_, call, details) => {
    const refused = await refusal(call(await client()));
    expect(refused.code).toBe('INVALID_ARGUMENT');
    expect(refused.details.slice(0, details.length)).toBe(details);
    // One finding for one mistake.
    expect(refused.details).not.toContain('; ');
  });

  it('no policy, and one that says nothing, so that nobody lifts all caps by an empty call', async () => {
    for (const policy of [undefined, {}, { version: 3n }]) {
      const refused = await refusal((await client()).setTouchPolicy({ policy }));
      expect(refused).toMatchObject({
        code: 'INVALID_ARGUMENT',
        details: 'policy: must be given, with at least one rule',
      });
    }
  });

  it('also in an answer of a batch', async () => {
    const stream = (await client()).canTouchBatch();
    const answered = new Promise<{ results: { violations: object[] }[] }>((resolve) =>
      stream.once('data', resolve),
    );
    stream.end(CanTouchBatchRequest.fromPartial({ questions: [{ userId: 'u1' }] }));
    const { results } = await answered;
    expect(results[0]?.violations).toEqual([{ field: 'questions[0].channel', rule: CHANNELS }]);
  });

  it.each<[string, (policy: TouchPolicy) => void, string]>([
    [
      'a cap without a window',
      ({ caps }) => {
        first(caps).window = undefined;
      },
      'caps[0].window: must have either rolling_ms or calendar_unit',
    ],
    [
      'an empty window',
      ({ caps }) => {
        first(caps).window = { window: undefined };
      },
      'caps[0].window: must have either rolling_ms or calendar_unit',
    ],
    [
      'a window of no unit',
      ({ caps }) => {
        first(caps).window = { window: { $case: 'calendarUnit', value: 9 as CalendarUnit } };
      },
      'caps[0].window.calendar_unit: must be one of CALENDAR_UNIT_DAY, CALENDAR_UNIT_WEEK, CALENDAR_UNIT_MONTH',
    ],
    [
      'a scope',
      ({ caps }) => {
        first(caps).scopes = [9 as CapScope];
      },
      'caps[0].scopes[0]: must be one of CAP_SCOPE_CHANNEL, CAP_SCOPE_SHOP, CAP_SCOPE_CAMPAIGN_TYPE',
    ],
    [
      'a channel',
      ({ caps }) => {
        first(caps).selector = {
          channels: [99 as Channel],
          campaignTypes: [],
          exceptCampaignTypes: [],
          shopIds: [],
        };
      },
      `caps[0].selector.channels[0]: ${CHANNELS}`,
    ],
    [
      'midnight as the last minute',
      ({ quietHours }) => {
        first(quietHours).endMinute = 1_440;
      },
      'quiet_hours[0].end_minute: must be a whole number from 0 (midnight) to 1439',
    ],
    [
      'a promotion without its times',
      (policy) => {
        policy.promotions = [{ ...PROMOTION, startsAt: undefined, endsAt: undefined }];
      },
      `promotions[0].starts_at: must be given; ${TIME} (promotion "double11"); promotions[0].ends_at: must be given; ${TIME}`,
    ],
    [
      'a promotion after all years',
      (policy) => {
        policy.promotions = [{ ...PROMOTION, endsAt: farOff }];
      },
      `promotions[0].ends_at: must be given; ${TIME}`,
    ],
    [
      'a budget of too little',
      (policy) => {
        policy.learning = {
          campaignTypes: [],
          exceptCampaignTypes: [],
          budget: { defaultPerDay: 0.1, shadow: false },
          goodHour: undefined,
        };
      },
      'learning.budget.default_per_day: must be a number from 0.1429 (one a week) to 4',
    ],
  ])('%s in a policy', async (_, spoil, details) => {
    const asked = await client();
    const { policy } = await asked.getTouchPolicy({});
    if (policy === undefined) throw new Error('expected a policy');
    spoil(policy);
    const refused = await refusal(asked.setTouchPolicy({ policy }));
    expect(refused.code).toBe('INVALID_ARGUMENT');
    expect(refused.details.slice(0, details.length)).toBe(details);
  });
});

const PROMOTION = {
  promotionId: 'double11',
  startsAt: { seconds: BigInt(NOW_MS / 1_000), nanos: 0 },
  endsAt: { seconds: BigInt(NOW_MS / 1_000 + 86_400), nanos: 0 },
  selector: { channels: [], campaignTypes: ['double11'], exceptCampaignTypes: [], shopIds: [] },
  leastPriority: 0,
  heldSlots: [{ ruleId: 'push_day', slots: 1 }],
};

function first<Rule>(rules: readonly Rule[]): Rule {
  const [rule] = rules;
  if (rule === undefined) throw new Error('expected a rule');
  return rule;
}
