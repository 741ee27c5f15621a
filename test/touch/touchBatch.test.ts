import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError, UnavailableError } from '../../src/core/errors.js';
import { MemoryTouchStore } from '../../src/stores/memory/memoryTouchStore.js';
import { createCanTouch } from '../../src/touch/canTouch.js';
import { createCanTouchBatch } from '../../src/touch/canTouchBatch.js';
import { createReserveTouch } from '../../src/touch/reserveTouch.js';
import { createReserveTouchBatch } from '../../src/touch/reserveTouchBatch.js';
import { type Answer, isRefusal } from '../../src/touch/touchBatch.js';
import type { TouchBatchDependencies } from '../../src/touch/touchDependencies.js';
import { steppableClock } from '../support/clock.js';
import { aCap, aPolicy, aQuietRule, ScriptedLedger } from './builders.js';

const NOON = Date.UTC(2025, 5, 1, 12);
const ZONES = ['UTC', 'Asia/Shanghai', undefined, 'Nowhere/Land'];

/** Where four people live: at midday in UTC it is evening for one, and one lives nowhere. */
const zoneOfUser = (userId: string) => ZONES[Number(userId.at(-1))];

function build(facts: Partial<TouchBatchDependencies> = {}) {
  const ledger = new ScriptedLedger();
  const clock = steppableClock(NOON);
  const policy = aPolicy({
    caps: [aCap({ cap: 2 }), aCap({ id: 'shop', scope: ['user', 'shop'], cap: 1 })],
    quietHours: [aQuietRule({ startMinute: 20 * 60 })],
  });
  const personOf = async (userId: string) => ({ homeId: userId, timezone: zoneOfUser(userId) });
  const dependencies: TouchBatchDependencies = {
    store: new MemoryTouchStore(),
    ledger,
    clock,
    policy: () => policy,
    personOf,
    personsOf: (userIds) => Promise.all(userIds.map(personOf)),
    settleTouches: async () => {},
    ...facts,
  };
  return {
    dependencies,
    ledger,
    clock,
    canTouch: createCanTouch(dependencies),
    canTouchBatch: createCanTouchBatch(dependencies),
    reserveTouch: createReserveTouch(dependencies),
    reserveTouchBatch: createReserveTouchBatch(dependencies),
  };
}

const aQuestion = fc.record({
  userId: fc.constantFrom('user-0', 'user-1', 'user-2', 'user-3', ''),
  channel: fc.constantFrom('push', 'sms', 'pigeon'),
  shopId: fc.constantFrom(undefined, 'shop-1', 'shop-2'),
  priority: fc.constantFrom(undefined, 0, 50, 90, 101),
});
const anInput = fc.record({
  requestId: fc.constantFrom('r1', 'r2', 'r3', 'r4'),
  question: aQuestion,
});

/** What a call answers or throws, without what differs between two calls for the same. */
function said(answer: Answer<unknown>, kind: 'questions' | 'reservations'): unknown {
  if (answer instanceof InvalidInputError) {
    const unplaced = (field: string) =>
      kind === 'questions'
        ? field.replace(/^questions\[\d+\]/, 'question')
        : field.replace(/^\w+\[\d+\]\./, '');
    return answer.violations.map(({ field, rule }) => ({ field: unplaced(field), rule }));
  }
  if (isRefusal(answer)) return { name: answer.name, message: answer.message };
  return JSON.parse(
    JSON.stringify(answer, (key, value) => (['permitId', 'takenBy'].includes(key) ? undefined : value)),
  );
}

async function orThrown(call: Promise<unknown>): Promise<unknown> {
  return call.catch((error: unknown) => error);
}

describe('touch asked for many', () => {
  it('C6: a batch of reservations answers and writes as single calls one after the other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anInput, { maxLength: 20 }), async (inputs) => {
        const [together, apart] = [build(), build()];
        const answers = await together.reserveTouchBatch(inputs);
        const single: unknown[] = [];
        for (const input of inputs) single.push(await orThrown(apart.reserveTouch(input)));
        expect(answers.map((answer) => said(answer, 'reservations'))).toEqual(
          single.map((answer) => said(answer, 'reservations')),
        );
        expect(together.ledger.entries.map((entry) => ({ ...entry, permitId: '', takenBy: '' }))).toEqual(
          apart.ledger.entries.map((entry) => ({ ...entry, permitId: '', takenBy: '' })),
        );

        const questions = inputs.map(({ question }) => question);
        const asked = await together.canTouchBatch(questions);
        const alone = await Promise.all(questions.map((question) => orThrown(apart.canTouch(question))));
        expect(asked.map((answer) => said(answer, 'questions'))).toEqual(
          alone.map((answer) => said(answer, 'questions')),
        );
      }),
    );
  });

  it('C6: when the ledger cannot be written nothing of a batch is reserved', async () => {
    const room = build();
    room.ledger.failing = true;
    const inputs = [0, 1, 2].map((i) => ({
      requestId: 'r1',
      question: { userId: `user-${i % 3 === 1 ? 0 : i}-0`, channel: 'push', shopId: `shop-${i}` },
    }));
    await expect(room.reserveTouchBatch(inputs)).rejects.toBeInstanceOf(UnavailableError);
    expect((await room.dependencies.store.read('user-2-0')).records).toEqual([]);
    room.ledger.failing = false;
    const kinds = (await room.reserveTouchBatch(inputs)).map((answer) =>
      isRefusal(answer) ? answer.name : answer.decision.kind,
    );
    expect(kinds.at(-1)).toBe('allow');
  });

  it('C6: one append writes all of a batch', async () => {
    const room = build();
    const sizes: number[] = [];
    const append = room.ledger.append.bind(room.ledger);
    room.ledger.append = async (entries) => {
      sizes.push(entries.length);
      return append(entries);
    };
    await room.reserveTouchBatch(
      Array.from({ length: 250 }, (_, i) => ({
        requestId: 'r1',
        question: { userId: `user-${i}-0`, channel: 'push' },
      })),
    );
    expect(sizes).toEqual([250]);
  });

  it('C6: permits that were too long on their way into the ledger are not given out', async () => {
    let elapsedMs = 0;
    const room = build({ ledgerSettle: { withinMs: 3_000, elapsedMs: () => elapsedMs } });
    const append = room.ledger.append.bind(room.ledger);
    room.ledger.append = async (entries) => {
      elapsedMs += 3_001;
      return append(entries);
    };
    const inputs = [{ requestId: 'r1', question: { userId: 'user-0', channel: 'push' } }];
    const [late] = await room.reserveTouchBatch(inputs);
    expect(late).toBeInstanceOf(UnavailableError);
    room.ledger.append = append;
    expect((await room.reserveTouchBatch(inputs))[0]).toMatchObject({ repeated: true });
  });

  it('T7: people whose touches are kept elsewhere are asked there, in their order', async () => {
    const room = build();
    const { store } = room.dependencies;
    const word = { userId: 'guest-0', homeId: 'host-0', seq: 1, inLedger: true };
    for (const userId of ['guest-0', 'host-0']) await store.takeIn({ userId, homes: [word], arrivals: [] });
    const inputs = ['guest-0', 'host-0', 'guest-0', 'user-0'].map((userId, i) => ({
      requestId: `r${i}`,
      question: { userId, channel: 'push', shopId: `shop-${i}` },
    }));
    const answers = await room.reserveTouchBatch(inputs);
    const kinds = answers.map((answer) => (isRefusal(answer) ? answer.message : answer.decision.kind));
    expect(kinds.filter((kind) => kind === 'allow')).toHaveLength(3);
    expect(kinds.at(-1)).toBe('allow');
    expect((await store.read('host-0')).records).toHaveLength(2);
    const asked = await room.canTouchBatch([{ userId: 'guest-0', channel: 'push' }]);
    expect(asked[0]).toMatchObject({ kind: 'delay' });
  });

  it('C6: an un-whole part of the store costs only its own people their answer', async () => {
    const room = build();
    const { store } = room.dependencies;
    const away = new UnavailableError('being built');
    const readMany = store.readMany.bind(store);
    store.readMany = async (userIds) =>
      (await readMany(userIds)).map((log, i) => (userIds[i] === 'away-0' ? away : log));
    const answers = await room.canTouchBatch(
      ['here-0', 'away-0', 'there-0'].map((userId) => ({ userId, channel: 'push' })),
    );
    expect(answers.map((answer) => (isRefusal(answer) ? answer : answer.kind))).toEqual([
      'allow',
      away,
      'allow',
    ]);
  });

  it('answers two batches of questions at a time, the others in the order in which they came', async () => {
    const answered: number[] = [];
    let begun = 0;
    let answerRead = (): void => {};
    const { canTouchBatch } = build({
      personsOf: async (userIds) => {
        begun += 1;
        await new Promise<void>((resolve) => {
          answerRead = resolve;
        });
        return userIds.map((userId) => ({ homeId: userId }));
      },
    });
    const question = { userId: 'user-0', channel: 'push' };
    const batches = [0, 1, 2, 3].map((n) => canTouchBatch([question]).then(() => answered.push(n)));
    await turn();
    expect(begun).toBe(2);
    // The last to begin is done first; only then does the next one begin.
    answerRead();
    await batches[1];
    expect(begun).toBe(3);
    answerRead();
    await batches[2];
    expect(answered).toEqual([1, 2]);
  });
});
