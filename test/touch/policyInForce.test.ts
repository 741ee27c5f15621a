import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FailedPreconditionError, InvalidInputError, UnavailableError } from '../../src/core/errors.js';
import { openPglite } from '../../src/stores/postgres/pglite.js';
import type { Sql } from '../../src/stores/postgres/sql.js';
import { defaultTouchPolicy } from '../../src/touch/defaultTouchPolicy.js';
import { PolicyInForce } from '../../src/touch/policyInForce.js';
import type { TouchPolicy } from '../../src/touch/touchPolicy.js';
import type { TouchPolicyStore } from '../../src/touch/touchPolicyStore.js';
import { fixedClock } from '../support/clock.js';
import { emptyTruth } from '../support/emptyTruth.js';
import { aCap, aPolicy } from './builders.js';

const fallback = defaultTouchPolicy();

describe('the policy in force', () => {
  let sql: Sql;
  let store: TouchPolicyStore;
  beforeAll(async () => {
    sql = await openPglite('memory');
  });
  afterAll(() => sql.close());
  beforeEach(async () => {
    store = (await emptyTruth(sql)).touchPolicyStore;
  });
  const open = (chosen?: TouchPolicy) =>
    PolicyInForce.open({ chosen, fallback }, { store, clock: fixedClock(), onTrouble: () => {} });
  const own = (cap: number, version = 1) => ({ ...aPolicy({ caps: [aCap({ cap })] }), version });

  it('is the shipped one at first, the stored one after that, and a file wins at the start', async () => {
    expect((await open()).policy).toEqual(fallback);
    const version = await (await open()).set(own(7, fallback.version));
    expect((await open()).policy).toEqual(own(7, version));
    const byFile = await open(own(3, 77));
    expect(byFile.policy).toEqual(own(3, version + 1));
    expect((await open(own(3, 5))).policy).toEqual(byFile.policy);
    expect((await store.get(fallback.version))?.policy).toEqual(fallback);
  });

  it('is one for servers that start together', async () => {
    const [first, second] = await Promise.all([open(own(3)), open(own(3))]);
    expect(first.policy).toEqual(second.policy);
  });

  it('changes from the version that the change was made from, and from no other', async () => {
    const [here, there] = [await open(), await open()];
    const base = here.policy.version;
    expect(await here.set(own(5, base))).toBe(base + 1);
    expect(here.policy).toEqual(own(5, base + 1));
    await expect(there.set(own(6, base))).rejects.toThrow(FailedPreconditionError);
    await expect(there.set(own(6, base))).rejects.toThrow(`is version ${base + 1}, not ${base}`);
    // The same change again: its answer was lost.
    expect(await there.set(own(5, base))).toBe(base + 1);
    expect(there.policy).toEqual(here.policy);
  });

  it('refuses a policy that breaks a rule, and stays', async () => {
    const here = await open();
    await expect(here.set(own(-1, here.policy.version))).rejects.toThrow(InvalidInputError);
    expect((await open()).policy).toEqual(fallback);
  });

  it('is followed within a second, and stays while the truth is away', async () => {
    const here = await open();
    let isAway = false;
    const troubles: unknown[] = [];
    const there = await PolicyInForce.open(
      { chosen: undefined, fallback },
      {
        store: {
          append: (policy, atMs) => store.append(policy, atMs),
          latest: () => (isAway ? Promise.reject(new UnavailableError('gone')) : store.latest()),
        },
        clock: fixedClock(),
        onTrouble: (cause) => troubles.push(cause),
      },
    );
    there.follow();
    try {
      await here.set(own(5, here.policy.version));
      await expect.poll(() => there.policy, { timeout: 3_000 }).toEqual(here.policy);
      isAway = true;
      await here.set(own(6, here.policy.version));
      await expect.poll(() => troubles.length, { timeout: 3_000 }).toBeGreaterThan(0);
      expect(there.policy).toEqual(own(5, here.policy.version - 1));
      isAway = false;
      await expect.poll(() => there.policy, { timeout: 3_000 }).toEqual(here.policy);
    } finally {
      await there.stop();
    }
  });
});
