import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, createApp } from '../../src/app.js';
import { BehaviourServiceService, TrackRequest } from '../../src/gen/tagrank/v1/behaviour.js';
import { BehaviourType, Channel } from '../../src/gen/tagrank/v1/vocabulary.js';
import { createLogger } from '../../src/logger.js';
import { createClient, OverrideAction, type TagRankClient, toTimestamp } from '../../src/server/client.js';
import { createServer, type TagRankServer } from '../../src/server/createServer.js';
import { anEvent, refusal, sendBytes } from './messages.js';

/** The whole of embedded mode behind a real client. */
describe('the app over gRPC', () => {
  let app: App;
  let server: TagRankServer;
  let address: string;
  let client: TagRankClient;

  beforeAll(async () => {
    const logger = createLogger({ level: 'silent' });
    app = await createApp({ dataDir: 'memory', maxCandidates: 2_000, log: logger });
    server = createServer({ useCases: app.useCases, logger });
    address = await server.start('127.0.0.1:0');
    client = createClient(address);
    await client.upsertShops({
      shops: [
        { shopId: 's1', name: 'Bakery' },
        { shopId: 's2', name: 'Tools' },
      ],
    });
    await client.upsertProducts({
      products: [
        ...['rye bread', 'white bread', 'wheat bread', 'baguette'].map((title, i) => ({
          productId: `bread${i}`,
          shopId: 's1',
          title,
          categoryPath: ['grocery', 'bread'],
          priceMinor: BigInt(300 + i),
          currency: 'CNY',
        })),
        ...['hammer', 'saw', 'drill', 'wrench'].map((title, i) => ({
          productId: `tool${i}`,
          shopId: 's2',
          title,
          categoryPath: ['hardware', 'tools'],
          priceMinor: BigInt(9_000 + i),
          currency: 'CNY',
        })),
      ],
    });
  });

  afterAll(async () => {
    client?.close();
    await server?.stop();
    await app?.close();
  });

  const now = () => toTimestamp(Date.now() - 1_000);

  it('T6: what Track acknowledged is in the tags and in the list at once', async () => {
    const userId = 'reads-own-writes';
    await client.track({
      events: [
        anEvent({
          eventId: 'ryw-1',
          userId,
          productId: 'bread0',
          type: BehaviourType.ADD_TO_CART,
          occurredAt: now(),
        }),
      ],
    });
    const { tags } = await client.getTags({ subject: { $case: 'userId', value: userId } });
    expect(tags.map(({ tag }) => tag)).toContain('category:grocery/bread');
    const { items } = await client.rank({ userId, pageSize: 3 });
    expect(items[0]?.productId).toMatch(/^bread/);
    expect(items[0]?.reasons[0]?.text).not.toBe('');
  });

  it('R4: an unknown user is a new user, with an empty vector and a list all the same', async () => {
    const { items, rankId } = await client.rank({ userId: 'nobody' });
    expect(items.length).toBeGreaterThan(0);
    expect(rankId).not.toBe('');
    const { tags } = await client.getTags({ subject: { $case: 'userId', value: 'nobody' } });
    expect(tags).toEqual([]);
  });

  it('ranks exactly the candidates given, counts unknown ones, and refuses too many by field', async () => {
    const given = await client.rank({ userId: 'u1', candidateIds: ['tool1', 'bread1', 'no-such'] });
    expect(given.items.map(({ productId }) => productId).sort()).toEqual(['bread1', 'tool1']);
    expect(given.unknownCandidateCount).toBe(1);
    const candidateIds = Array.from({ length: 100_000 }, (_, i) => `p${i}`);
    const { code, details } = await refusal(client.rank({ userId: 'u1', candidateIds }));
    expect(code).toBe('INVALID_ARGUMENT');
    expect(details).toMatch(/^candidate_ids: .*2000.*100000/);
  });

  it('keeps the good events of a batch that holds every kind of bad one', async () => {
    const good = anEvent({ eventId: 'mixed-good', userId: 'mixed', productId: 'tool0', occurredAt: now() });
    const bytes = TrackRequest.encode({
      events: [
        { ...good, eventId: 'mixed-1', type: 99 as BehaviourType },
        { ...good, eventId: 'mixed-2', occurredAt: toTimestamp(Date.now() + 2 * 3_600_000) },
        { ...good, eventId: 'mixed-3', rating: Number.NaN },
        { ...good, eventId: 'mixed-4', priceMinor: 2n ** 62n },
        { ...good, eventId: '' },
        { ...good, eventId: 'mixed-6', query: 'x'.repeat(1 << 20) },
        { ...good, eventId: 'mixed-7', productId: 'BROKEN' },
        good,
        good,
      ],
    }).finish();
    const broken = Buffer.from(bytes);
    broken.write('\xc3\x28', broken.indexOf('BROKEN'), 'latin1');
    const answer = await sendBytes(address, { method: BehaviourServiceService.track, bytes: broken });
    expect(answer).toMatchObject({ acceptedCount: 1, duplicateCount: 1, rejectedCount: 7 });
    expect(answer.results.slice(0, 7).map(({ violations }) => violations[0]?.field)).toEqual([
      'events[0].type',
      'events[1].occurred_at',
      'events[2].rating',
      'events[3].price_minor',
      'events[4].event_id',
      'events[5].query',
      'events[6].product_id',
    ]);
    const { tags } = await client.getTags({ subject: { $case: 'userId', value: 'mixed' } });
    expect(tags.map(({ tag }) => tag)).toContain('category:hardware/tools');
  });

  it('T1: reads tags as an operator says, says who said so, and leaves them to themselves when asked to', async () => {
    const ofUser = { subject: { $case: 'userId' as const, value: 'eve' } };
    const ofTool = { subject: { $case: 'productId' as const, value: 'tool0' } };
    const words = [
      {
        subject: ofUser,
        tag: 'Category:Hardware/Tools',
        action: OverrideAction.LOCK,
        weight: 0.8,
        note: 'asked',
      },
      { subject: ofTool, tag: 'brand:acme', action: OverrideAction.ADD, weight: 0.6 },
      { subject: ofTool, tag: 'title:hammer', action: OverrideAction.VETO },
    ];
    expect(await client.setTagOverrides({ overrides: words, setBy: 'olga' })).toEqual({ changedCount: 3 });
    expect(await client.setTagOverrides({ overrides: words, setBy: 'olga' })).toEqual({ changedCount: 0 });
    const [eve, tool] = [await client.getTags(ofUser), await client.getTags(ofTool)];
    expect(eve.tags).toMatchObject([
      {
        tag: 'category:hardware/tools',
        weight: 0.8,
        override: { subject: ofUser, action: OverrideAction.LOCK, weight: 0.8, note: 'asked', setBy: 'olga' },
      },
    ]);
    expect(tool.tags.map(({ tag }) => tag)).toContain('brand:acme');
    expect(tool.tags.map(({ tag }) => tag)).not.toContain('title:hammer');
    expect(tool.vetoed).toMatchObject([{ tag: 'title:hammer', weight: 0, superseded: false }]);
    const first = await client.listTagOverrides({ pageSize: 2 });
    const second = await client.listTagOverrides({ pageSize: 2, pageToken: first.nextPageToken });
    expect([...first.overrides, ...second.overrides].map(({ tag }) => tag)).toEqual([
      'category:hardware/tools',
      'brand:acme',
      'title:hammer',
    ]);
    expect(second.nextPageToken).toBe('');
    const gone = {
      overrides: words.map(({ subject, tag }) => ({ subject, tag })),
      setBy: 'omar',
      note: 'over',
    };
    expect(await client.deleteTagOverrides(gone)).toEqual({ deletedCount: 3 });
    expect((await client.getTags(ofUser)).tags).toEqual([]);
    const { overrides: past } = await client.listTagOverrides({ subject: ofUser, withPast: true });
    expect(past).toMatchObject([
      { action: OverrideAction.LOCK, setBy: 'olga', superseded: true },
      { action: OverrideAction.DELETED, setBy: 'omar', note: 'over', superseded: false },
    ]);
    const wrong = [{ subject: ofTool, tag: 'acme', action: 9 as OverrideAction, weight: 3 }];
    expect((await refusal(client.setTagOverrides({ overrides: wrong, setBy: 'olga' }))).details).toMatch(
      /^overrides\[0\]\.tag: .*; overrides\[0\]\.action: must be one of OVERRIDE_ACTION_LOCK, OVERRIDE_ACTION_ADD, OVERRIDE_ACTION_VETO$/,
    );
  });

  it('answers NOT_FOUND for the tags of products and shops that nobody described', async () => {
    for (const subject of [
      { $case: 'productId', value: 'p-unknown' },
      { $case: 'shopId', value: 's-unknown' },
    ] as const) {
      expect((await refusal(client.getTags({ subject }))).code).toBe('NOT_FOUND');
    }
    expect((await refusal(client.getMatch({ userId: 'u1', shopId: 's-unknown' }))).code).toBe('NOT_FOUND');
    expect((await refusal(client.getTags({ subject: { $case: 'userId', value: '' } }))).details).toBe(
      'user_id: must not be empty',
    );
  });

  it('C6: 32 campaigns at once get no more permits than the tightest cap has slots', async () => {
    const question = { userId: 'wanted', channel: Channel.EMAIL, campaignType: 'routine' };
    const answers = await Promise.all(
      Array.from({ length: 32 }, (_, i) => client.reserveTouch({ requestId: `r${i}`, question })),
    );
    const granted = answers.filter(({ permit }) => permit !== undefined);
    const { policy } = await client.getTouchPolicy({});
    const tightest = policy?.caps.find(({ ruleId }) => ruleId === 'shop_week')?.cap;
    expect(granted).toHaveLength(Number(tightest));
  });
});
