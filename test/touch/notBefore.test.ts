import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { window } from '../../src/core/time.js';
import { decideTouch } from '../../src/touch/decideTouch.js';
import type { Promotion } from '../../src/touch/promotion.js';
import type { CapRule, QuietHoursRule, TouchPolicy } from '../../src/touch/touchPolicy.js';
import type { TouchRecord } from '../../src/touch/userTouchLog.js';
import { aPolicy, aRecord, HOUR, MINUTE } from './builders.js';

/** Everything in this test happens on the half hour, so that a search by half hours misses nothing. */
const STEP = 30 * MINUTE;
const SHOPS = ['shop-1', 'shop-2'] as const;
const CHANNELS = ['push', 'sms'] as const;

/** Around days on which clocks change, in zones whose clocks change by half hours or hours. */
const PLACES = [
  { timezone: 'America/Sao_Paulo', from: '2018-11-02T00:00Z' },
  { timezone: 'America/Sao_Paulo', from: '2018-02-15T00:00Z' },
  { timezone: 'Africa/Cairo', from: '2024-04-24T00:00Z' },
  { timezone: 'Africa/Cairo', from: '2024-10-30T00:00Z' },
  { timezone: 'Australia/Lord_Howe', from: '2025-04-04T00:00Z' },
  { timezone: 'Europe/Berlin', from: '2025-10-24T00:00Z' },
  { timezone: 'Asia/Shanghai', from: '2025-06-27T00:00Z' },
] as const;

const selector = fc.record(
  {
    channels: fc.constantFrom(['push'] as const, ['sms'] as const, CHANNELS),
    shopIds: fc.constantFrom(['shop-1'] as const, SHOPS),
  },
  { requiredKeys: [] },
);

const cap: fc.Arbitrary<Omit<CapRule, 'id'>> = fc
  .record({
    selector,
    scope: fc.subarray(['channel', 'shop', 'campaign_type'] as const),
    window: fc.oneof(
      fc.integer({ min: 1, max: 100 }).map((steps) => ({
        kind: 'rolling' as const,
        windowMs: window(steps * STEP),
      })),
      fc.constantFrom('day' as const, 'week' as const, 'month' as const).map((unit) => ({
        kind: 'calendar' as const,
        unit,
      })),
    ),
    cap: fc.integer({ min: 1, max: 3 }),
    minGapMs: fc.option(
      fc.integer({ min: 1, max: 30 }).map((steps) => window(steps * STEP)),
      {
        nil: undefined,
      },
    ),
    shadow: fc.nat(9).map((n) => n === 0),
  })
  .map(({ selector: selected, scope, ...rest }) => ({
    ...selected,
    ...rest,
    scope: ['user' as const, ...scope],
    ceiling: false,
  }));

const quiet: fc.Arbitrary<Omit<QuietHoursRule, 'id'>> = fc
  .record({ start: fc.nat(47), length: fc.integer({ min: 1, max: 30 }), selector })
  .map(({ start, length, selector: selected }) => ({
    ...selected,
    startMinute: start * 30,
    endMinute: ((start + length) % 48) * 30,
    shadow: false,
  }));

const policies: fc.Arbitrary<TouchPolicy> = fc
  .record({ caps: fc.array(cap, { maxLength: 4 }), quietHours: fc.array(quiet, { maxLength: 2 }) })
  .map(({ caps, quietHours }) =>
    aPolicy({
      caps: caps.map((rule, i) => ({ ...rule, id: `cap-${i}` })),
      quietHours: quietHours.map((rule, i) => ({ ...rule, id: `quiet-${i}` })),
    }),
  );

const contents = fc.record(
  {
    channel: fc.constantFrom(...CHANNELS),
    campaignType: fc.constantFrom('routine', 'promotion'),
    shopId: fc.constantFrom(...SHOPS),
    priority: fc.constantFrom(30, 60),
  },
  { requiredKeys: ['channel', 'campaignType', 'shopId'] },
);

/** A promotion that begins `steps` half hours from now, and what it holds of each cap. */
const promotions = fc.array(
  fc
    .record({
      steps: fc.integer({ min: -60, max: 120 }),
      length: fc.integer({ min: 1, max: 100 }),
      selector: fc.oneof(
        fc.record({ campaignTypes: fc.constant(['promotion']) }),
        fc.record({ shopIds: fc.constantFrom(['shop-1'], ['shop-2']) }),
      ),
      leastPriority: fc.option(fc.constantFrom(20, 50), { nil: undefined }),
      slots: fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
    })
    .map(({ selector: selected, ...rest }) => ({ ...selected, ...rest })),
  { maxLength: 2 },
);

type Announced = typeof promotions extends fc.Arbitrary<infer Value> ? Value : never;

function withPromotions(
  policy: TouchPolicy,
  { nowMs, announced }: { nowMs: number; announced: Announced },
): TouchPolicy {
  return {
    ...policy,
    promotions: announced.map(({ steps, length, slots, ...facts }, i) => ({
      ...facts,
      id: `promotion-${i}`,
      startMs: nowMs + steps * STEP,
      endMs: nowMs + (steps + length) * STEP,
      heldSlots: policy.caps.flatMap(({ id, cap: most }, at) => {
        const held = Math.min(slots[at] ?? 0, most);
        return held === 0 ? [] : [{ ruleId: id, slots: held }];
      }),
    })),
  };
}

/** A touch `steps` half hours before now: sent, or still reserved for a while. */
const touches = fc.array(
  fc.record({
    content: contents,
    steps: fc.nat(120),
    status: fc.constantFrom(
      'committed' as const,
      'committed' as const,
      'reserved' as const,
      'released' as const,
    ),
    holds: fc.integer({ min: -2, max: 20 }),
  }),
  { maxLength: 12 },
);

/** The date and time that the wall clock shows, by a formatter of our own, apart from the code under test. */
const shown = new Map<string, { date: string; minute: number; weekStart: string }>();
function wallOf(timezone: string, atMs: number) {
  const key = `${timezone} ${atMs}`;
  const known = shown.get(key);
  if (known) return known;
  const text = new Date(atMs).toLocaleString('sv-SE', { timeZone: timezone });
  const [date = '', time = ''] = text.split(' ');
  const noon = new Date(`${date}T12:00Z`);
  noon.setUTCDate(noon.getUTCDate() - ((noon.getUTCDay() + 6) % 7));
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const wall = { date, minute: hours * 60 + minutes, weekStart: noon.toISOString().slice(0, 10) };
  shown.set(key, wall);
  return wall;
}

type Content = TouchRecord['content'];
const matches = (rule: Pick<CapRule, 'channels' | 'shopIds'>, { channel, shopId = '' }: Content) =>
  (!rule.channels || rule.channels.includes(channel)) && (!rule.shopIds || rule.shopIds.includes(shopId));

const isOf = ({ campaignTypes, leastPriority = 0, ...rest }: Promotion, content: Content) =>
  matches(rest, content) &&
  (campaignTypes?.includes(content.campaignType) ?? true) &&
  (content.priority ?? 0) >= leastPriority;

/** The rules by their definition, asked about one moment: nothing of how the code finds its answer. */
function allowedAt(
  {
    policy,
    records,
    content,
    timezone,
  }: { policy: TouchPolicy; records: TouchRecord[]; content: Content; timezone: string },
  atMs: number,
): boolean {
  const wall = wallOf(timezone, atMs);
  for (const rule of policy.quietHours) {
    if (!matches(rule, content)) continue;
    const { startMinute: start, endMinute: end } = rule;
    const inside =
      start < end ? wall.minute >= start && wall.minute < end : wall.minute >= start || wall.minute < end;
    if (inside) return false;
  }
  for (const rule of policy.caps) {
    if (rule.shadow || !matches(rule, content)) continue;
    const scoped = records.filter(
      (record) =>
        matches(rule, record.content) &&
        (!rule.scope.includes('channel') || record.content.channel === content.channel) &&
        (!rule.scope.includes('shop') || record.content.shopId === content.shopId) &&
        (!rule.scope.includes('campaign_type') || record.content.campaignType === content.campaignType),
    );
    const held = scoped.filter((r) => r.state.status === 'reserved' && r.expiresAtMs > atMs).length;
    const sentAt = scoped.flatMap((r) => (r.state.status === 'committed' ? [r.state.sentAtMs] : []));
    const inWindow = sentAt.filter((sentMs) => isWithin(rule, sentMs, atMs)).length;
    if (held + inWindow + keptFor(rule, atMs) >= rule.cap) return false;
    const gapMs = rule.minGapMs;
    if (gapMs !== undefined && (held > 0 || sentAt.some((sentMs) => atMs - sentMs < gapMs))) return false;

    function keptFor(of: CapRule, nowMs: number): number {
      const holding = scoped.filter((r) =>
        r.state.status === 'committed'
          ? isWithin(of, r.state.sentAtMs, nowMs)
          : r.state.status === 'reserved' && r.expiresAtMs > nowMs,
      );
      const holders = (policy.promotions ?? []).filter(({ heldSlots, startMs, endMs }) => {
        const firstMs = Math.max(nowMs, startMs);
        return (
          heldSlots.some(({ ruleId }) => ruleId === of.id) && firstMs < endMs && isWithin(of, nowMs, firstMs)
        );
      });
      let kept = 0;
      for (const [i, promotion] of holders.entries()) {
        if (isOf(promotion, content)) continue;
        const { leastPriority } = promotion;
        if (leastPriority !== undefined && (content.priority ?? 0) >= leastPriority) continue;
        const own = holding.filter(
          (r) =>
            isOf(promotion, r.content) && !holders.slice(0, i).some((earlier) => isOf(earlier, r.content)),
        );
        const { slots = 0 } = promotion.heldSlots.find(({ ruleId }) => ruleId === of.id) ?? {};
        kept += Math.max(slots - own.length, 0);
      }
      return kept;
    }
  }
  return true;

  function isWithin({ window: span }: CapRule, sentMs: number, nowMs: number): boolean {
    if (span.kind === 'rolling') return nowMs - sentMs < span.windowMs;
    const [sent, now] = [wallOf(timezone, sentMs), wallOf(timezone, nowMs)];
    if (span.unit === 'day') return sent.date === now.date;
    if (span.unit === 'week') return sent.weekStart === now.weekStart;
    return sent.date.slice(0, 7) === now.date.slice(0, 7);
  }
}

/**
 * The choice of reservations of lower priority without which the rules allow, out of all choices: of the
 * smallest the one that goes first by its lowest ranks. Nothing at all comes first; undefined when none will do.
 */
function choiceAt(asked: Parameters<typeof allowedAt>[0], atMs: number): TouchRecord[] | undefined {
  const { records, content } = asked;
  const below = records
    .map((record, i) => ({ record, i, priority: record.content.priority ?? 0 }))
    .filter(
      ({ record, priority }) =>
        record.state.status === 'reserved' && record.expiresAtMs > atMs && priority < (content.priority ?? 0),
    )
    .sort((a, b) => a.priority - b.priority || b.record.reservedAtMs - a.record.reservedAtMs || b.i - a.i)
    .map(({ record }) => record);
  const choices = Array.from({ length: 2 ** below.length }, (_, mask) =>
    below.map((_record, rank) => rank).filter((rank) => mask & (2 ** rank)),
  );
  const [first] = choices
    .filter((ranks) => {
      const taken = ranks.map((rank) => below[rank]);
      return allowedAt({ ...asked, records: records.filter((record) => !taken.includes(record)) }, atMs);
    })
    .sort((a, b) => a.length - b.length || a.map((rank, i) => rank - b[i]!).find((by) => by !== 0) || 0);
  return first?.map((rank) => below[rank]!);
}

describe('not_before', () => {
  it('C4, C5: is the first moment that a search through all moments finds, also when slots are held or taken', () => {
    let delays = 0;
    let held = 0;
    let taken = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...PLACES),
        fc.nat(5 * 48),
        policies,
        touches,
        contents,
        promotions,
        (place, offset, rules, sent, content, announced) => {
          const { timezone } = place;
          const nowMs = Date.parse(place.from) + offset * STEP;
          const policy = withPromotions(rules, { nowMs, announced });
          const records = sent.map(({ steps, status, holds, content: touched }) => {
            const atMs = nowMs - steps * STEP;
            const state = status === 'committed' ? { status, sentAtMs: atMs, late: false } : { status };
            return aRecord({ sentAtMs: atMs, state, expiresAtMs: nowMs + holds * STEP, content: touched });
          });
          const log = { records, marks: [] };
          const ask = (atMs: number) => decideTouch(log, { content, policy, timezone, nowMs: atMs });

          let searched = nowMs;
          const asked = { policy, records, content, timezone };
          const endMs = nowMs + 45 * 24 * HOUR;
          while (choiceAt(asked, searched) === undefined && searched < endMs) searched += STEP;

          const decision = ask(nowMs);
          if (decision.reason === 'never_open') {
            expect(searched).toBe(endMs);
          } else if (decision.kind === 'allow') {
            expect(searched).toBe(nowMs);
            expect(decision.takes).toEqual(choiceAt(asked, nowMs));
            if (decision.takes.length > 0) taken += 1;
          } else {
            delays += 1;
            if (decision.reason === 'slots_held') held += 1;
            expect(decision).toMatchObject({ kind: 'delay', notBeforeMs: searched });
            expect(ask(searched - 1).kind).toBe('delay');
            expect(ask(searched).kind).toBe('allow');
            expect(ask(searched - 1)).toMatchObject({ notBeforeMs: searched });
          }
        },
      ),
      { numRuns: 1_500 },
    );
    expect(delays).toBeGreaterThan(300);
    expect(held).toBeGreaterThan(30);
    expect(taken).toBeGreaterThan(10);
  });
});
