import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../src/app.js';
import { createLogger } from '../../src/logger.js';
import {
  CanTouchBatchRequest,
  type CanTouchBatchResponse,
  Channel,
  createClient,
  DecisionKind,
  ReserveTouchBatchRequest,
  type ReserveTouchBatchResponse,
  type TagRankClient,
} from '../../src/server/client.js';
import { createServer, type TagRankServer } from '../../src/server/createServer.js';
import { missingEngines, startEngines, type TestEngines } from '../support/engines.js';
import { aCap, aPolicy } from '../touch/builders.js';

const missing = missingEngines();
const SERVERS = 2;
const STREAMS = 8;
const PEOPLE = 30;
const CAP = 3;
const MESSAGES = 3;

const kinds = [
  { name: 'one Redis', cluster: false },
  { name: 'a Redis Cluster', cluster: true },
];
describe.skipIf(missing !== undefined).each(kinds)(
  `batch streams on $name ${missing ?? ''}`,
  ({ cluster }) => {
    let engines: TestEngines;
    const apps: App[] = [];
    const servers: TagRankServer[] = [];
    const clients: TagRankClient[] = [];
    beforeAll(async () => {
      engines = await startEngines({ cluster });
      const touchPolicy = aPolicy({ caps: [aCap({ cap: CAP })] });
      for (let i = 0; i < SERVERS; i += 1) {
        // A busy machine must not withhold permits here: none is lost, so none has to be in the ledger soon.
        const { postgresUrl, redis } = engines;
        const app = await engines.openApp({
          touchPolicy,
          engines: { postgresUrl, redisUrl: redis.url, minReplicas: 0, ledgerSettleMs: 10_000 },
        });
        const server = createServer({ useCases: app.useCases, logger: createLogger({ level: 'silent' }) });
        apps.push(app);
        servers.push(server);
        clients.push(createClient(await server.start('127.0.0.1:0')));
      }
    }, 120_000);
    afterAll(async () => {
      for (const client of clients) client.close();
      await Promise.all(servers.map((server) => server.stop({ graceMs: 1_000 })));
      await engines?.stop();
    });

    /** A campaign that asks for all people, again and again, over a stream of its own. */
    async function campaign(name: string, client: TagRankClient): Promise<ReserveTouchBatchResponse[]> {
      const stream = client.reserveTouchBatch();
      for (let message = 0; message < MESSAGES; message += 1) {
        stream.write(
          ReserveTouchBatchRequest.fromPartial({
            reservations: Array.from({ length: PEOPLE }, (_, i) => ({
              requestId: `${name}-${message}`,
              question: { userId: `person-${i}`, channel: Channel.PUSH },
            })),
          }),
        );
      }
      stream.end();
      const answers: ReserveTouchBatchResponse[] = [];
      for await (const answer of stream as AsyncIterable<ReserveTouchBatchResponse>) answers.push(answer);
      return answers;
    }

    it('C6: of eight at once for the same people, none ever gets past a cap, and together they fill it', async () => {
      const answers = await Promise.all(
        Array.from({ length: STREAMS }, (_, i) => campaign(`campaign-${i}`, clients[i % SERVERS]!)),
      );
      const results = answers
        .flat()
        .flatMap((answer) => answer.results.map((result, i) => ({ ...result, i })));
      expect(results).toHaveLength(STREAMS * MESSAGES * PEOPLE);
      expect(results.filter(({ unavailable, violations }) => unavailable || violations.length > 0)).toEqual(
        [],
      );
      for (let person = 0; person < PEOPLE; person += 1) {
        const permits = results.filter(({ i, permit }) => i === person && permit !== undefined);
        expect(permits).toHaveLength(CAP);
      }
      const entries = await apps[0]!.truth.touchLedger.read({ afterSeq: 0, limit: 10_000 });
      expect(entries.filter(({ kind }) => kind === 'reserved')).toHaveLength(PEOPLE * CAP);
      expect(entries.filter(({ kind }) => kind === 'refused')).toHaveLength(results.length - PEOPLE * CAP);
    }, 30_000);

    it('C5 C8: a question for all of them finds what was reserved, at either server, and a word at once', async () => {
      await apps[0]!.useCases.touch.recordOutcome({ userId: 'person-0', outcome: 'unsubscribed' });
      for (const client of clients) {
        const stream = client.canTouchBatch();
        stream.write(
          CanTouchBatchRequest.fromPartial({
            questions: ['person-0', 'person-1', 'stranger'].map((userId) => ({
              userId,
              channel: Channel.PUSH,
            })),
          }),
        );
        stream.end();
        const answers: CanTouchBatchResponse[] = [];
        for await (const answer of stream as AsyncIterable<CanTouchBatchResponse>) answers.push(answer);
        expect(answers[0]?.results.map(({ decision }) => decision?.kind)).toEqual([
          DecisionKind.DENY,
          DecisionKind.DELAY,
          DecisionKind.ALLOW,
        ]);
      }
    });
  },
);
