import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replayEntry } from '../../src/touch/replayTouchLedger.js';
import { hasMoved, homeIn, type TouchHome, withHomes } from '../../src/touch/touchHome.js';
import { EMPTY_TOUCH_LOG, type UserTouchLog } from '../../src/touch/userTouchLog.js';
import { aRecord } from './builders.js';

const OWNER = 'a';
const log: UserTouchLog = { records: [aRecord()], marks: [] };

/** Words of a truth: each change has a seq of its own, and says one thing of one id. */
const words = fc
  .array(fc.record({ userId: fc.constantFrom(...'abc'), homeId: fc.constantFrom(...'abcx') }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((said) => said.map((word, i): TouchHome => ({ ...word, seq: i + 1, inLedger: false })));

const told = (said: readonly TouchHome[], one: UserTouchLog = log) =>
  said.reduce((sofar, word) => withHomes({ ownerId: OWNER, log: sofar }, [word]), one);

describe('where a log says that touches are kept', () => {
  it('T7: property: of its own id it believes the latest word, in whatever order and how often words come', () => {
    fc.assert(
      fc.property(
        words.chain((said) =>
          fc.tuple(fc.constant(said), fc.shuffledSubarray(said, { minLength: said.length })),
        ),
        ([said, shuffled]) => {
          const latest = said.findLast(({ userId }) => userId === OWNER)?.homeId ?? OWNER;
          for (const order of [said, shuffled, [...shuffled, ...said]]) {
            expect(homeIn({ ownerId: OWNER, log: told(order) }, OWNER)).toBe(latest);
          }
        },
      ),
    );
  });

  it('T7: property: a log that has not moved holds whom the latest word brought to it', () => {
    fc.assert(
      fc.property(words, (said) => {
        const after = told(said.filter(({ userId }) => userId !== OWNER));
        for (const userId of ['b', 'c']) {
          const latest = said.findLast((word) => word.userId === userId)?.homeId ?? userId;
          expect(homeIn({ ownerId: OWNER, log: after }, userId) === OWNER).toBe(latest === OWNER);
        }
      }),
    );
  });

  it('T7: a log that moved keeps its touches until the ledger has them under the new home', () => {
    const word = { userId: OWNER, homeId: 'x', seq: 1, inLedger: false };
    const moved = told([{ userId: 'b', homeId: OWNER, seq: 1, inLedger: true }, word]);
    expect(moved).toEqual({ ...log, homes: [word] });
    expect(homeIn({ ownerId: OWNER, log: moved }, 'b')).toBe('x');
    const settled = told([{ ...word, inLedger: true }], moved);
    expect(settled).toEqual({ records: [], marks: [], homes: [{ ...word, inLedger: true }] });
    expect(told([word], settled)).toBe(settled);
  });

  it('T7: a log that moved takes in nothing that reached the ledger late', () => {
    const home = {
      kind: 'home',
      userId: OWNER,
      memberId: OWNER,
      homeId: 'x',
      identitySeq: 1,
      atMs: 0,
    } as const;
    const moved = replayEntry(EMPTY_TOUCH_LOG, home);
    expect(hasMoved({ ownerId: OWNER, log: moved })).toBe(true);
    const late = { kind: 'mark', userId: OWNER, outcome: 'muted', atMs: 1 } as const;
    expect(replayEntry(moved, late)).toBe(moved);
  });

  it('T7: remembers few of those that left, and those that left last', () => {
    const left = Array.from({ length: 40 }, (_, i) => ({
      userId: `m-${i}`,
      homeId: `m-${i}`,
      seq: i,
      inLedger: true,
    }));
    const kept = told([{ userId: 'b', homeId: OWNER, seq: 0, inLedger: true }, ...left]).homes ?? [];
    expect(kept).toHaveLength(33);
    expect(kept.map(({ userId }) => userId)).toContain('b');
    expect(kept.map(({ userId }) => userId)).toContain('m-39');
    expect(kept.map(({ userId }) => userId)).not.toContain('m-7');
  });
});
