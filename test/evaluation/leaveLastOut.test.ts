import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leaveLastOut } from '../../src/evaluation/leaveLastOut.js';
import { splitBehaviours } from '../../src/evaluation/split.js';
import { TARGET_KINDS } from '../../src/evaluation/targets.js';
import { did } from './behaviours.js';
import { drawnLog, drawnProducts } from './drawnLog.js';

const products = [{ productId: 'p1' }, { productId: 'p2' }, { productId: 'late', createdAtMs: 150 }];
const held = (behaviours: ReturnType<typeof did>[], targetKind: 'next' | 'any' | 'purchase' = 'next') =>
  leaveLastOut({ behaviours, products, splitAtMs: 100, targetKind });

describe('leave last out', () => {
  it('holds back the last choice of each, and asks just before it', () => {
    const { split, later, leftOut } = held([
      did('u', 'browse', 'p1', 10),
      did('u', 'browse', 'p2', 110),
      did('u', 'purchase', 'p1', 120),
      did('u', 'review', 'p1', 130),
      did('v', 'browse', 'p2', 20),
      did('v', 'browse', 'late', 115),
    ]);
    expect(split.protocol).toBe('leave-last-out');
    expect(split.users).toEqual([
      {
        userId: 'v',
        askedAtMs: 115,
        historyLength: 1,
        seenTargets: [],
        newTargets: ['late'],
        // Created at 150, and not acted on before: nobody could have known.
        unreachableTargets: 1,
      },
      {
        userId: 'u',
        askedAtMs: 120,
        historyLength: 2,
        seenTargets: ['p1'],
        newTargets: [],
        unreachableTargets: 0,
      },
    ]);
    expect(split.before).toHaveLength(2);
    expect(later).toHaveLength(4);
    expect(leftOut).toEqual({ beforeSplit: 0, firstChoice: 0 });
  });

  it('takes a basket for one choice, and foretells all of it', () => {
    const basket = [did('u', 'purchase', 'p1', 120), did('u', 'purchase', 'p2', 120)];
    const { split } = held([did('u', 'purchase', 'p1', 10), ...basket]);
    expect(split.users[0]).toMatchObject({ historyLength: 1, seenTargets: ['p1'], newTargets: ['p2'] });
    expect(held(basket)).toMatchObject({ split: { users: [] }, leftOut: { firstChoice: 1 } });
  });

  it('passes over what is no target: looking again at what was ordered, unless any counts', () => {
    const log = [
      did('u', 'browse', 'p2', 10),
      did('u', 'purchase', 'p1', 110),
      did('u', 'browse', 'p1', 120),
    ];
    expect(held(log).split.users[0]?.askedAtMs).toBe(110);
    expect(held(log, 'any').split.users[0]?.askedAtMs).toBe(120);
  });

  it('leaves out who chose last before the split, and whose last choice is the first', () => {
    const { split, leftOut } = held([
      did('past', 'browse', 'p1', 10),
      did('past', 'browse', 'p2', 99),
      did('past', 'refund', 'p2', 140),
      did('once', 'browse', 'p1', 110),
      did('edge', 'browse', 'p1', 10),
      did('edge', 'browse', 'p2', 100),
    ]);
    expect(split.users.map(({ userId }) => userId)).toEqual(['edge']);
    expect(leftOut).toEqual({ beforeSplit: 1, firstChoice: 1 });
  });

  it('asks what a split at that very moment would ask, and nothing follows that counts', () => {
    fc.assert(
      fc.property(
        drawnLog,
        drawnProducts,
        fc.integer({ min: 0, max: 60 }),
        fc.constantFrom(...TARGET_KINDS),
        (behaviours, known, splitAtMs, targetKind) => {
          const { split } = leaveLastOut({ behaviours, products: known, splitAtMs, targetKind });
          for (const user of split.users) {
            const at = user.askedAtMs;
            const until = (ms: number) => behaviours.filter(({ occurredAtMs }) => occurredAtMs <= ms);
            const asked = (log: typeof behaviours, atMs: number) =>
              splitBehaviours({ behaviours: log, products: known, splitAtMs: atMs, targetKind }).users.find(
                ({ userId }) => userId === user.userId,
              );
            expect(user).toEqual(asked(until(at), at));
            expect(user.historyLength).toBeGreaterThan(0);
            for (const later of behaviours) {
              const { occurredAtMs } = later;
              if (occurredAtMs <= at || later.userId !== user.userId) continue;
              expect(asked(until(occurredAtMs), occurredAtMs)).toBeUndefined();
            }
          }
        },
      ),
    );
  });
});
