import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ttl, window } from '../../src/core/time.js';
import type { TouchContent } from '../../src/touch/touch.js';
import type { CapWindow } from '../../src/touch/touchPolicy.js';
import { commitInLog, reserveInLog } from '../../src/touch/touchTransitions.js';
import { EMPTY_TOUCH_LOG, type UserTouchLog } from '../../src/touch/userTouchLog.js';
import { aCap, aPolicy, DAY, HOUR, MINUTE } from './builders.js';
import { endOfUnit } from './model/plainClock.js';

const START = Date.parse('2025-11-11T00:00Z');
const ROUTINE: TouchContent = { channel: 'push', campaignType: 'routine' };
const OWN: TouchContent = { channel: 'push', campaignType: 'double11' };

interface Wish {
  readonly atMs: number;
  readonly isOwn: boolean;
  readonly ttlMs: number;
  /** At which part of its time it is sent, 0 to 1; never when absent. */
  readonly sentAfter: number | undefined;
}

interface Sent {
  readonly isOwn: boolean;
  readonly atMs: number;
}

const wish: fc.Arbitrary<Wish> = fc.record({
  atMs: fc
    .constantFrom(HOUR, 12 * HOUR, 4 * DAY)
    .chain((farthest) => fc.integer({ min: START - farthest, max: START + farthest })),
  isOwn: fc.boolean(),
  ttlMs: fc.constantFrom(1_000, 10 * MINUTE, 6 * HOUR, DAY),
  sentAfter: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 8, nil: undefined }),
});
const capWindow: fc.Arbitrary<CapWindow> = fc.oneof(
  fc
    .constantFrom(HOUR, 5 * HOUR, DAY, 3 * DAY)
    .map((ms) => ({ kind: 'rolling' as const, windowMs: window(ms) })),
  fc.constantFrom('day', 'week', 'month').map((unit) => ({ kind: 'calendar' as const, unit: unit as 'day' })),
);

/** What was sent, and the log, as they are at each moment at which something is sent or asked for. */
class Person {
  log: UserTouchLog = EMPTY_TOUCH_LOG;
  readonly sent: Sent[] = [];
  readonly #window: CapWindow;

  constructor(capWindow: CapWindow) {
    this.#window = capWindow;
  }

  send(permitId: string, { isOwn, atMs }: Sent): void {
    const { log, outcome } = commitInLog(this.log, { permitId, nowMs: atMs });
    expect(outcome).toMatchObject({ kind: 'committed', record: { state: { late: false } } });
    this.log = log;
    this.sent.push({ isOwn, atMs });
  }

  inWindow(isOwn: boolean, atMs: number): number {
    const capWindow = this.#window;
    return this.sent.filter(
      (one) =>
        one.isOwn === isOwn &&
        (capWindow.kind === 'rolling'
          ? atMs - one.atMs < capWindow.windowMs
          : atMs < endOfUnit('UTC', capWindow.unit, one.atMs)),
    ).length;
  }
}

describe('C4: slots held for a promotion', () => {
  it('are there for it while it runs, whenever others were reserved and however late they were sent', () => {
    let heldMoments = 0;
    fc.assert(
      fc.property(
        capWindow,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom(HOUR, 5 * HOUR, DAY),
        fc.array(wish, { minLength: 4, maxLength: 24 }),
        (counted, cap, wanted, lengthMs, wishes) => {
          const [slots, endMs] = [Math.min(cap, wanted), START + lengthMs];
          const policy = aPolicy({
            caps: [aCap({ id: 'cap', cap, window: counted })],
            promotions: [
              {
                id: 'double11',
                campaignTypes: ['double11'],
                startMs: START,
                endMs,
                heldSlots: [{ ruleId: 'cap', slots }],
              },
            ],
          });
          const person = new Person(counted);
          const due: { permitId: string; isOwn: boolean; atMs: number }[] = [];
          const sendUntil = (atMs: number): void => {
            for (const one of due.filter((other) => other.atMs <= atMs).sort((a, b) => a.atMs - b.atMs)) {
              due.splice(due.indexOf(one), 1);
              person.send(one.permitId, one);
              if (one.atMs < START || one.atMs >= endMs) continue;
              heldMoments += 1;
              expect(person.inWindow(false, one.atMs)).toBeLessThanOrEqual(cap - slots);
            }
          };
          for (const [i, { atMs, isOwn, ttlMs, sentAfter }] of wishes
            .toSorted((a, b) => a.atMs - b.atMs)
            .entries()) {
            sendUntil(atMs);
            const permitId = `p-${i}`;
            const { log, outcome } = reserveInLog(person.log, {
              userId: 'u',
              requestId: `r-${i}`,
              permitId,
              content: isOwn ? OWN : ROUTINE,
              policy,
              timezone: 'UTC',
              nowMs: atMs,
              ttlMs: ttl(ttlMs),
            });
            const runs = START <= atMs && atMs < endMs;
            const own = person.log.records.filter(
              ({ content, state, expiresAtMs }) =>
                content.campaignType === 'double11' && state.status === 'reserved' && expiresAtMs > atMs,
            );
            const isOwed = isOwn && runs && person.inWindow(true, atMs) + own.length < slots;
            if (isOwed) expect(outcome.kind).toBe('granted');
            person.log = log;
            if (outcome.kind !== 'granted' || sentAfter === undefined) continue;
            due.push({ permitId, isOwn, atMs: atMs + Math.floor(sentAfter * (ttlMs - 1)) });
          }
          sendUntil(Number.POSITIVE_INFINITY);
        },
      ),
      { numRuns: 2_000 },
    );
    expect(heldMoments).toBeGreaterThan(1_000);
  });
});
