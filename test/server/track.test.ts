import { describe, expect, it } from 'vitest';
import { BehaviourServiceService, TrackRequest, TrackStatus } from '../../src/gen/tagrank/v1/behaviour.js';
import { BehaviourType } from '../../src/gen/tagrank/v1/vocabulary.js';
import { toTimestamp } from '../../src/server/client.js';
import { MAX_BATCH } from '../../src/server/convert/scalars.js';
import { NOW_MS } from './fakeUseCases.js';
import { anEvent, refusal, sendBytes } from './messages.js';
import { serve } from './serve.js';

const HOUR_MS = 3_600_000;

describe('Track', () => {
  it('hands every field of an event to the room', async () => {
    const { client, kept } = await serve();
    await client.track({
      events: [
        anEvent({
          type: BehaviourType.SEARCH,
          shopId: 's1',
          quantity: 2n,
          priceMinor: 1999n,
          currency: 'CNY',
          rating: 4,
          query: '羽绒服',
          sessionId: 'session-1',
          dwellMs: 4_500n,
          rankId: 'rank-1',
          position: 3,
          referrer: 'u2',
        }),
      ],
    });
    expect(kept.events.get('e1')).toEqual({
      eventId: 'e1',
      type: 'search',
      userId: 'u1',
      productId: 'p1',
      shopId: 's1',
      occurredAtMs: NOW_MS - 1_000,
      quantity: 2,
      priceMinor: 1999,
      currency: 'CNY',
      rating: 4,
      query: '羽绒服',
      sessionId: 'session-1',
      dwellMs: 4_500,
      rankId: 'rank-1',
      position: 3,
      referrer: 'u2',
    });
  });

  it('answers each event of a batch for itself and keeps the good ones', async () => {
    const { client, kept } = await serve();
    await client.track({ events: [anEvent({ eventId: 'known' })] });
    const answer = await client.track({
      events: [
        anEvent({ eventId: 'good' }),
        anEvent({ eventId: 'known' }),
        anEvent({ eventId: 'bad', priceMinor: -1n, userId: '' }),
        anEvent({ eventId: 'also good' }),
      ],
    });
    expect(answer.results.map(({ eventId, status, code }) => [eventId, TrackStatus[status], code])).toEqual([
      ['good', 'ACCEPTED', 0],
      ['known', 'DUPLICATE', 0],
      ['bad', 'REJECTED', 3],
      ['also good', 'ACCEPTED', 0],
    ]);
    expect(answer.results[2]?.violations.map(({ field }) => field).sort()).toEqual([
      'events[2].price_minor',
      'events[2].user_id',
    ]);
    expect(answer).toMatchObject({ acceptedCount: 2, duplicateCount: 1, rejectedCount: 1, watermark: 'w3' });
    expect([...kept.events.keys()]).toEqual(['known', 'good', 'also good']);
  });

  const bad: [string, Parameters<typeof anEvent>[0], RegExp][] = [
    ['a type that this version does not know', { type: 99 as BehaviourType }, /\.type: must be a known/],
    ['no type', { type: BehaviourType.UNSPECIFIED }, /\.type: must not be empty/],
    ['an empty event id', { eventId: '' }, /\.event_id: must not be empty/],
    [
      'a time more than an hour ahead',
      { occurredAt: toTimestamp(NOW_MS + HOUR_MS + 1) },
      /\.occurred_at: .*hour/,
    ],
    ['no time', { occurredAt: undefined }, /\.occurred_at: must be given/],
    [
      'nanoseconds out of range',
      { occurredAt: { seconds: 1_700_000_000n, nanos: -1 } },
      /\.occurred_at: must be a time/,
    ],
    ['seconds past all calendars', { occurredAt: { seconds: 2n ** 62n, nanos: 0 } }, /\.occurred_at: /],
    ['a rating that is not a number', { rating: Number.NaN }, /\.rating: must be a number/],
    ['an infinite rating', { rating: Number.POSITIVE_INFINITY }, /\.rating: /],
    ['a price below 0', { priceMinor: -1n }, /\.price_minor: /],
    ['a price past 2^53', { priceMinor: 2n ** 63n - 1n }, /\.price_minor: /],
    ['a quantity of 0', { quantity: 0n }, /\.quantity: /],
    ['a query of a megabyte', { query: 'x'.repeat(1 << 20) }, /\.query: must be at most/],
    ['nothing acted on', { productId: '' }, /\.product_id: at least one of/],
  ];
  it.each(bad)(
    'rejects %s by name and rule, and keeps the good event beside it',
    async (_, partial, rule) => {
      const { client, kept } = await serve();
      const { results } = await client.track({
        events: [anEvent({ eventId: 'good' }), anEvent({ eventId: 'bad', ...partial })],
      });
      const text = results[1]?.violations.map((violation) => `${violation.field}: ${violation.rule}`).join();
      expect(text).toMatch(/^events\[1\]/);
      expect(text).toMatch(rule);
      expect([...kept.events.keys()]).toEqual(['good']);

      const alone = await refusal(client.track({ events: [anEvent({ eventId: 'bad', ...partial })] }));
      expect(alone.code).toBe('INVALID_ARGUMENT');
      expect(alone.details).toMatch(rule);
    },
  );

  it('fails when every event was rejected, naming the first twenty and counting the rest', async () => {
    const { client } = await serve();
    const events = Array.from({ length: 25 }, (_, i) => anEvent({ eventId: `e${i}`, userId: '' }));
    const { code, details } = await refusal(client.track({ events }));
    expect(code).toBe('INVALID_ARGUMENT');
    expect(details).toContain('events[0].user_id: must not be empty');
    expect(details).toContain('events[19].user_id');
    expect(details).not.toContain('events[20]');
    expect(details).toContain('and 5 more');
  });

  it('carries the violations as google.rpc.BadRequest for programs', async () => {
    const { client } = await serve();
    const { error } = await refusal(client.track({ events: [anEvent({ userId: '' })] }));
    const [details] = error.metadata.get('grpc-status-details-bin') as Buffer[];
    const text = details?.toString('latin1') ?? '';
    expect(text).toContain('type.googleapis.com/google.rpc.BadRequest');
    expect(text).toContain('events[0].user_id');
    expect(text).toContain('must not be empty');
    expect(details?.subarray(0, 2)).toEqual(Buffer.from([1 << 3, 3]));
  });

  it('answers an empty batch with nothing', async () => {
    const { client } = await serve();
    expect(await client.track({})).toMatchObject({ results: [], acceptedCount: 0, rejectedCount: 0 });
  });

  it('takes the largest batch, and refuses one event more without recording any', async () => {
    const { client, kept } = await serve();
    const events = Array.from({ length: MAX_BATCH + 1 }, (_, i) => anEvent({ eventId: `e${i}` }));
    const { code, details } = await refusal(client.track({ events }));
    expect([code, details]).toEqual([
      'INVALID_ARGUMENT',
      'events: must hold at most 10000 entries, not 10001',
    ]);
    expect(kept.events.size).toBe(0);
    expect((await client.track({ events: events.slice(1) })).acceptedCount).toBe(MAX_BATCH);
  });

  it('rejects bytes that are not UTF-8 by field, and keeps the good event beside them', async () => {
    const { address, kept } = await serve();
    const bytes = TrackRequest.encode({
      events: [anEvent({ eventId: 'good' }), anEvent({ eventId: 'bad', productId: 'BROKEN' })],
    }).finish();
    // 0xC3 begins a character of two bytes, and 0x28 cannot be the second.
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).write(
      '\xc3\x28',
      Buffer.from(bytes).indexOf('BROKEN'),
      'latin1',
    );
    const answer = await sendBytes(address, { method: BehaviourServiceService.track, bytes });
    expect(answer.results[1]?.violations).toEqual([
      { field: 'events[1].product_id', rule: 'must be valid UTF-8' },
    ]);
    expect([...kept.events.keys()]).toEqual(['good']);
  });

  it.each([
    ['a length that runs past the end', [0x0a, 0xff, 0x01]],
    ['a varint without end', Array.from({ length: 12 }, () => 0xff)],
    ['text', [...Buffer.from('{"events": []}')]],
  ])('refuses %s as INVALID_ARGUMENT and goes on serving', async (_, bytes) => {
    const { address, client } = await serve();
    const { code, details } = await refusal(
      sendBytes(address, { method: BehaviourServiceService.track, bytes: Uint8Array.from(bytes) }),
    );
    expect([code, details]).toEqual(['INVALID_ARGUMENT', 'request: must be a valid protobuf message']);
    expect((await client.track({ events: [anEvent()] })).acceptedCount).toBe(1);
  });
});
