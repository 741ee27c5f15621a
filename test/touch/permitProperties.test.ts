import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { window } from '../../src/core/time.js';
import { MemoryTouchStore } from '../../src/stores/memory/memoryTouchStore.js';
import { calendarPeriod } from '../../src/touch/calendarPeriod.js';
import { createCommitTouch } from '../../src/touch/commitTouch.js';
import { createReleaseTouch } from '../../src/touch/releaseTouch.js';
import { rebuildTouchStore } from '../../src/touch/replayTouchLedger.js';
import { createReserveTouch, type Permit } from '../../src/touch/reserveTouch.js';
import type { CapRule, TouchPolicy } from '../../src/touch/touchPolicy.js';
import type { RawTouchQuestion } from '../../src/touch/validateTouchQuestion.js';
import { steppableClock } from '../support/clock.js';
import { aCap, aPolicy, HOUR, MINUTE, onTheirOwn, ScriptedLedger } from './builders.js';

const TIMEZONE = 'America/Sao_Paulo';
/** A few hours before a day without midnight. */
const START = Date.parse('2018-11-03T20:00Z');

const POLICY: TouchPolicy = aPolicy({
  caps: [
    aCap({ id: 'hour', scope: ['user', 'channel'], cap: 2 }),
    aCap({ id: 'day', window: { kind: 'calendar', unit: 'day' }, cap: 4 }),
    aCap({
      id: 'shop',
      scope: ['user', 'shop'],
      window: { kind: 'rolling', windowMs: window(3 * HOUR) },
      cap: 2,
    }),
    aCap({ id: 'gap', scope: ['user', 'campaign_type'], cap: 50, minGapMs: window(20 * MINUTE) }),
  ],
});

interface Campaign {
  readonly request: number;
  readonly shop: number;
  readonly sms: boolean;
  readonly promotion: boolean;
  readonly priority: number;
}

type Command =
  | { kind: 'reserve'; campaigns: Campaign[] }
  | { kind: 'commit' | 'release'; permit: number }
  | { kind: 'advance' | 'stepBack'; minutes: number }
  | { kind: 'repeatRequest'; permit: number }
  | { kind: 'crash' | 'readLedger' }
  | { kind: 'ledger'; failing: boolean; losingAnswers: boolean; delays: number[] };

const campaign = fc.record({
  // Mostly new ones, and some that come again when the first answer was lost.
  request: fc.oneof(fc.nat(40), fc.nat(2)),
  shop: fc.nat(1),
  sms: fc.boolean(),
  promotion: fc.boolean(),
  priority: fc.constantFrom(0, 0, 50, 90),
});
const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('reserve' as const),
        campaigns: fc.array(campaign, { minLength: 1, maxLength: 6 }),
      }),
    },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('commit' as const), permit: fc.nat(1_000) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const), permit: fc.nat(1_000) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('advance' as const), minutes: fc.nat(90) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('stepBack' as const), minutes: fc.nat(60) }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('repeatRequest' as const), permit: fc.nat(1_000) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('crash' as const, 'readLedger' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('ledger' as const),
        failing: fc.nat(2).map((n) => n === 0),
        losingAnswers: fc.nat(2).map((n) => n === 0),
        delays: fc.array(fc.nat(4), { maxLength: 6 }),
      }),
    },
  ),
  { minLength: 20, maxLength: 120 },
);

/** What the senders know: the permits that they were told of, and what they did with them. */
interface Held {
  readonly permit: Permit;
  readonly question: RawTouchQuestion;
  sentAtMs?: number;
  late?: boolean;
  /** The commit said so, or the ledger does: nobody calls the sender. */
  taken?: boolean;
  released?: boolean;
}

/** Runs the commands against one person and, after each, hands the senders' knowledge to `check`. */
async function live(script: Command[], check: (held: Held[], latestMs: number) => void) {
  const clock = steppableClock(START);
  const ledger = new ScriptedLedger();
  const held: Held[] = [];
  let latestMs = START;
  let store = new MemoryTouchStore();
  let room = build();

  function build() {
    const dependencies = { store, ledger, clock, policy: () => POLICY, ...onTheirOwn(TIMEZONE) };
    return {
      reserve: createReserveTouch(dependencies),
      commit: createCommitTouch(dependencies),
      release: createReleaseTouch(dependencies),
    };
  }

  async function reserve(requestId: string, question: RawTouchQuestion) {
    const answer = await room.reserve({ requestId, question }).catch(() => undefined);
    const permit = answer?.permit;
    if (permit === undefined) return;
    const known = held.find((other) => other.permit.permitId === permit.permitId);
    if (known === undefined) held.push({ permit, question });
    // An answer that allows must stand for a slot that is held, or for a message already sent.
    else expect(known.released).not.toBe(true);
    if (permit.status === 'reserved') expect(permit.expiresAtMs).toBeGreaterThan(clock.nowMs());
  }

  async function apply(command: Command) {
    switch (command.kind) {
      case 'reserve':
        await Promise.all(
          command.campaigns.map(({ request, shop, sms, promotion, priority }) =>
            reserve(`request-${request}-${shop}-${sms}-${promotion}-${priority}`, {
              priority,
              userId: 'user-1',
              channel: sms ? 'sms' : 'push',
              shopId: `shop-${shop}`,
              campaignType: promotion ? 'promotion' : 'routine',
            }),
          ),
        );
        return;
      case 'repeatRequest': {
        const one = held[command.permit % held.length];
        if (one) await reserve(one.permit.requestId, one.question);
        return;
      }
      case 'commit': {
        const one = held[command.permit % held.length];
        if (one === undefined || one.released) return;
        // A sender repeats its commit until it is acknowledged.
        const answer = await room.commit(one.permit).catch(() => undefined);
        if (answer === undefined) {
          ledger.failing = false;
          ledger.losingAnswers = false;
        }
        const { committedAtMs, late, taken } = answer ?? (await room.commit(one.permit));
        if (one.sentAtMs !== undefined) expect(committedAtMs).toBe(one.sentAtMs);
        one.sentAtMs = committedAtMs;
        one.late = late;
        one.taken = taken;
        return;
      }
      case 'release': {
        const one = held[command.permit % held.length];
        if (one === undefined || one.sentAtMs !== undefined) return;
        one.released = true;
        await room.release(one.permit).catch(() => {
          ledger.failing = false;
          ledger.losingAnswers = false;
          return room.release(one.permit);
        });
        return;
      }
      case 'advance':
        clock.stepMs(command.minutes * MINUTE);
        return;
      case 'stepBack':
        clock.stepMs(-command.minutes * MINUTE);
        return;
      case 'crash': {
        store = new MemoryTouchStore();
        await rebuildTouchStore({ ledger, store, pruneBeforeMs: START - 40 * 24 * HOUR });
        room = build();
        return;
      }
      case 'readLedger':
        // On top of what is there, as whoever carries the ledger into a store does all the time.
        await rebuildTouchStore({ ledger, store, pruneBeforeMs: START - 40 * 24 * HOUR });
        return;
      case 'ledger':
        ledger.failing = command.failing;
        ledger.losingAnswers = command.losingAnswers;
        ledger.delays = [...command.delays];
    }
  }

  for (const command of script) {
    await apply(command);
    latestMs = Math.max(latestMs, clock.nowMs());
    for (const entry of ledger.entries) {
      const one = held.find(({ permit }) => 'permitId' in entry && permit.permitId === entry.permitId);
      if (entry.kind === 'taken' && one !== undefined && one.sentAtMs === undefined) one.taken = true;
    }
    check(held, latestMs);
  }
  return { held, latestMs, ledger };
}

const groupOf = (rule: CapRule, { channel, shopId, campaignType }: RawTouchQuestion) =>
  JSON.stringify([
    rule.scope.includes('channel') ? channel : '',
    rule.scope.includes('shop') ? shopId : '',
    rule.scope.includes('campaign_type') ? campaignType : '',
  ]);

/** Groups of times, one for each thing that a rule counts apart. */
function groups(rule: CapRule, held: Held[], timeOf: (one: Held) => number | undefined): number[][] {
  const found = new Map<string, number[]>();
  for (const one of held) {
    const time = timeOf(one);
    if (time === undefined) continue;
    const group = groupOf(rule, one.question);
    found.set(group, [...(found.get(group) ?? []), time]);
  }
  return [...found.values()].map((times) => times.sort((a, b) => a - b));
}

/** Whether touches at two moments, the first not after the second, are in one window of the rule. */
function inOneWindow({ window }: CapRule, first: number, second: number): boolean {
  return window.kind === 'rolling'
    ? second - first < window.windowMs
    : calendarPeriod({ timezone: TIMEZONE, unit: window.unit }, first).endMs > second;
}

/** At every moment at which something was sent: how many were sent in the window that ends there. */
function expectNoOvershoot(held: Held[]) {
  for (const rule of POLICY.caps) {
    // What was sent late, or though it was taken, went out without a slot; the caps answer for the others.
    for (const times of groups(rule, held, (one) => (one.late || one.taken ? undefined : one.sentAtMs))) {
      times.forEach((end, i) => {
        const count = times.filter((time, j) => j <= i && inOneWindow(rule, time, end)).length;
        expect(count, `rule ${rule.id} at ${new Date(end).toISOString()}`).toBeLessThanOrEqual(rule.cap);
        const before = times[i - 1];
        if (rule.minGapMs !== undefined && before !== undefined) {
          expect(end - before).toBeGreaterThanOrEqual(rule.minGapMs);
        }
      });
    }
  }
}

/** Sent and still held together, now: not even a moment in which all held permits were sent at once overshoots. */
function expectHeldWithinCaps(held: Held[], nowMs: number) {
  for (const rule of POLICY.caps) {
    const timeOf = (one: Held) => {
      if (one.released || one.late || one.taken) return undefined;
      if (one.sentAtMs !== undefined) return inOneWindow(rule, one.sentAtMs, nowMs) ? nowMs : undefined;
      return one.permit.expiresAtMs > nowMs ? nowMs : undefined;
    };
    for (const times of groups(rule, held, timeOf)) {
      expect(times.length, `rule ${rule.id} at ${new Date(nowMs).toISOString()}`).toBeLessThanOrEqual(
        rule.cap,
      );
    }
  }
}

/** Nobody takes the slot of an equal, or of one above. */
function expectTakenFromBelow({ entries }: ScriptedLedger) {
  const priorities = new Map(
    entries.flatMap((entry) =>
      entry.kind === 'reserved' ? [[entry.permitId, entry.priority ?? 0] as const] : [],
    ),
  );
  for (const entry of entries) {
    if (entry.kind !== 'taken') continue;
    // Who took it may have been withdrawn, and is in no entry then.
    const above = priorities.get(entry.takenBy) ?? Number.POSITIVE_INFINITY;
    expect(priorities.get(entry.permitId)).toBeLessThan(above);
  }
}

describe('permits', () => {
  it('C4, C6: no sequence of concurrent reserve, take, commit, release, expiry, retry and crash exceeds a cap', async () => {
    let sent = 0;
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(commands, async (script) => {
        const { held, ledger } = await live(script, expectHeldWithinCaps);
        expectNoOvershoot(held);
        expectTakenFromBelow(ledger);
        sent += held.filter((one) => one.sentAtMs !== undefined && !one.late && !one.taken).length;
        taken += held.filter((one) => one.taken).length;
      }),
      { numRuns: 400 },
    );
    expect(sent).toBeGreaterThan(400);
    expect(taken).toBeGreaterThan(400);
  });

  it('C6: caps fill up: with room and no competition every request is granted', async () => {
    const script: Command[] = [0, 1].map((request) => ({
      kind: 'reserve',
      campaigns: [{ request, shop: request, sms: request === 0, promotion: request === 0, priority: 0 }],
    }));
    const { held } = await live(script, () => undefined);
    expect(held).toHaveLength(2);
  });

  it('C6: a rebuild from the ledger gives the log that was lost', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(5), fc.constantFrom('commit', 'release', 'leave'), fc.nat(40)), {
          maxLength: 20,
        }),
        async (steps) => {
          const clock = steppableClock(START);
          const ledger = new ScriptedLedger();
          const store = new MemoryTouchStore();
          const dependencies = {
            store,
            ledger,
            clock,
            policy: () => POLICY,
            ...onTheirOwn(TIMEZONE),
          };
          const reserve = createReserveTouch(dependencies);
          const commit = createCommitTouch(dependencies);
          const release = createReleaseTouch(dependencies);
          for (const [request, then, minutes] of steps) {
            const question = { userId: 'user-1', channel: 'push', shopId: `shop-${request % 2}` };
            const { permit } = await reserve({ requestId: `request-${request}`, question });
            if (permit?.status === 'reserved' && then === 'commit') await commit(permit);
            if (permit?.status === 'reserved' && then === 'release') await release(permit);
            clock.stepMs(minutes * MINUTE);
          }
          const rebuilt = new MemoryTouchStore();
          await rebuildTouchStore({ ledger, store: rebuilt, pruneBeforeMs: 0, pageSize: 3 });
          expect(facts(await rebuilt.read('user-1'))).toEqual(facts(await store.read('user-1')));

          function facts(log: Awaited<ReturnType<MemoryTouchStore['read']>>) {
            return log.records.map(({ repeated: _, ...record }) => record);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
