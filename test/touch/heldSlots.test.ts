import { describe, expect, it } from 'vitest';
import { ttl, window } from '../../src/core/time.js';
import { decideTouch } from '../../src/touch/decideTouch.js';
import type { Promotion } from '../../src/touch/promotion.js';
import type { RuleState } from '../../src/touch/ruleState.js';
import type { TouchContent } from '../../src/touch/touch.js';
import type { CapRule } from '../../src/touch/touchPolicy.js';
import type { TouchRecord } from '../../src/touch/userTouchLog.js';
import { aCap, aPolicy, aRecord, DAY, HOUR, MINUTE } from './builders.js';

/** A Tuesday, 20:00 in Shanghai. */
const START = Date.parse('2025-11-11T12:00Z');
const END = START + DAY;
const WEEK = 7 * DAY;

const ROUTINE: TouchContent = { channel: 'push', campaignType: 'routine' };
const OWN: TouchContent = { channel: 'push', campaignType: 'double11' };

function aPromotion(facts: Partial<Promotion> = {}): Promotion {
  return {
    id: 'double11',
    campaignTypes: ['double11'],
    startMs: START,
    endMs: END,
    heldSlots: [{ ruleId: 'week', slots: 2 }],
    ...facts,
  };
}

/** Three a rolling week, two of which are held, and sent at once, unless the test says otherwise. */
function ask(
  atMs: number,
  {
    content = ROUTINE,
    records = [],
    cap = {},
    promotions = [aPromotion()],
    deadlineMs,
    ttlMs = 1,
  }: {
    content?: TouchContent;
    records?: TouchRecord[];
    cap?: Partial<CapRule>;
    promotions?: Promotion[];
    deadlineMs?: number;
    ttlMs?: number;
  } = {},
) {
  const week = aCap({ id: 'week', window: { kind: 'rolling', windowMs: window(WEEK) }, cap: 3, ...cap });
  const policy = aPolicy({ caps: [week], promotions });
  return decideTouch(
    { records, marks: [] },
    { content, policy, timezone: 'Asia/Shanghai', nowMs: atMs, deadlineMs, ttlMs: ttl(ttlMs) },
  );
}

const sent = (sentAtMs: number, content: Partial<TouchContent> = ROUTINE) => aRecord({ sentAtMs, content });

function capOf({ rules }: { rules: readonly RuleState[] }) {
  const [state] = rules;
  if (state?.kind !== 'cap') throw new Error('no cap was asked');
  return state;
}

describe('C4: slots held back for a promotion', () => {
  it('are missing to everybody else from the moment at which a touch would still count when it begins', () => {
    const records = [sent(START - WEEK + HOUR)];
    expect(ask(START - WEEK, { records: [sent(START - WEEK - HOUR)] })).toMatchObject({ kind: 'allow' });
    expect(ask(START - WEEK + 1, { records: [sent(START - WEEK - HOUR)] })).toMatchObject({
      kind: 'delay',
      reason: 'slots_held',
      ruleId: 'week',
      notBeforeMs: START - HOUR,
    });
    const refused = ask(START, { records });
    expect(refused).toMatchObject({ kind: 'delay', reason: 'slots_held', notBeforeMs: START + HOUR });
    expect(capOf(refused)).toMatchObject({ used: 1, held: 2, heldFor: ['double11'], cap: 3, passes: false });
  });

  it('are named with their promotion, in both languages', () => {
    const { words } = ask(START, { records: [sent(START - HOUR)] });
    expect(words.en).toBe(
      'What is left is kept for a promotion: week, 1 of 3 used and 2 kept for double11 per 7 d. Free at 2025-11-12 20:00 (Asia/Shanghai).',
    );
    expect(words.zh).toBe(
      '剩余名额为大促保留:week(每7 天 3 条,已用 1 条,为 double11 保留 2 条)。2025-11-12 20:00 (Asia/Shanghai) 后可发。',
    );
  });

  it('are free again at its end, to the millisecond', () => {
    const records = [sent(END - HOUR)];
    expect(ask(END - 1, { records })).toMatchObject({ kind: 'delay', notBeforeMs: END });
    expect(ask(END, { records }).kind).toBe('allow');
  });

  it('in a calendar window are held from the beginning of the period that it begins in', () => {
    const cap = { window: { kind: 'calendar', unit: 'week' }, cap: 2 } as const;
    const monday = Date.parse('2025-11-10T00:00+08:00');
    expect(ask(monday - 1, { cap })).toMatchObject({ kind: 'allow' });
    expect(capOf(ask(monday - 1, { cap })).held).toBe(0);
    expect(ask(monday, { cap })).toMatchObject({ kind: 'delay', reason: 'slots_held', notBeforeMs: END });
  });

  it('are held from whatever may be sent as late as that, to the last millisecond of its reservation', () => {
    const records = [sent(START - WEEK - HOUR)];
    for (const ttlMs of [10 * MINUTE, DAY]) {
      expect(ask(START - WEEK - ttlMs + 1, { records, ttlMs }).kind).toBe('allow');
      expect(ask(START - WEEK - ttlMs + 2, { records, ttlMs })).toMatchObject({
        kind: 'delay',
        reason: 'slots_held',
        notBeforeMs: START - HOUR,
      });
    }
    // The day before, for a message that goes out after midnight.
    const cap = { window: { kind: 'calendar', unit: 'day' }, cap: 2 } as const;
    const midnight = Date.parse('2025-11-11T00:00+08:00');
    expect(ask(midnight - HOUR, { cap, ttlMs: HOUR }).kind).toBe('allow');
    expect(ask(midnight - HOUR + 1, { cap, ttlMs: HOUR })).toMatchObject({
      kind: 'delay',
      reason: 'slots_held',
      notBeforeMs: END,
    });
  });

  it('are asked about as of a reservation of ten minutes, where none is made', () => {
    const policy = aPolicy({
      caps: [aCap({ id: 'week', window: { kind: 'calendar', unit: 'day' }, cap: 2 })],
      promotions: [aPromotion()],
    });
    const kindAt = (nowMs: number) =>
      decideTouch({ records: [], marks: [] }, { content: ROUTINE, policy, timezone: 'Asia/Shanghai', nowMs })
        .kind;
    const midnight = Date.parse('2025-11-11T00:00+08:00');
    expect(kindAt(midnight - 10 * MINUTE)).toBe('allow');
    expect(kindAt(midnight - 10 * MINUTE + 1)).toBe('delay');
  });

  it('leave its own messages the whole cap, and never more', () => {
    const records = [sent(START - 3 * HOUR), sent(START - 2 * HOUR, OWN)];
    expect(ask(START, { content: OWN, records })).toMatchObject({ kind: 'allow' });
    expect(capOf(ask(START, { content: OWN, records }))).toMatchObject({ used: 2, held: 0, heldFor: [] });
    expect(ask(START, { content: OWN, records: [...records, sent(START - HOUR, OWN)] })).toMatchObject({
      kind: 'delay',
      reason: 'cap_reached',
      notBeforeMs: START - 3 * HOUR + WEEK,
    });
  });

  it('are fewer by what it has used in the window already, reservations included', () => {
    const held = (records: TouchRecord[]) => capOf(ask(START, { records })).held;
    expect(held([sent(START - HOUR, OWN)])).toBe(1);
    expect(held([sent(START - WEEK, OWN)])).toBe(2);
    const reserved = aRecord({
      content: OWN,
      state: { status: 'reserved' },
      expiresAtMs: START + MINUTE,
    });
    expect(held([sent(START - HOUR, OWN), reserved])).toBe(0);
    expect(held([1, 2, 3].map((n) => sent(START - n * HOUR, OWN)))).toBe(0);
  });

  it('never make less of a cap than nothing', () => {
    const promotions = ['a', 'b'].map((id) => aPromotion({ id, campaignTypes: [id] }));
    const decision = ask(START, { promotions });
    expect(decision).toMatchObject({ kind: 'delay', reason: 'slots_held', notBeforeMs: END });
    expect(capOf(decision)).toMatchObject({ used: 0, held: 3, heldFor: ['a', 'b'] });
  });

  it('are for its priority, and seen by any message with as much', () => {
    const promotions = [aPromotion({ leastPriority: 60 })];
    const records = [sent(START - HOUR)];
    const kind = (content: TouchContent) => ask(START, { content, promotions, records }).kind;
    expect(kind({ ...OWN, priority: 60 })).toBe('allow');
    expect(kind({ ...OWN, priority: 59 })).toBe('delay');
    expect(kind(OWN)).toBe('delay');
    expect(kind({ ...ROUTINE, priority: 60 })).toBe('allow');
    // What another used of the cap is none of the promotion's slots.
    const other = sent(START - HOUR, { ...ROUTINE, priority: 80 });
    expect(capOf(ask(START, { promotions, records: [other] })).held).toBe(2);
    const own = sent(START - HOUR, { ...OWN, priority: 60 });
    expect(capOf(ask(START, { promotions, records: [own] })).held).toBe(1);
  });

  it('are held when the next free slot comes, so that a wait ends with the promotion', () => {
    const reserved = aRecord({ state: { status: 'reserved' }, expiresAtMs: START - WEEK + HOUR });
    const records = [sent(START - 2 * WEEK + 2 * HOUR), sent(START - WEEK - HOUR), reserved];
    // A slot frees at START - WEEK + HOUR, but two are held by then.
    const decision = ask(START - WEEK, { records });
    expect(decision).toMatchObject({ kind: 'delay', reason: 'cap_reached', notBeforeMs: START - HOUR });
    expect(ask(START - HOUR - 1, { records })).toMatchObject({ kind: 'delay', reason: 'slots_held' });
    expect(ask(START - HOUR, { records }).kind).toBe('allow');
  });

  it('refuse what would be worthless by then', () => {
    const records = [sent(END - HOUR)];
    expect(ask(START, { records, deadlineMs: END - 1 })).toMatchObject({
      kind: 'deny',
      reason: 'after_deadline',
      notBeforeMs: END,
    });
  });
});
