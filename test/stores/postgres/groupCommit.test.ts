import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGroupCommit } from '../../../src/stores/postgres/groupCommit.js';

/** Items are numbers, outcomes name them; a transaction that holds `BAD` fails as a whole. */
const BAD = -1;
const isOutage = (error: unknown): boolean => error instanceof Error && error.message === 'outage';

function recordingCommit() {
  const transactions: number[][] = [];
  const attempts: number[][] = [];
  const commit = async (items: readonly number[]): Promise<string[]> => {
    attempts.push([...items]);
    await new Promise((resolve) => setImmediate(resolve));
    if (items.includes(BAD)) throw new Error('bad item');
    transactions.push([...items]);
    return items.map((item) => `outcome ${item}`);
  };
  return { commit, transactions, attempts };
}

describe('group commit', () => {
  it('gives each caller its own outcomes, and lets a bad call fail alone', async () => {
    const anyCalls = fc.array(
      fc.array(fc.oneof({ weight: 12, arbitrary: fc.nat() }, fc.constant(BAD)), { maxLength: 6 }),
    );
    await fc.assert(
      fc.asyncProperty(anyCalls, fc.integer({ min: 1, max: 12 }), async (calls, maxItems) => {
        const { commit, transactions } = recordingCommit();
        const submit = createGroupCommit({ commit, isOutage, maxItems });
        const answers = await Promise.allSettled(calls.map((items) => submit(items)));
        answers.forEach((answer, index) => {
          const items = calls[index]!;
          if (items.includes(BAD)) expect(answer.status).toBe('rejected');
          else expect(answer).toEqual({ status: 'fulfilled', value: items.map((item) => `outcome ${item}`) });
        });
        const good = calls.filter((items) => !items.includes(BAD));
        expect(transactions.flat()).toEqual(good.flat());
      }),
    );
  });

  it('bounds a transaction, and never splits a call', async () => {
    const anyCalls = fc.array(fc.array(fc.nat(), { minLength: 1, maxLength: 9 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(anyCalls, fc.integer({ min: 1, max: 12 }), async (calls, maxItems) => {
        const { commit, transactions } = recordingCommit();
        const submit = createGroupCommit({ commit, isOutage, maxItems });
        await Promise.all(calls.map((items) => submit(items)));
        const ends = new Set<number>();
        calls.reduce((end, items) => {
          ends.add(end + items.length);
          return end + items.length;
        }, 0);
        transactions.reduce((end, items) => {
          expect(ends).toContain(end + items.length);
          const largestAlone = calls.some((call) => call.length === items.length);
          expect(items.length <= maxItems || largestAlone).toBe(true);
          return end + items.length;
        }, 0);
      }),
    );
  });

  it('gathers calls while one transaction is under way', async () => {
    const { commit, transactions } = recordingCommit();
    const submit = createGroupCommit({ commit, isOutage, maxItems: 1_000 });
    const caller = async (id: number): Promise<void> => {
      for (let call = 0; call < 10; call += 1) await submit([id]);
    };
    await Promise.all(Array.from({ length: 64 }, (_, id) => caller(id)));
    expect(transactions.flat()).toHaveLength(640);
    expect(transactions).toHaveLength(10);
  });

  it('tells everybody of an outage at once, and goes on when it is over', async () => {
    let attempts = 0;
    let down = true;
    const submit = createGroupCommit({
      commit: async (items: readonly number[]) => {
        attempts += 1;
        await new Promise((resolve) => setImmediate(resolve));
        if (down) throw new Error(items.includes(BAD) ? 'bad item' : 'outage');
        return items;
      },
      isOutage,
      maxItems: 2,
    });
    const alike = await Promise.allSettled(Array.from({ length: 50 }, (_, id) => submit([id])));
    for (const answer of alike) expect(answer).toMatchObject({ reason: { message: 'outage' } });
    expect(attempts).toBe(1);
    const mixed = await Promise.allSettled([[BAD], [1], [2], [3]].map((items) => submit(items)));
    expect(mixed.map((answer) => answer.status === 'rejected' && answer.reason.message)).toEqual([
      'bad item',
      'outage',
      'outage',
      'outage',
    ]);
    down = false;
    expect(await submit([7])).toEqual([7]);
  });

  it('answers an empty call without a transaction', async () => {
    const { commit, attempts } = recordingCommit();
    expect(await createGroupCommit({ commit, isOutage, maxItems: 10 })([])).toEqual([]);
    expect(attempts).toEqual([]);
  });

  it('goes on after a failure, with the error of the call that failed', async () => {
    const { commit } = recordingCommit();
    const submit = createGroupCommit({ commit, isOutage, maxItems: 10 });
    await expect(submit([BAD])).rejects.toThrow('bad item');
    expect(await submit([7])).toEqual(['outcome 7']);
  });
});
