import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ttl } from '../../src/core/time.js';
import { decideTouch } from '../../src/touch/decideTouch.js';
import type { CapRule } from '../../src/touch/touchPolicy.js';
import { commitInLog, releaseInLog, reserveInLog } from '../../src/touch/touchTransitions.js';
import { EMPTY_TOUCH_LOG, type TouchRecord, type UserTouchLog } from '../../src/touch/userTouchLog.js';
import { aCap, aPolicy, aRecord, HOUR, MINUTE } from './builders.js';

const NOON = Date.UTC(2025, 5, 1, 12);
const CONTENT = { channel: 'push', campaignType: 'routine' } as const;

/** What a decision at noon finds above a cap of one an hour. */
function overshoot(records: TouchRecord[], cap: Partial<CapRule> = {}): number {
  return overshootIn({ ...EMPTY_TOUCH_LOG, records }, { caps: [aCap(cap)], nowMs: NOON });
}

function overshootIn(log: UserTouchLog, { caps, nowMs }: { caps: CapRule[]; nowMs: number }): number {
  const { rules } = decideTouch(log, { content: CONTENT, policy: aPolicy({ caps }), timezone: 'UTC', nowMs });
  return Math.max(...rules.map((state) => (state.kind === 'cap' ? state.overshoot : 0)));
}

const sent = (facts: Partial<TouchRecord> = {}) => aRecord({ sentAtMs: NOON - MINUTE, ...facts });
const late = () => sent({ state: { status: 'committed', sentAtMs: NOON - MINUTE, late: true } });

describe('C6: an overshoot', () => {
  it('is every message beyond the cap', () => {
    expect(overshoot([sent()])).toBe(0);
    expect(overshoot([sent(), sent()])).toBe(1);
    expect(overshoot([sent(), sent(), sent()])).toBe(2);
  });

  it('ends when the messages have left the window', () => {
    expect(overshoot([sent(), aRecord({ sentAtMs: NOON - HOUR })])).toBe(0);
  });

  it('is not what was committed late: its slot was free and had been given to another', () => {
    expect(overshoot([sent(), late(), late()])).toBe(0);
  });

  it('C4: is not what was sent though another had taken its slot', () => {
    const state = { status: 'committed', sentAtMs: NOON - MINUTE, late: false, taken: true } as const;
    expect(overshoot([sent(), sent({ state })])).toBe(0);
    expect(overshoot([sent(), sent(), sent({ state })])).toBe(1);
  });

  it('is not what may bypass the cap, but for a ceiling, which nothing bypasses', () => {
    expect(overshoot([sent(), sent({ reason: 'bypass' })])).toBe(0);
    expect(overshoot([sent(), sent({ reason: 'bypass' })], { ceiling: true })).toBe(1);
  });

  it('is not what is held and may never be sent, nor what a shadow rule would have refused', () => {
    const reserved = aRecord({ state: { status: 'reserved' }, expiresAtMs: NOON + MINUTE });
    expect(overshoot([sent(), reserved])).toBe(0);
    expect(overshoot([sent(), sent()], { shadow: true })).toBe(0);
  });

  it('never comes of reservations, commits, releases and time alone, whatever their order', () => {
    const caps = [
      aCap({ id: 'hour', cap: 2 }),
      aCap({ id: 'day', cap: 3, window: { kind: 'calendar', unit: 'day' } }),
    ];
    const steps = fc.array(
      fc.record({
        what: fc.constantFrom('reserve', 'commit', 'release'),
        which: fc.nat(9),
        minutes: fc.nat(25),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (script) => {
        let log = EMPTY_TOUCH_LOG;
        let nowMs = NOON;
        for (const [i, { what, which, minutes }] of script.entries()) {
          nowMs += minutes * MINUTE;
          const permitId = log.records[which % Math.max(1, log.records.length)]?.permitId ?? '';
          log = {
            reserve: () =>
              reserveInLog(log, {
                userId: 'u1',
                requestId: `r${i}`,
                permitId: `p${i}`,
                content: CONTENT,
                policy: aPolicy({ caps }),
                timezone: 'UTC',
                nowMs,
                ttlMs: ttl(10 * MINUTE),
              }).log,
            commit: () => commitInLog(log, { permitId, nowMs }).log,
            release: () => releaseInLog(log, { permitId, nowMs }).log,
          }[what]();
          expect(overshootIn(log, { caps, nowMs })).toBe(0);
        }
      }),
    );
  });
});
