import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engines, openEngines } from '../../src/app/engines.js';
import { createTitleSegmenter } from '../../src/catalog/titleSegmenter.js';
import { PARTITIONS } from '../../src/core/partitions.js';
import { newOwnerName } from '../../src/projection/projector.js';
import { rebuild } from '../../src/projection/rebuild.js';
import { verifyLearned } from '../../src/projection/verifyLearned.js';
import { defaultTouchPolicy } from '../../src/touch/defaultTouchPolicy.js';
import type { LearnedPerson } from '../../src/touch/learnedPerson.js';
import { learningConformance, learningOptions, SharedClock } from '../conformance/learning.js';
import { missingEngines, startEngines, type TestEngines } from '../support/engines.js';
import { learnedOfMost } from '../support/learnedOfMost.js';

const missing = missingEngines();
const ALL = Array.from({ length: PARTITIONS }, (_, partition) => partition);

describe.skipIf(missing !== undefined)(`learning on real engines ${missing ?? ''}`, () => {
  let engines: TestEngines;
  let direct: Engines;
  beforeAll(async () => {
    engines = await startEngines();
  }, 60_000);
  afterAll(async () => {
    await direct?.close();
    await engines?.stop();
  });

  learningConformance('two servers on PostgreSQL and Redis', (clock) => {
    const options = learningOptions(clock);
    return Promise.all([engines.openApp(options), engines.openApp(options)]);
  });

  describe('what was learned', () => {
    const compare = () =>
      verifyLearned({ partitions: ALL, learner: direct.source.learner, store: direct.touchStore });

    async function learnedOfAll(): Promise<Map<string, LearnedPerson | undefined>> {
      const found = new Map<string, LearnedPerson | undefined>();
      for await (const homeIds of direct.source.learner.homes(() => true)) {
        for (const homeId of homeIds) found.set(homeId, (await direct.touchStore.read(homeId)).learned);
      }
      return found;
    }

    beforeAll(async () => {
      direct = await openEngines({
        postgresUrl: engines.postgresUrl,
        redisUrl: engines.redis.url,
        minReplicas: 0,
        ledgerSettleMs: 500,
        clock: new SharedClock(),
        segmenter: createTitleSegmenter(),
        policy: defaultTouchPolicy,
        onRedisTrouble: () => {},
      });
    });

    it('C1: is the same after Redis lost everything and was built anew', async () => {
      const before = await learnedOfAll();
      expect(before.size).toBeGreaterThan(8);
      // Nothing was sent to one of them, and what was sent to two did not reach them.
      const unknown = [...before].filter(([, learned]) => learned === undefined);
      expect(unknown.map(([userId]) => userId).sort()).toEqual(['popular', 'rejected', 'undelivered']);
      expect(await compare()).toMatchObject({ people: before.size, differenceCount: 0 });

      const redis = new Redis(engines.redis.url);
      await redis.flushall();
      redis.disconnect();
      const isWhole = async () =>
        (await direct.projectionStore.positions(ALL)).every(({ epoch }) => epoch !== undefined);
      for (let tries = 0; !(await isWhole()); tries += 1) {
        if (tries > 200) throw new Error('Redis is not built anew');
        await sleep(50);
      }
      expect(await learnedOfAll()).toEqual(before);
    }, 30_000);

    it('C1: is compared by verify, and mended by a rebuild', async () => {
      const before = await learnedOfAll();
      await direct.touchStore.learn(['keen', 'deaf'], async (userIds) =>
        userIds.map((userId) => (userId === 'keen' ? learnedOfMost() : undefined)),
      );
      const { differences } = await compare();
      expect([...differences].sort()).toEqual(['deaf', 'keen']);
      await rebuild({
        store: direct.projectionStore,
        source: direct.source,
        log: direct.truth.behaviourLog,
        owner: newOwnerName(),
        partitions: ALL,
        ledgerSettleMs: 0,
        onProgress: () => {},
      });
      expect(await learnedOfAll()).toEqual(before);
      expect((await compare()).differenceCount).toBe(0);
    }, 30_000);
  });
});
