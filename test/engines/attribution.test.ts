import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceError, status } from '@grpc/grpc-js';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../src/app.js';
import { createLogger } from '../../src/logger.js';
import {
  Channel,
  createClient,
  type TagRankClient,
  toEpochMs,
  toTimestamp,
} from '../../src/server/client.js';
import { createServer, type TagRankServer } from '../../src/server/createServer.js';
import { missingEngines, startEngines, type TestEngines } from '../support/engines.js';
import { ownerByOracle, type SentTouch } from '../touch/attributionOracle.js';
import { aPolicy, DAY } from '../touch/builders.js';

const missing = missingEngines();
const CAMPAIGNS = 12;
const ROUNDS = 8;

describe.skipIf(missing !== undefined)(`campaigns at two servers at once ${missing ?? ''}`, () => {
  let engines: TestEngines;
  const apps: App[] = [];
  const servers: TagRankServer[] = [];
  const clients: TagRankClient[] = [];

  beforeAll(async () => {
    engines = await startEngines();
    for (let n = 0; n < 2; n += 1) {
      const app = await engines.openApp({ touchPolicy: aPolicy() });
      const server = createServer({ useCases: app.useCases, logger: createLogger({ level: 'silent' }) });
      apps.push(app);
      servers.push(server);
      clients.push(createClient(await server.start('127.0.0.1:0')));
    }
  }, 120_000);
  afterAll(async () => {
    for (const client of clients) client.close();
    for (const server of servers) await server.stop();
    await engines?.stop();
  });

  /** As the contract asks: what is UNAVAILABLE (a partition that is being built, a slow ledger) is repeated. */
  async function patiently<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    for (let tries = 100; ; tries -= 1) {
      try {
        return await call();
      } catch (error) {
        if ((error as ServiceError).code !== status.UNAVAILABLE || tries === 0) throw error;
        await sleep(50);
      }
    }
  }

  async function reserve(userId: string, campaign: number): Promise<string> {
    const question = { userId, channel: Channel.PUSH, shopId: 'kiln', campaignId: `campaign-${campaign}` };
    const request = { requestId: `${userId} ${campaign}`, question };
    const { permit } = await patiently(() => clients[campaign % 2]!.reserveTouch(request));
    return permit?.permitId ?? '';
  }

  it('C7: exactly one of them is first, both servers say which, and a repeat at the other changes nothing', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      // Half of them write to another id of the same person.
      const [userId, otherId] = [`person-${round}`, `person-${round} too`];
      const link = { userId, identity: { value: otherId } };
      const isLinked = round % 2 === 1;
      if (isLinked) await patiently(() => clients[0]!.linkIdentity(link));
      const permitIds = await Promise.all(
        Array.from({ length: CAMPAIGNS }, (_, n) => reserve(n % 3 === 0 ? otherId : userId, n)),
      );
      const answers = await Promise.all(
        permitIds.flatMap((permitId) =>
          clients.map((client) => patiently(() => client.commitTouch({ permitId }))),
        ),
      );
      for (let n = 0; n < CAMPAIGNS; n += 1) {
        const both = answers.slice(2 * n, 2 * n + 2);
        expect(both[0]?.committedAt).toEqual(both[1]?.committedAt);
      }
      if (!isLinked) await patiently(() => clients[1]!.linkIdentity(link));

      const seqs = new Map<string, number>();
      for (const entry of await apps[0]!.truth.touchLedger.ofPermits(permitIds)) {
        if (entry.kind === 'committed' && !seqs.has(entry.permitId)) seqs.set(entry.permitId, entry.seq);
      }
      const sent = permitIds
        .map((permitId, n): SentTouch => {
          const atMs = toEpochMs(answers[2 * n]?.committedAt) ?? 0;
          return { permitId, userId: n % 3 === 0 ? otherId : userId, shopId: 'kiln', atMs };
        })
        .sort((a, b) => seqs.get(a.permitId)! - seqs.get(b.permitId)!);
      const order = { shopId: 'kiln', orderedAtMs: Date.now() + 1_000, windowMs: DAY };
      const expected = ownerByOracle(sent, { ...order, userIds: [userId, otherId] });
      expect(permitIds).toContain(expected.owner);
      const request = {
        shopId: 'kiln',
        orderedAt: toTimestamp(order.orderedAtMs),
        windowMs: BigInt(order.windowMs),
      };
      for (const client of clients) {
        for (const asked of [userId, otherId]) {
          const { owner, firstTouch, lastTouch } = await client.attributeOrder({ userId: asked, ...request });
          expect({
            owner: owner?.permitId,
            first: firstTouch?.permitId,
            last: lastTouch?.permitId,
          }).toEqual(expected);
        }
      }
      const { entries } = await clients[1]!.getTouchHistory({ userId, pageSize: 1_000 });
      expect(entries.filter(({ kind }) => kind === 'committed')).toHaveLength(CAMPAIGNS);
      expect(entries.filter(({ kind }) => kind === 'reserved')).toHaveLength(CAMPAIGNS);
    }
  }, 60_000);

  it('C7: what was sent is made anew from the ledger by two servers at once, while others commit', async () => {
    const reached = async () => {
      const { reachedTouches } = apps[0]!.truth;
      const userIds = Array.from({ length: ROUNDS }, (_, n) => [`person-${n}`, `person-${n} too`]).flat();
      const before = { atMs: Number.MAX_SAFE_INTEGER, seq: 0 };
      return reachedTouches.readBack({ userIds, shopId: 'kiln', before, limit: 1_000 });
    };
    const kept = await reached();
    expect(kept).toHaveLength(ROUNDS * CAMPAIGNS);
    const owner = new Client(engines.postgresUrl);
    await owner.connect();
    await owner.query('DELETE FROM reached_touches');
    await owner.end();
    const later = await Promise.all(Array.from({ length: 6 }, (_, n) => reserve('somebody else', n)));
    const [added] = await Promise.all([
      Promise.all(apps.map(({ truth }) => truth.reachedTouches.repair())),
      ...later.map((permitId, n) => patiently(() => clients[n % 2]!.commitTouch({ permitId }))),
    ]);
    expect((added[0] ?? 0) + (added[1] ?? 0)).toBeGreaterThanOrEqual(kept.length);
    expect(await reached()).toStrictEqual(kept);
    expect(await apps[1]!.truth.reachedTouches.repair()).toBe(0);
  }, 60_000);
});
