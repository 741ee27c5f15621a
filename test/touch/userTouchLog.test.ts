import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ttl, window } from '../../src/core/time.js';
import { MemoryTouchStore } from '../../src/stores/memory/memoryTouchStore.js';
import { createCommitTouch } from '../../src/touch/commitTouch.js';
import { createReleaseTouch } from '../../src/touch/releaseTouch.js';
import { rebuildTouchStore, replayEntry } from '../../src/touch/replayTouchLedger.js';
import { createReserveTouch } from '../../src/touch/reserveTouch.js';
import { reserveInLog } from '../../src/touch/touchTransitions.js';
import { settledLog, TOUCH_IDS_KEPT_MS, type UserTouchLog } from '../../src/touch/userTouchLog.js';
import { NOON_MS } from '../support/builders.js';
import { steppableClock } from '../support/clock.js';
import { aCap, aPolicy, aRecord, DAY, HOUR, MINUTE, onTheirOwn, ScriptedLedger } from './builders.js';

const logOf = (...records: UserTouchLog['records'][number][]): UserTouchLog => ({ records, marks: [] });

describe('a log that a reservation settles', () => {
  const content = {
    channel: 'push',
    campaignType: 'promotion',
    shopId: 'shop-1',
    campaignId: 'june',
  } as const;
  const touch = aRecord({ sentAtMs: NOON_MS, content });
  const endMs = touch.expiresAtMs;

  it('keeps the ids of what ended up to three days ago', () => {
    expect(settledLog(logOf(touch), endMs + TOUCH_IDS_KEPT_MS)).toEqual(logOf(touch));
  });

  it('keeps of what ended before only what caps count, and when it was reserved', () => {
    const { campaignId: _, ...counted } = content;
    const forgotten = { ...touch, content: counted, permitId: '', requestId: '', ruleId: '' };
    const settled = settledLog(logOf(touch), endMs + TOUCH_IDS_KEPT_MS + 1);
    expect(settled).toEqual(logOf(forgotten));
    expect(settledLog(settled, endMs + 40 * DAY)).toEqual(settled);
  });

  it('C6: what ran out is final before it is forgotten', () => {
    const held = aRecord({ sentAtMs: NOON_MS, state: { status: 'reserved' } });
    const states = (nowMs: number) => settledLog(logOf(held), nowMs).records.map(({ state }) => state.status);
    expect(states(held.expiresAtMs - 1)).toEqual(['reserved']);
    expect(states(held.expiresAtMs)).toEqual(['expired']);
    expect(states(NOON_MS + 9 * DAY)).toEqual(['expired']);
  });

  it('C6: caps and gaps decide the same on what was forgotten', () => {
    const policy = aPolicy({
      caps: [
        aCap({ id: 'month', window: { kind: 'calendar', unit: 'month' }, cap: 3 }),
        aCap({
          id: 'shop',
          scope: ['user', 'shop'],
          window: { kind: 'rolling', windowMs: window(20 * DAY) },
          cap: 2,
          minGapMs: window(5 * DAY),
        }),
      ],
    });
    const records = fc.array(fc.record({ daysAgo: fc.nat(30), shop: fc.nat(1), held: fc.boolean() }), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(records, fc.nat(1), (touches, shop) => {
        const log = logOf(
          ...touches.map(({ daysAgo, shop, held }) =>
            aRecord({
              sentAtMs: NOON_MS - daysAgo * DAY,
              content: { shopId: `shop-${shop}` },
              ...(held && { state: { status: 'reserved' } as const }),
            }),
          ),
        );
        const question = {
          userId: 'user-1',
          requestId: 'new',
          permitId: 'new',
          content: { ...content, shopId: `shop-${shop}` },
          policy,
          timezone: 'UTC',
          nowMs: NOON_MS,
          ttlMs: ttl(10 * MINUTE),
        };
        const { outcome } = reserveInLog(settledLog(log, NOON_MS), question);
        const decided = (kind: typeof outcome) => ('decision' in kind ? kind.decision : kind);
        expect(decided(outcome)).toEqual(decided(reserveInLog(log, question).outcome));
      }),
    );
  });
});

describe('a ledger replayed over a log', () => {
  it('C6: finds what was forgotten there, and adds nothing', () => {
    const entry = {
      kind: 'reserved',
      userId: 'user-1',
      requestId: 'request-1',
      permitId: 'permit-1',
      channel: 'push',
      campaignType: 'routine',
      shopId: 'shop-1',
      campaignId: 'june',
      atMs: NOON_MS,
      expiresAtMs: NOON_MS + 10 * MINUTE,
      policyVersion: 7,
      ruleId: 'cap-1',
      reason: 'within_caps',
    } as const;
    const committed = {
      kind: 'committed',
      userId: 'user-1',
      permitId: 'permit-1',
      atMs: NOON_MS,
      late: false,
    } as const;
    const later = { ...entry, requestId: 'request-2', permitId: 'permit-2', atMs: NOON_MS + 9 * DAY };
    const entries = [entry, committed, later];
    const once = entries.reduce(replayEntry, logOf());
    expect(once.records.map(({ permitId }) => permitId)).toEqual(['', 'permit-2']);
    expect([...entries, ...entries].reduce(replayEntry, once)).toEqual(once);
    const other = { ...entry, shopId: 'shop-2', permitId: 'permit-3' };
    expect(replayEntry(once, other).records).toHaveLength(3);
  });

  it('C6: finds the permit of a commit that came before, and got into the ledger after, another reservation', () => {
    const [permitId, sentAtMs] = ['permit-1', NOON_MS + 72 * HOUR];
    const reserved = {
      kind: 'reserved',
      userId: 'user-1',
      requestId: 'request-1',
      permitId,
      channel: 'push',
      campaignType: 'routine',
      atMs: NOON_MS - 10 * MINUTE,
      expiresAtMs: NOON_MS,
      policyVersion: 7,
      ruleId: 'cap-1',
      reason: 'within_caps',
    } as const;
    const other = {
      requestId: 'request-2',
      permitId: 'permit-2',
      atMs: sentAtMs + 1,
      expiresAtMs: sentAtMs + 2,
    };
    const committed = { kind: 'committed', userId: 'user-1', permitId, atMs: sentAtMs, late: true } as const;
    const log = [reserved, { ...reserved, ...other }, committed].reduce(replayEntry, logOf());
    expect(log.records[0]?.state).toEqual({ status: 'committed', sentAtMs, late: true });
  });

  it('C6: gives the log that was lost, and over the log that is there changes nothing', async () => {
    const policy = aPolicy({ caps: [aCap({ scope: ['user', 'shop'], cap: 2 })] });
    const step = fc.tuple(
      fc.nat(5),
      fc.constantFrom('commit', 'release', 'leave'),
      fc.oneof(
        fc.nat(40).map((minutes) => minutes * MINUTE),
        fc.nat(38).map((hours) => hours * HOUR),
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const clock = steppableClock(NOON_MS);
        const ledger = new ScriptedLedger();
        const store = new MemoryTouchStore();
        const dependencies = { store, ledger, clock, policy: () => policy, ...onTheirOwn('UTC') };
        const reserve = createReserveTouch(dependencies);
        const commit = createCommitTouch(dependencies);
        const release = createReleaseTouch(dependencies);
        for (const [request, then, waitMs] of steps) {
          const question = {
            userId: 'user-1',
            channel: 'push',
            shopId: `shop-${request % 2}`,
            campaignId: 'june',
          };
          const { permit } = await reserve({ requestId: `request-${request}`, question });
          if (permit?.status === 'reserved' && then === 'commit') await commit(permit);
          if (permit?.status === 'reserved' && then === 'release') await release(permit);
          clock.stepMs(waitMs);
        }
        const facts = ({ records }: UserTouchLog) => records.map(({ repeated: _, ...record }) => record);
        const lost = await store.read('user-1');
        const rebuilt = new MemoryTouchStore();
        await rebuildTouchStore({ ledger, store: rebuilt, pruneBeforeMs: 0, pageSize: 3 });
        // A replay may know the ids of what was never sent for longer; the next reservation forgets them.
        const asOfNow = (log: UserTouchLog) => facts(settledLog(log, clock.nowMs()));
        expect(asOfNow(await rebuilt.read('user-1'))).toEqual(asOfNow(lost));
        await rebuildTouchStore({ ledger, store, pruneBeforeMs: 0 });
        expect(facts(await store.read('user-1'))).toEqual(facts(lost));
      }),
      { numRuns: 300 },
    );
  });
});
