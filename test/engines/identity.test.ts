import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../src/app.js';
import { seqOfWatermark } from '../../src/behaviour/watermark.js';
import { STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { extractQueryTags } from '../../src/catalog/extractTags.js';
import { createTitleSegmenter } from '../../src/catalog/titleSegmenter.js';
import { PARTITIONS } from '../../src/core/partitions.js';
import { BEHAVIOUR_TYPES } from '../../src/core/vocabulary.js';
import { foldHistory } from '../../src/projection/foldHistory.js';
import { packHistory, type ShopOf } from '../../src/projection/packedHistory.js';
import { verifyTouches } from '../../src/projection/verifyTouches.js';
import { RedisClient } from '../../src/stores/redis/redisClient.js';
import { RedisTouchStore } from '../../src/stores/redis/redisTouchStore.js';
import type { UserState } from '../../src/tags/userState.js';
import { CAPPED, identityOverGrpc } from '../identity/overGrpc.js';
import { missingEngines, startEngines, type TestEngines } from '../support/engines.js';

const missing = missingEngines();
const segmenter = createTitleSegmenter();
const IDS = [...'abcdef'];
const PRODUCTS = ['kiln-0', 'kiln-1', 'forge-0', 'loom-0'];

const kinds = [
  { engines: 'PostgreSQL and one Redis', cluster: false },
  { engines: 'PostgreSQL and a Redis Cluster', cluster: true },
];

describe.skipIf(missing !== undefined).each(kinds)(
  `linked ids on $engines ${missing ?? ''}`,
  ({ cluster, ...kind }) => {
    let engines: TestEngines;
    let [a, b] = [] as unknown as [App, App];

    beforeAll(async () => {
      engines = await startEngines({ cluster });
      a = await engines.openApp(CAPPED);
      b = await engines.openApp(CAPPED);
    }, 120_000);
    afterAll(() => engines?.stop());

    identityOverGrpc(`on ${kind.engines}`, async () => [a, b]);

    /** What the truth says that all ids of a person did, folded once. */
    async function foldOfTruth(userId: string): Promise<UserState | undefined> {
      const { behaviourLog, identityStore } = a.truth;
      const personId = (await identityStore.personOf([userId])).get(userId) ?? userId;
      const userIds = (await identityStore.membersOf(personId)).map((member) => member.userId);
      const rows = await behaviourLog.readOfUsers({ userIds, throughSeq: await behaviourLog.lastSeq() });
      if (rows.length === 0) return undefined;
      const { catalog } = a.state;
      const shopOf: ShopOf = (productId, revision) => catalog.shopOfRevision(productId, revision);
      const facts = {
        productFacts: catalog.productFacts.bind(catalog),
        queryTags: (query: string) => extractQueryTags(query, segmenter),
      };
      return foldHistory(userId, [packHistory(rows, shopOf)], { weights: STARTING_WEIGHTS, facts, shopOf });
    }

    async function expectFolds(userIds: readonly string[], watermark: string): Promise<void> {
      const seq = seqOfWatermark(watermark) ?? 0;
      for (const userId of userIds) {
        const expected = await foldOfTruth(userId);
        for (const { people } of [a, b]) {
          await expect
            .poll(async () => (await people.readPerson(userId)).appliedSeq, { timeout: 10_000 })
            .toBeGreaterThanOrEqual(seq);
          expect((await people.readPerson(userId)).state).toEqual(expected);
        }
      }
    }

    const verifyAll = async (): Promise<string[]> => {
      const client = new RedisClient({ url: engines.redis.url });
      const { differences } = await verifyTouches({
        partitions: Array.from({ length: PARTITIONS }, (_, partition) => partition),
        ledger: a.truth.touchLedger,
        store: new RedisTouchStore({ client }),
        pruneBeforeMs: Date.now() - 86_400_000,
      });
      await client.close();
      return differences.map(({ userId, what }) => `${userId}: ${what}`);
    };

    let run = 0;
    const id = fc.constantFrom(...IDS);
    const event = fc.record({
      userId: id,
      type: fc.constantFrom(...BEHAVIOUR_TYPES),
      productId: fc.constantFrom(...PRODUCTS),
      minutesAgo: fc.nat(10_000),
    });
    const change = fc.record({ isLink: fc.boolean(), userId: id, other: id });

    it(
      'T7: property: a person is, to the bit, the fold of what all their ids did, while both change',
      () =>
        fc.assert(
          fc.asyncProperty(
            fc.array(fc.array(event, { minLength: 1, maxLength: 12 }), { minLength: 3, maxLength: 6 }),
            fc.array(change, { minLength: 3, maxLength: 8 }),
            async (batches, changes) => {
              run += 1;
              const named = (userId: string) => `${kind.engines}-${run}-${userId}`;
              const atMs = Date.now();
              const tracked = batches.map((batch, i) =>
                (i % 2 === 0 ? a : b).useCases.track(
                  batch.map(({ minutesAgo, userId, ...facts }, n) => ({
                    ...facts,
                    userId: named(userId),
                    eventId: `${kind.engines}-${run}-${i}-${n}`,
                    occurredAtMs: atMs - minutesAgo * 60_000,
                  })),
                ),
              );
              const changed = changes.map(({ isLink, userId, other }, i) => {
                const { useCases } = i % 2 === 0 ? b : a;
                return isLink
                  ? useCases.linkIdentity({ userId: named(userId), identity: { value: named(other) } })
                  : useCases.unlinkIdentity(named(userId));
              });
              const [answers] = await Promise.all([Promise.all(tracked), Promise.all(changed)]);
              const seqs = answers.map(({ watermark }) => Number(watermark));
              await expectFolds(IDS.map(named), String(Math.max(...seqs)));
            },
          ),
          { numRuns: 5, endOnFailure: true },
        ),
      60_000,
    );

    it('T7 C6: FLUSHALL during links loses nobody: the same persons and caps are built from the truth', async () => {
      const question = (userId: string) => ({ userId, channel: 'push' });
      const reserve = (app: App, userId: string, requestId: string) =>
        app.useCases.touch.reserveTouch({ requestId, question: question(userId) });
      const people = Array.from(
        { length: 10 },
        (_, i) => [`fl-${i}`, `fl-app-${i}`, `fl-till-${i}`] as const,
      );
      const { watermark } = await a.useCases.track(
        people.flat().map((userId) => ({
          eventId: `event of ${userId}`,
          type: 'favourite',
          userId,
          productId: 'kiln-0',
          occurredAtMs: Date.now() - 60_000,
        })),
      );
      const held = new Map<string, number>();
      for (const [web, app, till] of people) {
        for (const userId of [web, app, till]) {
          const { permit } = await reserve(b, userId, `first of ${userId}`);
          await a.useCases.touch.commitTouch({ permitId: permit?.permitId ?? '' });
        }
        held.set(web, 3);
      }
      const linkTill = (app: App, userId: string, value: string): Promise<unknown> =>
        app.useCases.linkIdentity({ userId, identity: { value } }).catch(() => linkTill(app, userId, value));
      const links = Promise.all(
        people.flatMap(([web, app, till]) => [linkTill(a, web, app), linkTill(b, app, till)]),
      );
      await new Promise((resolve) => setTimeout(resolve, 5));
      await flushAll(engines);
      await links;

      const used = async (userId: string) => {
        const { rules } = await b.useCases.touch.canTouch(question(userId));
        return rules[0]?.kind === 'cap' ? rules[0].used : undefined;
      };
      for (const ids of people) {
        for (const userId of ids)
          await expect.poll(() => used(userId).catch(() => undefined), { timeout: 20_000 }).toBe(3);
      }
      await expectFolds(people.flat(), watermark);
      for (const [web, app] of people) {
        const more = await Promise.all([reserve(a, web, 'more'), reserve(b, app, 'and more')]);
        expect(more.filter(({ permit }) => permit !== undefined)).toHaveLength(1);
      }
      expect(await verifyAll()).toEqual([]);
      await flushAll(engines);
      for (const [web, app] of people) {
        await expect.poll(() => used(app).catch(() => undefined), { timeout: 20_000 }).toBe(4);
        expect(await used(web)).toBe(4);
      }
      expect(await verifyAll()).toEqual([]);
    }, 90_000);
  },
);

async function flushAll({ redis }: TestEngines): Promise<void> {
  for (const { url } of redis.nodes) {
    const admin = new Redis(url);
    const [role] = (await admin.role()) as [string];
    if (role === 'master') await admin.flushall();
    admin.disconnect();
  }
}
