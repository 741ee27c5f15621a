import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type App, createApp } from '../../src/app.js';
import { seededRandom } from '../../src/core/random.js';
import { createLogger } from '../../src/logger.js';
import { createClient, type TagRankClient, TrackStatus, toEpochMs } from '../../src/server/client.js';
import { createServer } from '../../src/server/createServer.js';
import { steppableClock } from '../support/clock.js';
import { tempDir } from '../support/tempDir.js';
import { Book, describeShop, eventOf, sendLoad, touchQuestion, USERS } from './load.js';
import { type ServeProcess, startServe } from './serveProcess.js';

const ROUNDS = 3;
/** Low enough that the load runs into it. */
const CAP = 10;
const SEED = 20_251_122;
const POLICY = {
  version: 1,
  caps: [{ rule_id: 'day', window: { rolling_ms: 86_400_000 }, cap: CAP }],
};

it('C6 T6: nothing acknowledged is lost over kill -9 under load: events, tags, permits, caps', async () => {
  console.log(`kill test: seed ${SEED}`);
  const random = seededRandom(SEED);
  const env = serveEnv();
  const startMs = Date.now();
  const book = new Book();
  const reference = await referenceApp(startMs);
  let server = await startServe(env);
  await describeShop(server.client);

  for (let round = 0; round < ROUNDS; round++) {
    const stopped = new AbortController();
    const load = sendLoad({
      client: server.client,
      book,
      name: `round-${round}`,
      startMs,
      signal: stopped.signal,
    });
    await new Promise((resolve) => setTimeout(resolve, 400 + random() * 1_500));
    const acknowledgedBefore = book.ackedEvents.size;
    expect((await server.end('SIGKILL')).signal).toBe('SIGKILL');
    stopped.abort();
    await load;
    expect(acknowledgedBefore).toBeGreaterThan(0);

    server = await startServe(env);
    const tags = await tagsOfAll(server.client);
    await expectEventsKept({ server, book, startMs, reference, tags });
    await expectTouchesKept(server.client, book);
  }
  expect(book.permits.size).toBe(CAP * USERS.length);
  console.log(
    `kept over ${ROUNDS} kills: ${book.ackedEvents.size} events, ${book.permits.size} permits, ${book.committed.size} sent`,
  );
}, 300_000);

it('finishes what is in flight at SIGTERM, ends with 0, and loses nothing acknowledged', async () => {
  const env = serveEnv();
  const startMs = Date.now();
  const book = new Book();
  const server = await startServe(env);
  await describeShop(server.client);
  const stopped = new AbortController();
  const load = sendLoad({ client: server.client, book, name: 'term', startMs, signal: stopped.signal });
  await new Promise((resolve) => setTimeout(resolve, 700));
  stopped.abort();
  await load;

  // Long enough a call to be in flight for sure when the signal comes.
  const ids = Array.from({ length: 10_000 }, (_, i) => `large/${i}`);
  const large = server.client.track({ events: ids.map((id) => eventOf(id, startMs)) });
  await new Promise((resolve) => setTimeout(resolve, 200));
  const ended = server.end('SIGTERM');
  expect((await large).acceptedCount).toBe(ids.length);
  expect(await ended).toEqual({ code: 0, signal: null });
  expect(server.log.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['stopping', 'stopped']));

  const again = await startServe(env);
  const acknowledged = [...book.ackedEvents, ...ids];
  expect(await statuses(again.client, acknowledged, startMs)).toEqual(new Set([TrackStatus.DUPLICATE]));
  await expectTouchesKept(again.client, book);
  expect(await again.end('SIGINT')).toEqual({ code: 0, signal: null });
}, 180_000);

it('a second process on the same data directory is refused', async () => {
  const env = serveEnv();
  await startServe(env);
  await expect(startServe(env)).rejects.toThrow('ended with 1 before it listened');
}, 120_000);

/** Settings of a server whose one cap is `CAP` a day. */
function serveEnv() {
  const dir = tempDir();
  const policyFile = join(dir, 'policy.json');
  writeFileSync(policyFile, JSON.stringify(POLICY));
  return { TAGRANK_DATA_DIR: join(dir, 'data'), TAGRANK_TOUCH_POLICY: policyFile };
}

interface Reference {
  readonly app: App;
  readonly client: TagRankClient;
  readonly clock: ReturnType<typeof steppableClock>;
}

/** An app that is never killed. */
async function referenceApp(nowMs: number): Promise<Reference> {
  const logger = createLogger({ level: 'silent' });
  const clock = steppableClock(nowMs);
  const app = await createApp({ dataDir: 'memory', maxCandidates: 2_000, clock, log: logger });
  const server = createServer({ useCases: app.useCases, logger });
  const client = createClient(await server.start('127.0.0.1:0'));
  onTestFinished(async () => {
    client.close();
    await server.stop();
    await app.close();
  });
  await describeShop(client);
  return { app, client, clock };
}

function tagsOfAll(client: TagRankClient) {
  return Promise.all(
    USERS.map((value) => client.getTags({ subject: { $case: 'userId', value }, limit: 200 })),
  );
}

async function expectEventsKept(options: {
  server: ServeProcess;
  book: Book;
  startMs: number;
  reference: Reference;
  tags: Awaited<ReturnType<typeof tagsOfAll>>;
}): Promise<void> {
  const { server, book, startMs, reference, tags } = options;
  const acknowledged = [...book.ackedEvents];
  expect(await statuses(server.client, acknowledged, startMs)).toEqual(new Set([TrackStatus.DUPLICATE]));

  // What was sent without an answer is in the log or not; sending it again tells which, as a caller does.
  const unanswered = [...book.sentEvents].filter((id) => !book.ackedEvents.has(id));
  const durable: string[] = [];
  const lost: string[] = [];
  for (const batch of batches(unanswered)) {
    const { results } = await server.client.track({ events: batch.map((id) => eventOf(id, startMs)) });
    for (const { eventId, status } of results) {
      (status === TrackStatus.DUPLICATE ? durable : lost).push(eventId);
      book.ackedEvents.add(eventId);
    }
  }
  await teach(reference, [...acknowledged, ...durable], startMs);
  await expectSameTags(tags, reference);
  await teach(reference, lost, startMs);
  await expectSameTags(await tagsOfAll(server.client), reference);
}

async function teach({ client }: Reference, ids: readonly string[], startMs: number): Promise<void> {
  for (const batch of batches(ids)) await client.track({ events: batch.map((id) => eventOf(id, startMs)) });
}

/** The reference reads its tags at the very moment at which the others were read. */
async function expectSameTags(
  tags: Awaited<ReturnType<typeof tagsOfAll>>,
  { client, clock }: Reference,
): Promise<void> {
  for (const [at, value] of USERS.entries()) {
    const got = tags[at];
    clock.setMs(toEpochMs(got?.asOf) as number);
    const wanted = await client.getTags({ subject: { $case: 'userId', value }, limit: 200 });
    for (const vector of ['tags', 'shortTermTags'] as const) {
      const weights = new Map(got?.[vector].map(({ tag, weight }) => [tag, weight]));
      expect([...weights.keys()].sort()).toEqual(wanted[vector].map(({ tag }) => tag).sort());
      for (const { tag, weight } of wanted[vector]) {
        expect(Math.abs((weights.get(tag) as number) - weight), `${value} ${tag}`).toBeLessThan(1e-9);
      }
    }
    expect(wanted.tags.length).toBeGreaterThan(0);
  }
}

async function expectTouchesKept(client: TagRankClient, book: Book): Promise<void> {
  for (const [requestId, permitId] of book.permits) {
    const { userId } = book.sentTouches.get(requestId) as { userId: string };
    const again = await client.reserveTouch({ requestId, question: touchQuestion(userId) });
    expect(again).toMatchObject({ repeated: true, permit: { permitId } });
  }
  for (const permitId of book.committed) {
    expect((await client.commitTouch({ permitId })).repeated).toBe(true);
  }
  // An unanswered request is sent again, as a campaign does: it gets its old permit, a new one or none.
  for (const { requestId, userId } of book.sentTouches.values()) {
    if (book.permits.has(requestId)) continue;
    const { permit } = await client.reserveTouch({ requestId, question: touchQuestion(userId) });
    if (permit !== undefined) book.permits.set(requestId, permit.permitId);
  }
  for (const userId of USERS) {
    const own = [...book.permits].filter(([requestId]) => book.sentTouches.get(requestId)?.userId === userId);
    expect(new Set(own.map(([, permitId]) => permitId)).size).toBeLessThanOrEqual(CAP);
    const { decision } = await client.canTouch({ question: touchQuestion(userId) });
    const day = decision?.ruleStates.find(({ ruleId }) => ruleId === 'day');
    // Every permit ever answered is counted, and nothing beyond what was asked for.
    expect(Number(day?.used)).toBe(own.length);
  }
}

async function statuses(
  client: TagRankClient,
  ids: readonly string[],
  startMs: number,
): Promise<Set<TrackStatus>> {
  const found = new Set<TrackStatus>();
  for (const batch of batches(ids)) {
    const { results } = await client.track({ events: batch.map((id) => eventOf(id, startMs)) });
    for (const { status } of results) found.add(status);
  }
  return found;
}

function batches<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / 1_000) }, (_, i) =>
    items.slice(1_000 * i, 1_000 * (i + 1)),
  );
}
