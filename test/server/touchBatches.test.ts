import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type ClientReadableStream, credentials, type StatusObject, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { UnavailableError } from '../../src/core/errors.js';
import {
  CanTouchBatchRequest,
  type CanTouchBatchResponse,
  DecisionKind,
  ReserveTouchBatchRequest,
  type ReserveTouchBatchResponse,
  TouchServiceService,
} from '../../src/gen/tagrank/v1/touch.js';
import { Channel, Language } from '../../src/gen/tagrank/v1/vocabulary.js';
import { createFakeUseCases } from './fakeUseCases.js';
import { serve } from './serve.js';

const QUESTION = { channel: Channel.WECOM_DIRECT, shopId: 's1' };

const questionsOf = (...userIds: string[]): CanTouchBatchRequest =>
  CanTouchBatchRequest.fromPartial({ questions: userIds.map((userId) => ({ ...QUESTION, userId })) });

const reservationsOf = (...asks: { userId: string; requestId: string }[]): ReserveTouchBatchRequest =>
  ReserveTouchBatchRequest.fromPartial({
    reservations: asks.map(({ userId, requestId }) => ({ requestId, question: { ...QUESTION, userId } })),
  });

/** All answers, and what ended the stream. */
async function drain<Answer>(
  stream: ClientReadableStream<Answer>,
): Promise<{ answers: Answer[]; code: string }> {
  const answers: Answer[] = [];
  stream.on('data', (answer: Answer) => answers.push(answer));
  stream.on('error', () => {});
  const [ended] = await Promise.all([
    new Promise<StatusObject>((resolve) => stream.once('status', resolve)),
    // The status may overtake answers that are not read yet.
    new Promise<void>((resolve) => stream.once('end', resolve)),
  ]);
  return { answers, code: status[ended.code] };
}

describe('CanTouchBatch', () => {
  it('C5: answers each message by one, in order, each question with a decision of its own', async () => {
    const { client } = await serve();
    const { permit } = await client.reserveTouch({
      requestId: 'r1',
      question: { ...QUESTION, userId: 'taken' },
    });
    await client.commitTouch({ permitId: permit?.permitId ?? '' });
    const stream = client.canTouchBatch();
    const drained = drain<CanTouchBatchResponse>(stream);
    stream.write(questionsOf('free', 'taken', 'free'));
    stream.write(questionsOf());
    stream.write(questionsOf('taken'));
    stream.end();
    const { answers, code } = await drained;
    expect(code).toBe('OK');
    expect(answers.map(({ messageNumber }) => messageNumber)).toEqual([1n, 2n, 3n]);
    expect(answers.map(({ results }) => results.map(({ decision }) => decision?.kind))).toEqual([
      [DecisionKind.ALLOW, DecisionKind.DELAY, DecisionKind.ALLOW],
      [],
      [DecisionKind.DELAY],
    ]);
    const alone = await client.canTouch({ question: { ...QUESTION, userId: 'taken' } });
    expect(answers[2]?.results[0]?.decision).toEqual(alone.decision);
  });

  it('bad questions cost nobody else their answer, and are named by their place', async () => {
    const { client } = await serve();
    const stream = client.canTouchBatch();
    const drained = drain<CanTouchBatchResponse>(stream);
    stream.write(
      CanTouchBatchRequest.fromPartial({
        questions: [
          { ...QUESTION, userId: 'good' },
          { ...QUESTION, userId: '' },
          { ...QUESTION, userId: 'u2', priority: 101 },
          { ...QUESTION, userId: 'u3', language: 9 as Language },
          { userId: 'u4' },
          { ...QUESTION, userId: 'last', language: Language.ZH },
        ],
      }),
    );
    stream.end();
    const results = (await drained).answers[0]?.results ?? [];
    expect(results.map(({ violations }) => violations.map(({ field }) => field))).toEqual([
      [],
      ['questions[1].user_id'],
      ['questions[2].priority'],
      ['questions[3].language'],
      ['questions[4].channel'],
      [],
    ]);
    expect(results.map(({ decision }) => decision?.kind)).toEqual([
      DecisionKind.ALLOW,
      ...Array.from({ length: 4 }, () => undefined),
      DecisionKind.ALLOW,
    ]);
    expect(results[5]?.decision?.reason).toMatch(/[\u4e00-\u9fff]/);
  });

  it('says of a reservation longer than any that it is none, whatever the question', async () => {
    const { client } = await serve();
    const stream = client.canTouchBatch();
    const drained = drain<CanTouchBatchResponse>(stream);
    const question = { ...QUESTION, userId: 'u1' };
    const questions = [question, { ...QUESTION, userId: '' }];
    stream.write(CanTouchBatchRequest.fromPartial({ questions, ttlMs: 999n }));
    stream.write(CanTouchBatchRequest.fromPartial({ questions: [question], ttlMs: 1_000n }));
    stream.end();
    const { answers } = await drained;
    expect(answers[0]?.results.map(({ violations }) => violations.map(({ field }) => field))).toEqual([
      ['ttl_ms'],
      ['questions[1].user_id', 'ttl_ms'],
    ]);
    expect(answers[1]?.results[0]?.decision?.kind).toBe(DecisionKind.ALLOW);
  });

  it('reports a message that is too large, or no protobuf, and goes on', async () => {
    const { address } = await serve();
    const { path, responseDeserialize } = TouchServiceService.canTouchBatch;
    const raw = new Client(address, credentials.createInsecure());
    const stream = raw.makeBidiStreamRequest(
      path,
      (bytes: Uint8Array) => Buffer.from(bytes),
      responseDeserialize,
    );
    const drained = drain<CanTouchBatchResponse>(stream);
    stream.write(Uint8Array.of(0x0a, 0xff, 0x01));
    const many = Array.from({ length: 1_001 }, () => 'u1');
    stream.write(CanTouchBatchRequest.encode(questionsOf(...many)).finish());
    stream.write(CanTouchBatchRequest.encode(questionsOf('u1')).finish());
    stream.end();
    const { answers, code } = await drained;
    raw.close();
    expect(code).toBe('OK');
    expect(answers.map(({ violations }) => violations)).toEqual([
      [{ field: 'request', rule: 'must be a valid protobuf message' }],
      [{ field: 'questions', rule: 'must hold at most 1000 entries, not 1001' }],
      [],
    ]);
    expect(answers.map(({ results }) => results.length)).toEqual([0, 0, 1]);
  });

  it('works ahead of a client that reads slowly by no more than fits into its flow-control window', async () => {
    const { touch } = createFakeUseCases().useCases;
    let asked = 0;
    const { client } = await serve({
      touch: {
        ...touch,
        canTouchBatch: (inputs) => {
          asked += inputs.length;
          return touch.canTouchBatch(inputs);
        },
      },
    });
    const stream = client.canTouchBatch();
    const messages = 200;
    for (let i = 0; i < messages; i += 1) {
      stream.write(questionsOf(...Array.from({ length: 100 }, (_, j) => `user-${i}-${j}`)));
    }
    stream.end();

    let read = 0;
    let most = 0;
    for await (const { results } of stream as AsyncIterable<CanTouchBatchResponse>) {
      if (read % 4_000 === 0) await sleep(300);
      read += results.length;
      most = Math.max(most, asked - read);
      expect(results.every(({ decision }) => decision?.kind === DecisionKind.ALLOW)).toBe(true);
    }
    expect(read).toBe(20_000);
    // 64 KiB of answers, and the messages that either end holds.
    expect(most).toBeLessThan(5_000);
  }, 20_000);

  it('says of whom nothing can be decided now, and ends when that is everybody', async () => {
    const { touch } = createFakeUseCases().useCases;
    const { client } = await serve({
      touch: {
        ...touch,
        canTouchBatch: async (inputs) => {
          const answers = await touch.canTouchBatch(inputs);
          return answers.map((answer, i) => (i % 2 === 0 ? new UnavailableError('being built') : answer));
        },
      },
    });
    const stream = client.canTouchBatch();
    const drained = drain<CanTouchBatchResponse>(stream);
    stream.write(questionsOf('away', 'here'));
    stream.write(questionsOf('away'));
    const { answers, code } = await drained;
    expect(answers).toHaveLength(1);
    expect(answers[0]?.results.map(({ unavailable }) => unavailable)).toEqual([true, false]);
    expect(answers[0]?.results[0]?.decision).toBeUndefined();
    expect(code).toBe('UNAVAILABLE');
  });

  it('answers what it holds and ends with UNAVAILABLE when the server stops', async () => {
    const { client, server } = await serve();
    const stream = client.canTouchBatch();
    const answered = once(stream, 'data');
    stream.write(questionsOf('u1'));
    await answered;
    const drained = drain(stream);
    await server.stop();
    expect((await drained).code).toBe('UNAVAILABLE');
  });
});

describe('ReserveTouchBatch', () => {
  it('C6: of several for one user the first get the slots, within a message and over messages', async () => {
    const { client } = await serve();
    const stream = client.reserveTouchBatch();
    const drained = drain<ReserveTouchBatchResponse>(stream);
    stream.write(
      reservationsOf(
        { userId: 'u1', requestId: 'r1' },
        { userId: 'u2', requestId: 'r1' },
        { userId: 'u1', requestId: 'r2' },
      ),
    );
    stream.write(reservationsOf({ userId: 'u1', requestId: 'r1' }, { userId: 'u2', requestId: 'r2' }));
    stream.end();
    const { answers, code } = await drained;
    expect(code).toBe('OK');
    expect(
      answers.map(({ results }) =>
        results.map(({ permit, repeated }) => [permit !== undefined, repeated] as const),
      ),
    ).toEqual([
      [
        [true, false],
        [true, false],
        [false, false],
      ],
      [
        [true, true],
        [false, false],
      ],
    ]);
    expect(answers[1]?.results[0]?.permit).toEqual(answers[0]?.results[0]?.permit);
    const permitId = answers[0]?.results[1]?.permit?.permitId ?? '';
    expect((await client.commitTouch({ permitId })).late).toBe(false);
  });

  it('C6: a request id that has a permit for another message is a violation of its own', async () => {
    const { client } = await serve();
    await client.reserveTouch({ requestId: 'r1', question: { ...QUESTION, userId: 'u1' } });
    const stream = client.reserveTouchBatch();
    const drained = drain<ReserveTouchBatchResponse>(stream);
    stream.write(
      ReserveTouchBatchRequest.fromPartial({
        reservations: [
          { requestId: 'r1', question: { ...QUESTION, userId: 'u1', channel: Channel.PUSH } },
          { requestId: '', ttlMs: 5n, question: { ...QUESTION, userId: 'u2' } },
          { requestId: 'r3' },
          { requestId: 'r4', question: { ...QUESTION, userId: 'u4' } },
        ],
      }),
    );
    stream.end();
    const [answer] = (await drained).answers;
    expect(answer?.results.map(({ violations }) => violations.map(({ field }) => field))).toEqual([
      ['reservations[0].request_id'],
      ['reservations[1].request_id', 'reservations[1].ttl_ms'],
      ['reservations[2].question'],
      [],
    ]);
    expect(answer?.results[0]?.violations[0]?.rule).toBe(
      'r1 was used before with another channel; another message needs its own',
    );
    expect(answer?.results[3]?.permit).toBeDefined();
  });

  it('refuses a message that is too large, and reserves nothing of it', async () => {
    const { client } = await serve();
    const stream = client.reserveTouchBatch();
    const drained = drain<ReserveTouchBatchResponse>(stream);
    const asks = Array.from({ length: 1_001 }, (_, i) => ({ userId: 'u1', requestId: `r${i}` }));
    stream.write(reservationsOf(...asks));
    stream.end();
    expect((await drained).answers).toEqual([
      {
        results: [],
        messageNumber: 1n,
        violations: [{ field: 'reservations', rule: 'must hold at most 1000 entries, not 1001' }],
      },
    ]);
    expect((await client.canTouch({ question: { ...QUESTION, userId: 'u1' } })).decision?.kind).toBe(
      DecisionKind.ALLOW,
    );
  });
});
