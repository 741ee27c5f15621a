import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, createApp } from '../../src/app.js';
import { DecisionKind, Outcome } from '../../src/gen/tagrank/v1/touch.js';
import { Channel, Language } from '../../src/gen/tagrank/v1/vocabulary.js';
import { createLogger } from '../../src/logger.js';
import { createClient, type TagRankClient, toTimestamp } from '../../src/server/client.js';
import { createServer } from '../../src/server/createServer.js';
import { NOON_MS } from '../support/builders.js';
import { steppableClock } from '../support/clock.js';
import { aCap, aPolicy, DAY, HOUR, MINUTE } from '../touch/builders.js';
import { refusal } from './messages.js';

const FAR_MS = NOON_MS + 99 * DAY;
const ORDERED = { orderedAt: toTimestamp(NOON_MS) };

describe('the history of a person, and whose an order is, over the wire', () => {
  const clock = steppableClock();
  let app: App;
  let client: TagRankClient;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    const logger = createLogger({ level: 'silent' });
    const touchPolicy = aPolicy({ caps: [aCap({ cap: 1, scope: ['user', 'shop'] })] });
    app = await createApp({ dataDir: 'memory', maxCandidates: 100, log: logger, clock, touchPolicy });
    const server = createServer({ useCases: app.useCases, logger });
    client = createClient(await server.start('127.0.0.1:0'));
    stop = async () => {
      client.close();
      await server.stop({ graceMs: 1_000 });
      await app.close();
    };
  }, 30_000);
  afterAll(() => stop?.());

  let requests = 0;
  async function reserve(userId: string, shopId = '', campaignId = ''): Promise<string> {
    const question = { userId, channel: Channel.PUSH, shopId, campaignId };
    const { permit } = await client.reserveTouch({ requestId: `r${++requests}`, question });
    return permit?.permitId ?? '';
  }
  async function send(userId: string, shopId = '', campaignId = ''): Promise<string> {
    const permitId = await reserve(userId, shopId, campaignId);
    await client.commitTouch({ permitId });
    return permitId;
  }

  it('C7: tells every kind of entry in full, newest first, in the words of the language asked for', async () => {
    const released = await reserve('ann', 'kiln');
    await client.releaseTouch({ permitId: released });
    const sent = await send('ann', 'kiln', 'spring');
    await reserve('ann', 'kiln');
    await client.recordOutcome({ userId: 'ann', outcome: Outcome.OPENED, permitId: sent });
    const expired = await reserve('ann', 'forge');
    await client.recordOutcome({ userId: 'ann', outcome: Outcome.MUTED, channel: Channel.SMS });
    clock.stepMs(11 * MINUTE);

    const { entries, nextPageToken } = await client.getTouchHistory({ userId: 'ann' });
    expect(nextPageToken).toBe('');
    expect(entries.map(({ kind, permitId }) => [kind, permitId])).toEqual([
      ['outcome', ''],
      ['expired', expired],
      ['reserved', expired],
      ['outcome', sent],
      ['refused', ''],
      ['committed', sent],
      ['reserved', sent],
      ['released', released],
      ['reserved', released],
    ]);
    const [muted, ranOut, , opened, refused, committed] = entries;
    expect(muted).toMatchObject({
      outcome: Outcome.MUTED,
      question: { userId: 'ann', channel: Channel.SMS },
    });
    expect(ranOut?.occurredAt).toEqual(toTimestamp(NOON_MS + 10 * MINUTE));
    const message = { userId: 'ann', channel: Channel.PUSH, shopId: 'kiln', campaignId: 'spring' };
    expect(opened).toMatchObject({ outcome: Outcome.OPENED, question: message });
    expect(committed).toMatchObject({ late: false, question: { ...message, campaignType: 'routine' } });
    expect(refused).toMatchObject({
      occurredAt: toTimestamp(NOON_MS),
      requestId: 'r3',
      decision: {
        kind: DecisionKind.DELAY,
        notBefore: toTimestamp(NOON_MS + HOUR),
        ruleId: 'cap-1',
        reasonCode: 'cap_reached',
        policyVersion: 7n,
        reason: 'The cap of rule cap-1 was reached. Open from 2025-06-01 13:00:00 (UTC).',
      },
    });
    const inChinese = await client.getTouchHistory({ userId: 'ann', language: Language.ZH });
    expect(inChinese.entries[4]?.decision?.reason).toMatch(/已达上限/);

    const paged: typeof entries = [];
    for (let pageToken = ''; ; ) {
      const page = await client.getTouchHistory({ userId: 'ann', pageSize: 2, pageToken });
      expect(page.entries.length).toBeLessThanOrEqual(2);
      paged.push(...page.entries);
      pageToken = page.nextPageToken;
      if (pageToken === '') break;
    }
    expect(paged).toEqual(entries);
  });

  it('C4: tells which slot was taken by which message, and what was sent all the same', async () => {
    const lower = await reserve('eve', 'kiln');
    const question = { userId: 'eve', channel: Channel.PUSH, shopId: 'kiln', priority: 60 };
    const asked = await client.canTouch({ question });
    expect(asked.decision).toMatchObject({ kind: DecisionKind.ALLOW, takes: 1 });
    const { decision, permit } = await client.reserveTouch({ requestId: 'urgent', question });
    expect(decision).toMatchObject({ reasonCode: 'takes_reservation', takes: 1 });
    expect(await client.commitTouch({ permitId: lower })).toMatchObject({ taken: true, late: false });

    const { entries } = await client.getTouchHistory({ userId: 'eve' });
    const higher = permit?.permitId ?? '';
    expect(entries.map(({ kind, permitId, takenBy, taken }) => [kind, permitId, takenBy, taken])).toEqual([
      ['committed', lower, '', true],
      ['reserved', higher, '', false],
      ['taken', lower, higher, false],
      ['reserved', lower, '', false],
    ]);
    expect(entries[1]).toMatchObject({
      question: { priority: 60 },
      decision: { reasonCode: 'takes_reservation', reason: expect.stringContaining('Went first') },
    });
    // It is sent, and owns an order as any other (C7).
    const order = { userId: 'eve', shopId: 'kiln', orderedAt: toTimestamp(clock.nowMs()) };
    expect((await client.attributeOrder(order)).owner).toMatchObject({ permitId: lower });
  });

  it('T7 C7: is of the whole person, also from before a link, each entry once; an unlink parts it again', async () => {
    const one = await send('bo-1', 'kiln');
    clock.stepMs(HOUR);
    const two = await send('bo-2', 'kiln');
    await client.recordOutcome({ userId: 'bo-2', outcome: Outcome.UNSUBSCRIBED, channel: Channel.SMS });
    await client.linkIdentity({ userId: 'bo-1', identity: { value: 'bo-2' } });
    const kinds = [
      ['outcome', 'bo-2'],
      ['committed', 'bo-2'],
      ['reserved', 'bo-2'],
      ['committed', 'bo-1'],
      ['reserved', 'bo-1'],
    ];
    for (const userId of ['bo-1', 'bo-2']) {
      const { entries } = await client.getTouchHistory({ userId });
      expect(entries.map(({ kind, question }) => [kind, question?.userId])).toEqual(kinds);
    }
    const order = { shopId: 'kiln', orderedAt: toTimestamp(clock.nowMs()) };
    for (const userId of ['bo-1', 'bo-2']) {
      const { owner, lastTouch } = await client.attributeOrder({ userId, ...order });
      expect([owner?.permitId, lastTouch?.permitId]).toEqual([one, two]);
    }
    clock.stepMs(HOUR);
    const three = await send('bo-2', 'kiln');
    expect(await reserve('bo-2', 'kiln')).toBe('');
    await client.recordOutcome({ userId: 'bo-2', outcome: Outcome.MUTED, channel: Channel.EMAIL });

    await client.unlinkIdentity({ userId: 'bo-2' });
    const ofTwo = await client.getTouchHistory({ userId: 'bo-2' });
    expect(ofTwo.entries.flatMap(({ kind, permitId }) => (kind === 'committed' ? [permitId] : []))).toEqual([
      three,
      two,
    ]);
    expect(ofTwo.entries.slice(0, 2).map(({ kind, question }) => [kind, question?.userId])).toEqual([
      ['outcome', 'bo-2'],
      ['refused', 'bo-2'],
    ]);
    const ofOne = await client.getTouchHistory({ userId: 'bo-1' });
    expect(ofOne.entries.flatMap(({ permitId }) => permitId)).toEqual(expect.arrayContaining([one]));
    expect(ofOne.entries.map(({ permitId }) => permitId)).not.toContain(two);
    expect((await client.attributeOrder({ userId: 'bo-2', ...order })).owner?.permitId).toBe(two);
    expect((await client.attributeOrder({ userId: 'bo-1', ...order })).owner?.permitId).toBe(one);
  });

  it('C7: an order belongs to the first touch of its window, and says why in words', async () => {
    const startMs = clock.nowMs();
    const first = await send('cy', 'kiln', 'spring');
    clock.stepMs(2 * DAY);
    const last = await send('cy', 'kiln');
    await send('cy', 'forge');
    await send('cy');
    const ask = (orderedAtMs: number, more: object = {}) =>
      client.attributeOrder({ userId: 'cy', shopId: 'kiln', orderedAt: toTimestamp(orderedAtMs), ...more });

    const owned = await ask(clock.nowMs() + 1);
    expect(owned).toMatchObject({
      owner: { permitId: first, userId: 'cy', channel: Channel.PUSH, shopId: 'kiln', campaignId: 'spring' },
      firstTouch: { permitId: first, reachedAt: toTimestamp(startMs) },
      lastTouch: { permitId: last, reachedAt: toTimestamp(startMs + 2 * DAY) },
      reasonCode: 'first_in_window',
      windowMs: BigInt(7 * DAY),
      windowStartsAt: toTimestamp(startMs),
      windowEndsAt: toTimestamp(startMs + 7 * DAY),
    });
    expect(owned.reason).toMatch(/^Campaign spring by push reached this person first, at .* for 7 d, until/);
    expect((await ask(startMs, { language: Language.ZH })).reason).toMatch(/最先触达该用户/);

    const none = await ask(startMs - 1);
    expect(none).toMatchObject({ owner: undefined, firstTouch: undefined, reasonCode: 'never_reached' });
    const narrow = await ask(startMs + DAY, { windowMs: BigInt(DAY) });
    expect(narrow).toMatchObject({
      owner: undefined,
      firstTouch: { permitId: first },
      reasonCode: 'window_over',
    });
    expect((await ask(clock.nowMs(), { windowMs: BigInt(DAY) })).owner?.permitId).toBe(last);
    // A touch of the platform owns what the platform sold, and nothing else.
    expect((await ask(clock.nowMs(), { shopId: '' })).owner?.shopId).toBe('');
    expect((await ask(clock.nowMs(), { shopId: 'mill' })).reasonCode).toBe('never_reached');
  });

  it.each([
    ['a history of nobody', 'getTouchHistory', {}, 'user_id'],
    ['a page too large', 'getTouchHistory', { userId: 'u', pageSize: 1_001 }, 'page_size'],
    ['a page below nothing', 'getTouchHistory', { userId: 'u', pageSize: -1 }, 'page_size'],
    ['a token of its own making', 'getTouchHistory', { userId: 'u', pageToken: 'nonsense' }, 'page_token'],
    ['an unknown language', 'getTouchHistory', { userId: 'u', language: 9 as Language }, 'language'],
    ['an order of nobody', 'attributeOrder', { orderedAt: toTimestamp(NOON_MS) }, 'user_id'],
    ['an order at no time', 'attributeOrder', { userId: 'u' }, 'ordered_at'],
    ['a time that is none', 'attributeOrder', { userId: 'u', orderedAt: { nanos: -1 } }, 'ordered_at'],
    ['an order to come', 'attributeOrder', { userId: 'u', orderedAt: toTimestamp(FAR_MS) }, 'ordered_at'],
    ['a window too short', 'attributeOrder', { userId: 'u', ...ORDERED, windowMs: 59_999n }, 'window_ms'],
    ['a window too long', 'attributeOrder', { userId: 'u', ...ORDERED, windowMs: 1n << 60n }, 'window_ms'],
    ['a shop that is none', 'attributeOrder', { userId: 'u', ...ORDERED, shopId: 'a\nb' }, 'shop_id'],
  ] as const)('refuses %s by field', async (_, name, request, field) => {
    const refused = await refusal(client[name](request as never));
    expect([refused.code, refused.details.split(': ')[0]]).toEqual(['INVALID_ARGUMENT', field]);
  });

  it('knows nothing of an unknown user', async () => {
    expect(await client.getTouchHistory({ userId: 'nobody' })).toEqual({ entries: [], nextPageToken: '' });
  });
});
