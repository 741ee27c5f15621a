import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasRedis } from '../../stores/redis/redisFixtures.js';
import { type Counts, NOTHING, sumOf } from './counts.js';
import { histories } from './histories.js';
import { liveOnAll } from './liveOnAll.js';
import { clusterBackEnd, memoryBackEnd, redisBackEnd, type TouchBackEnd } from './touchBackEnds.js';

/** A sample; `npm run test:touch-model` takes thousands. */
async function sample(backEnds: readonly TouchBackEnd[], options: fc.Parameters<unknown>): Promise<Counts> {
  let counts = NOTHING;
  const property = fc.asyncProperty(histories, async (history) => {
    counts = sumOf(counts, await liveOnAll(history, backEnds));
  });
  await fc.assert(property, options);
  return counts;
}

describe('the touch room, whatever happens', () => {
  it('C4–C8, T7: answers as the rules say by their words, to the millisecond, and never exceeds a cap', async () => {
    const counts = await sample([memoryBackEnd()], { numRuns: 150 });
    expect(counts.permits).toBeGreaterThan(150);
    expect(counts.notBefores).toBeGreaterThan(30);
  });

  it.skipIf(!hasRedis())(
    'C4–C8, T7: and gives the same answers on Redis and on a Redis Cluster',
    async () => {
      const backEnds = [memoryBackEnd(), await redisBackEnd(), await clusterBackEnd()];
      try {
        // Shrinking takes minutes there; the seed and path shrink in memory, or by `npm run test:touch-model`.
        const counts = await sample(backEnds, { numRuns: 40, endOnFailure: true });
        expect(counts.notBefores).toBeGreaterThan(30);
      } finally {
        await Promise.all(backEnds.map((backEnd) => backEnd.close()));
      }
    },
  );
});
