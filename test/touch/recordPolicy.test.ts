import { describe, expect, it } from 'vitest';
import { openPglite } from '../../src/stores/postgres/pglite.js';
import { defaultTouchPolicy } from '../../src/touch/defaultTouchPolicy.js';
import { recordPolicy } from '../../src/touch/recordPolicy.js';
import { emptyTruth } from '../support/emptyTruth.js';
import { aCap, aPolicy } from './builders.js';

describe('the policy that a server was started with', () => {
  it('is kept in the truth, each change under the next version, the same rules under their own', async () => {
    const sql = await openPglite('memory');
    try {
      const { touchPolicyStore: store } = await emptyTruth(sql);
      const shipped = await recordPolicy(defaultTouchPolicy(), { store, nowMs: 1 });
      expect(shipped).toEqual(defaultTouchPolicy());
      expect(await recordPolicy({ ...defaultTouchPolicy(), version: 77 }, { store, nowMs: 2 })).toEqual(
        shipped,
      );

      const own = aPolicy({ caps: [aCap()] });
      const [first, second] = await Promise.all([
        recordPolicy(own, { store, nowMs: 3 }),
        recordPolicy(own, { store, nowMs: 3 }),
      ]);
      expect(first).toEqual({ ...own, version: shipped.version + 1 });
      expect(second).toEqual(first);
      expect(await store.latest()).toEqual({ policy: first, storedAtMs: 3 });
      expect(await store.get(shipped.version)).toEqual({ policy: shipped, storedAtMs: 1 });
    } finally {
      await sql.close();
    }
  });
});
