import { once } from 'node:events';
import { Client, type ClientReadableStream, credentials, type StatusObject, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { UnavailableError } from '../../src/core/errors.js';
import {
  BehaviourServiceService,
  TrackStreamRequest,
  type TrackStreamResponse,
} from '../../src/gen/tagrank/v1/behaviour.js';
import { anEvent } from './messages.js';
import { serve } from './serve.js';

/** All answers, and what ended the stream. */
async function drain(
  stream: ClientReadableStream<TrackStreamResponse>,
): Promise<{ answers: TrackStreamResponse[]; code: string }> {
  const answers: TrackStreamResponse[] = [];
  stream.on('data', (answer: TrackStreamResponse) => answers.push(answer));
  stream.on('error', () => {});
  const [ended] = await Promise.all([
    new Promise<StatusObject>((resolve) => stream.once('status', resolve)),
    // The status may overtake answers that are not read yet.
    new Promise<void>((resolve) => stream.once('end', resolve)),
  ]);
  return { answers, code: status[ended.code] };
}

const batch = (...eventIds: string[]): TrackStreamRequest => ({
  events: eventIds.map((eventId) => anEvent({ eventId })),
});

describe('TrackStream', () => {
  it('answers each message in order and ends when the caller does', async () => {
    const { client, kept } = await serve();
    const stream = client.trackStream();
    const drained = drain(stream);
    for (let i = 0; i < 50; i++) stream.write(batch(`e${i}a`, `e${i}b`));
    stream.end();
    const { answers, code } = await drained;
    expect(code).toBe('OK');
    expect(answers.map(({ messageNumber }) => Number(messageNumber))).toEqual(
      Array.from({ length: 50 }, (_, i) => i + 1),
    );
    expect(answers.map(({ results }) => results[0]?.eventId)).toEqual(
      Array.from({ length: 50 }, (_, i) => `e${i}a`),
    );
    expect(kept.events.size).toBe(100);
  });

  it('reports bad events and batches that are too large, and goes on', async () => {
    const { client, kept } = await serve();
    const stream = client.trackStream();
    const drained = drain(stream);
    stream.write({ events: [anEvent({ eventId: 'bad', userId: '' })] });
    stream.write(TrackStreamRequest.fromPartial({ events: Array.from({ length: 10_001 }, () => anEvent()) }));
    stream.write(batch('good'));
    stream.end();
    const { answers, code } = await drained;
    expect(code).toBe('OK');
    expect(answers[0]).toMatchObject({ rejectedCount: 1, violations: [] });
    expect(answers[0]?.results[0]?.violations).toEqual([
      { field: 'events[0].user_id', rule: 'must not be empty' },
    ]);
    expect(answers[1]).toMatchObject({
      results: [],
      violations: [{ field: 'events', rule: 'must hold at most 10000 entries, not 10001' }],
    });
    expect(answers[2]).toMatchObject({ acceptedCount: 1 });
    expect([...kept.events.keys()]).toEqual(['good']);
  });

  it('reports a message that is no protobuf, and goes on', async () => {
    const { address, kept } = await serve();
    const { path, responseDeserialize } = BehaviourServiceService.trackStream;
    const raw = new Client(address, credentials.createInsecure());
    const stream = raw.makeBidiStreamRequest(
      path,
      (bytes: Uint8Array) => Buffer.from(bytes),
      responseDeserialize,
    );
    const drained = drain(stream);
    stream.write(Uint8Array.of(0x0a, 0xff, 0x01));
    stream.write(TrackStreamRequest.encode(batch('good')).finish());
    stream.end();
    const { answers, code } = await drained;
    raw.close();
    expect(code).toBe('OK');
    expect(answers[0]?.violations).toEqual([{ field: 'request', rule: 'must be a valid protobuf message' }]);
    expect(answers[1]).toMatchObject({ messageNumber: 2n, acceptedCount: 1 });
    expect([...kept.events.keys()]).toEqual(['good']);
  });

  it('ends with UNAVAILABLE when the log cannot be written', async () => {
    const { client, logLines } = await serve({
      track: () => Promise.reject(new UnavailableError('the log is gone', { cause: new Error('disk full') })),
    });
    const stream = client.trackStream();
    const drained = drain(stream);
    stream.write(batch('e1'));
    expect(await drained).toEqual({ answers: [], code: 'UNAVAILABLE' });
    expect(JSON.stringify(logLines)).toContain('disk full');
  });

  it('answers what it holds and ends with UNAVAILABLE when the server stops', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let begun = (): void => {};
    const beginning = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const { client, server } = await serve({
      track: async (events) => {
        begun();
        await held;
        return { outcomes: events.map(() => ({ status: 'accepted' })), watermark: '' };
      },
    });
    const stream = client.trackStream();
    const drained = drain(stream);
    stream.write(batch('held'));
    stream.write(batch('never begun'));
    await beginning;
    const stopped = server.stop();
    release();
    const { answers, code } = await drained;
    expect(answers.map(({ results }) => results[0]?.eventId)).toEqual(['held']);
    expect(code).toBe('UNAVAILABLE');
    await stopped;
  });

  it('ends idle streams with UNAVAILABLE when the server stops', async () => {
    const { client, server } = await serve();
    const stream = client.trackStream();
    const answered = once(stream, 'data');
    stream.write(batch('e1'));
    await answered;
    const drained = drain(stream);
    await server.stop();
    expect((await drained).code).toBe('UNAVAILABLE');
  });
});
