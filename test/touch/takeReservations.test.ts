import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { window } from '../../src/core/time.js';
import { decideTouch } from '../../src/touch/decideTouch.js';
import type { TouchContent } from '../../src/touch/touch.js';
import type { CapRule, TouchPolicy } from '../../src/touch/touchPolicy.js';
import type { TouchRecord } from '../../src/touch/userTouchLog.js';
import { aCap, aPolicy, aQuietRule, aRecord, HOUR, MINUTE } from './builders.js';

const NOON = Date.UTC(2025, 5, 1, 12);
const URGENT: TouchContent = { channel: 'push', campaignType: 'routine', shopId: 'a', priority: 50 };

function reserved(priority: number, facts: Partial<TouchContent> = {}, minutesAgo = 1): TouchRecord {
  return aRecord({
    state: { status: 'reserved' },
    reservedAtMs: NOON - minutesAgo * MINUTE,
    expiresAtMs: NOON + 10 * MINUTE,
    content: { ...(priority > 0 && { priority }), ...facts },
  });
}

function ask(records: TouchRecord[], policy: TouchPolicy, content: TouchContent = URGENT) {
  return decideTouch({ records, marks: [] }, { content, policy, timezone: 'UTC', nowMs: NOON });
}

const onePerHour = aPolicy({ caps: [aCap()] });

describe('C4: a touch of higher priority', () => {
  it('takes the slot of a reservation where the cap is full, and says so', () => {
    const lower = reserved(49);
    const decision = ask([lower], onePerHour);
    expect(decision).toMatchObject({
      kind: 'allow',
      ruleId: 'cap-1',
      reason: 'takes_reservation',
      takes: [lower],
      rules: [{ used: 1, cap: 1, passes: false }],
    });
    expect(decision.words).toEqual({
      en: 'Goes first: 1 reservation of lower priority gives up its slot (rule cap-1).',
      zh: '优先发送:1 条低优先级的预留让出名额(规则 cap-1)。',
    });
  });

  it('takes nothing where there is room', () => {
    expect(ask([reserved(0)], aPolicy({ caps: [aCap({ cap: 2 })] }))).toMatchObject({
      reason: 'within_caps',
      takes: [],
    });
  });

  it('takes nothing from its equals, from what was sent, nor from what is in the way of no full cap', () => {
    for (const other of [reserved(50), reserved(51), aRecord({ sentAtMs: NOON - MINUTE })]) {
      expect(ask([other], onePerHour)).toMatchObject({ kind: 'delay', reason: 'cap_reached', takes: [] });
    }
    const policy = aPolicy({ caps: [aCap({ channels: ['push'] })] });
    expect(ask([reserved(0, { channel: 'sms' }), reserved(50)], policy).kind).toBe('delay');
  });

  it('takes the lowest priority first, then the one reserved last', () => {
    const [early, late, higher] = [reserved(10, {}, 5), reserved(10, {}, 2), reserved(20, {}, 1)];
    const full = (cap: number) => aPolicy({ caps: [aCap({ cap })] });
    expect(ask([early, late, higher], full(3)).takes).toEqual([late]);
    expect(ask([late, higher, early], full(2)).takes).toEqual([late, early]);
    expect(ask([higher, late, early], full(1)).takes).toEqual([late, early, higher]);
  });

  it('takes one that is in the way of two caps rather than one for each', () => {
    const policy = aPolicy({
      caps: [aCap({ id: 'push', channels: ['push'], cap: 2 }), aCap({ id: 'shop', shopIds: ['a'], cap: 2 })],
    });
    const both = reserved(40, { shopId: 'a' });
    const records = [reserved(0), reserved(0, { channel: 'sms', shopId: 'a' }), both];
    expect(ask(records, policy).takes).toEqual([both]);
  });

  it('takes whoever keeps it waiting by a minimum gap, but no gap after what was sent', () => {
    const policy = aPolicy({ caps: [aCap({ cap: 9, minGapMs: window(HOUR) })] });
    const lower = [reserved(0), reserved(7)];
    expect(ask(lower, policy)).toMatchObject({ reason: 'takes_reservation', takes: lower });
    expect(ask([...lower, aRecord({ sentAtMs: NOON - MINUTE })], policy)).toMatchObject({
      kind: 'delay',
      reason: 'min_gap',
      notBeforeMs: NOON - MINUTE + HOUR,
    });
  });

  it('takes nothing while anything but caps is in the way, and knows when nothing else will be', () => {
    const night = aPolicy({
      caps: [aCap()],
      quietHours: [aQuietRule({ startMinute: 12 * 60, endMinute: 12 * 60 + 5 })],
    });
    const records = [reserved(0)];
    expect(ask(records, night)).toMatchObject({
      kind: 'delay',
      reason: 'quiet_hours',
      notBeforeMs: NOON + 5 * MINUTE,
      takes: [],
    });
    const forbidden = aPolicy({ caps: [aCap({ cap: 0 })] });
    expect(ask(records, forbidden)).toMatchObject({ kind: 'deny', reason: 'forbidden' });
    const marks = [{ outcome: 'muted', atMs: NOON } as const];
    const question = { content: URGENT, policy: onePerHour, timezone: 'UTC', nowMs: NOON };
    expect(decideTouch({ records, marks }, question)).toMatchObject({ reason: 'left_alone', takes: [] });
    expect(decideTouch({ records, marks: [] }, { ...question, deadlineMs: NOON - 1 })).toMatchObject({
      kind: 'deny',
      reason: 'after_deadline',
      takes: [],
    });
  });

  it('leaves what is held for a promotion to it, also of its reservations', () => {
    const policy = aPolicy({
      caps: [aCap({ cap: 2 })],
      promotions: [
        {
          id: 'double11',
          campaignTypes: ['double11'],
          startMs: NOON,
          endMs: NOON + HOUR,
          heldSlots: [{ ruleId: 'cap-1', slots: 1 }],
        },
      ],
    });
    const own = reserved(0, { campaignType: 'double11' });
    expect(ask([own, aRecord({ sentAtMs: NOON - MINUTE })], policy)).toMatchObject({ kind: 'delay' });
    const routine = reserved(0, {}, 5);
    expect(ask([own, routine], policy).takes).toEqual([routine]);
    // More than is held of it is as good as any other.
    const more = reserved(0, { campaignType: 'double11' }, 3);
    expect(ask([own, more], policy).takes).toEqual([own]);
  });

  it('takes the fewest possible, and none of a priority as high as its own', () => {
    const content = fc.record(
      {
        channel: fc.constantFrom('push' as const, 'sms' as const),
        campaignType: fc.constantFrom('routine', 'promotion'),
        shopId: fc.constantFrom('a', 'b'),
        priority: fc.constantFrom(10, 20, 50),
      },
      { requiredKeys: ['channel', 'campaignType', 'shopId'] },
    );
    const caps = fc.array(
      fc.record({
        scope: fc.subarray(['channel', 'shop', 'campaign_type'] as const),
        cap: fc.integer({ min: 1, max: 4 }),
        isGap: fc.nat(9),
      }),
      { minLength: 1, maxLength: 4 },
    );
    const touch = fc.record({ content, sent: fc.nat(5), minutesAgo: fc.nat(4) });
    const counts = new Map<number, number>();
    fc.assert(
      fc.property(caps, fc.array(touch, { maxLength: 9 }), content, (rules, touches, asked) => {
        const policy = aPolicy({
          caps: rules.map(
            ({ scope, cap, isGap }, i): CapRule =>
              aCap({
                id: `cap-${i}`,
                scope: ['user', ...scope],
                cap,
                ...(isGap === 0 && { minGapMs: window(2 * MINUTE) }),
              }),
          ),
        });
        const records = touches.map(({ content: other, sent, minutesAgo }) =>
          sent === 0
            ? aRecord({ sentAtMs: NOON - minutesAgo * MINUTE, content: other })
            : reserved(0, other, minutesAgo),
        );
        const isAllowedWithout = (taken: readonly TouchRecord[]) => {
          const { priority: _, ...message } = asked;
          const rest = records.filter((record) => !taken.includes(record));
          return ask(rest, policy, message).kind === 'allow';
        };
        const below = records
          .map((record, i) => ({ record, i, priority: record.content.priority ?? 0 }))
          .filter(
            ({ record, priority }) => record.state.status === 'reserved' && priority < (asked.priority ?? 0),
          )
          .sort(
            (a, b) => a.priority - b.priority || b.record.reservedAtMs - a.record.reservedAtMs || b.i - a.i,
          )
          .map(({ record }) => record);
        const [first] = Array.from({ length: 2 ** below.length }, (_, mask) =>
          below.map((_record, rank) => rank).filter((rank) => mask & (2 ** rank)),
        )
          .filter((ranks) => isAllowedWithout(ranks.map((rank) => below[rank]!)))
          .sort(
            (a, b) => a.length - b.length || a.map((rank, i) => rank - b[i]!).find((by) => by !== 0) || 0,
          );
        const decision = ask(records, policy, asked);
        expect(decision.kind === 'allow').toBe(first !== undefined);
        expect(decision.takes).toEqual((first ?? []).map((rank) => below[rank]));
        counts.set(decision.takes.length, (counts.get(decision.takes.length) ?? 0) + 1);
      }),
      { numRuns: 3_000 },
    );
    for (const size of [1, 2, 3]) expect(counts.get(size)).toBeGreaterThan(5);
  });
});
