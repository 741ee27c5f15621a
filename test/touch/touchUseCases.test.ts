import { beforeEach, describe, expect, it } from 'vitest';
import {
  FailedPreconditionError,
  InvalidInputError,
  NotFoundError,
  UnavailableError,
} from '../../src/core/errors.js';
import { MemoryTouchStore } from '../../src/stores/memory/memoryTouchStore.js';
import { createCanTouch } from '../../src/touch/canTouch.js';
import { createCommitTouch } from '../../src/touch/commitTouch.js';
import { newPermitId } from '../../src/touch/permitId.js';
import { createRecordOutcome } from '../../src/touch/recordOutcome.js';
import { createReleaseTouch } from '../../src/touch/releaseTouch.js';
import { rebuildTouchStore } from '../../src/touch/replayTouchLedger.js';
import { createReserveTouch } from '../../src/touch/reserveTouch.js';
import type { TouchDependencies } from '../../src/touch/touchDependencies.js';
import type { TouchPolicy } from '../../src/touch/touchPolicy.js';
import type { TouchStore } from '../../src/touch/touchStore.js';
import { steppableClock } from '../support/clock.js';
import { aCap, aPolicy, DAY, HOUR, MINUTE, ScriptedLedger } from './builders.js';

const NOON = Date.UTC(2025, 5, 1, 12);
const QUESTION = { userId: 'user-1', channel: 'push', shopId: 'shop-1' };

function build({
  ledger = new ScriptedLedger(),
  store = new MemoryTouchStore(),
  ledgerSettle,
}: Partial<Pick<TouchDependencies, 'store' | 'ledgerSettle'>> & { ledger?: ScriptedLedger } = {}) {
  const clock = steppableClock(NOON);
  const state: { policy: TouchPolicy; timezone: string | undefined } = {
    policy: aPolicy({ caps: [aCap()] }),
    timezone: undefined,
  };
  const dependencies: TouchDependencies = {
    store,
    ledger,
    clock,
    policy: () => state.policy,
    personOf: async (userId) => ({ homeId: userId, timezone: state.timezone }),
    settleTouches: async () => {},
    ledgerSettle,
  };
  return {
    ledger,
    store,
    clock,
    state,
    canTouch: createCanTouch(dependencies),
    reserveTouch: createReserveTouch(dependencies),
    commitTouch: createCommitTouch(dependencies),
    releaseTouch: createReleaseTouch(dependencies),
    recordOutcome: createRecordOutcome(dependencies),
  };
}

/** What a new process knows: the ledger alone. */
async function afterCrash(room: ReturnType<typeof build>) {
  const store = new MemoryTouchStore();
  await rebuildTouchStore({ ledger: room.ledger, store, pruneBeforeMs: NOON - 33 * DAY, pageSize: 2 });
  const next = build({ ledger: room.ledger, store });
  next.clock.setMs(room.clock.nowMs());
  return next;
}

async function violationsOf(call: Promise<unknown>) {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof InvalidInputError)) throw new Error(`expected InvalidInputError, got ${error}`);
  return error.violations;
}

describe('the use cases of touch', () => {
  let room: ReturnType<typeof build>;
  beforeEach(() => {
    room = build();
  });
  const reserve = (requestId: string, facts: object = {}) =>
    room.reserveTouch({ requestId, question: { ...QUESTION, ...facts } });
  const permitted = async (requestId: string, facts: object = {}) => {
    const { permit } = await reserve(requestId, facts);
    if (permit === undefined) throw new Error('expected a permit');
    return permit;
  };

  it('C5: a question writes nothing', async () => {
    for (let i = 0; i < 3; i += 1) expect((await room.canTouch(QUESTION)).kind).toBe('allow');
    expect(room.ledger.entries).toEqual([]);
    expect(await room.store.read('user-1')).toEqual({ records: [], marks: [] });
  });

  it('C5: a question is decided in the time zone of the user, UTC when unknown', async () => {
    room.state.policy = aPolicy({
      quietHours: [{ id: 'night', startMinute: 660, endMinute: 780, shadow: false }],
    });
    expect(await room.canTouch(QUESTION)).toMatchObject({ kind: 'delay', notBeforeMs: NOON + HOUR });
    room.state.timezone = 'Asia/Shanghai';
    expect((await room.canTouch(QUESTION)).kind).toBe('allow');
    room.state.timezone = 'Mars/Olympus';
    expect(await violationsOf(room.canTouch(QUESTION))).toMatchObject([{ field: 'timezone' }]);
  });

  it('C6: reserve, commit and the next refusal are in the ledger before the answers', async () => {
    const permit = await permitted('r-1');
    expect(permit).toMatchObject({ requestId: 'r-1', expiresAtMs: NOON + 10 * MINUTE, status: 'reserved' });
    room.clock.stepMs(MINUTE);
    expect(await room.commitTouch({ permitId: permit.permitId })).toEqual({
      late: false,
      taken: false,
      committedAtMs: NOON + MINUTE,
      repeated: false,
    });
    const refused = await reserve('r-2');
    expect(refused).toMatchObject({ decision: { kind: 'delay', notBeforeMs: NOON + MINUTE + HOUR } });
    expect(refused.permit).toBeUndefined();
    expect(room.ledger.entries).toEqual([
      {
        kind: 'reserved',
        userId: 'user-1',
        requestId: 'r-1',
        permitId: permit.permitId,
        channel: 'push',
        campaignType: 'routine',
        shopId: 'shop-1',
        atMs: NOON,
        expiresAtMs: NOON + 10 * MINUTE,
        policyVersion: 7,
        ruleId: 'cap-1',
        reason: 'within_caps',
      },
      { kind: 'committed', userId: 'user-1', permitId: permit.permitId, atMs: NOON + MINUTE, late: false },
      {
        kind: 'refused',
        userId: 'user-1',
        requestId: 'r-2',
        channel: 'push',
        campaignType: 'routine',
        shopId: 'shop-1',
        atMs: NOON + MINUTE,
        policyVersion: 7,
        verdict: 'delay',
        ruleId: 'cap-1',
        reason: 'cap_reached',
        notBeforeMs: NOON + MINUTE + HOUR,
      },
    ]);
  });

  it('C6: a repeated request gets the same permit and decision', async () => {
    const first = await reserve('r-1');
    const second = await reserve('r-1');
    expect(second.permit).toEqual(first.permit);
    expect(second.decision).toEqual(first.decision);
    expect([first.repeated, second.repeated]).toEqual([false, true]);
  });

  it('C6: a repeat after its deadline is refused and gives up nothing; of what was sent it is told', async () => {
    const deadlineMs = NOON + 2 * MINUTE;
    const permit = await permitted('r-1', { deadlineMs });
    room.clock.stepMs(2 * MINUTE);
    expect(await reserve('r-1', { deadlineMs })).toMatchObject({ repeated: true, permit });
    room.clock.stepMs(1);
    const late = await reserve('r-1', { deadlineMs });
    expect(late).toMatchObject({ decision: { kind: 'deny', reason: 'after_deadline' }, repeated: false });
    expect(late.permit).toBeUndefined();
    // By a clock that has stepped back behind the permit's it is told the time of that clock.
    room.clock.stepMs(-4 * MINUTE);
    const back = await reserve('r-1', { deadlineMs: NOON - 3 * MINUTE });
    expect(back.decision).toMatchObject({ kind: 'deny', decidedAtMs: NOON - 2 * MINUTE + 1 });
    room.clock.stepMs(4 * MINUTE);
    // The slot is still held: against others, and for a repeat that has more time.
    expect((await reserve('r-2')).decision.kind).toBe('delay');
    expect(await reserve('r-1', { deadlineMs: deadlineMs + HOUR })).toMatchObject({ repeated: true, permit });
    expect((await room.commitTouch(permit)).late).toBe(false);
    expect(await reserve('r-1', { deadlineMs })).toMatchObject({
      permit: { permitId: permit.permitId, status: 'committed' },
      repeated: true,
    });
  });

  it('C6: a request id for another touch fails and names what differs', async () => {
    await reserve('r-1');
    await expect(reserve('r-1', { channel: 'sms' })).rejects.toThrow(FailedPreconditionError);
    await expect(reserve('r-1', { channel: 'sms' })).rejects.toThrow(/request_id: r-1 .* channel/);
  });

  it('C6: commit and release exclude each other, and each may be repeated', async () => {
    room.state.policy = aPolicy();
    const sent = await permitted('r-1');
    await room.commitTouch(sent);
    expect(await room.commitTouch(sent)).toMatchObject({ late: false, repeated: true });
    await expect(room.releaseTouch(sent)).rejects.toThrow(FailedPreconditionError);

    const unsent = await permitted('r-2');
    expect(await room.releaseTouch(unsent)).toEqual({ expired: false, taken: false });
    expect(await room.releaseTouch(unsent)).toEqual({ expired: false, taken: false });
    await expect(room.commitTouch(unsent)).rejects.toThrow(FailedPreconditionError);
  });

  it('C6: a commit before sending fails where the permit ran out, says so, and counts nothing', async () => {
    const permit = await permitted('r-1');
    room.clock.stepMs(10 * MINUTE);
    const before = await room.store.read(QUESTION.userId);
    await expect(room.commitTouch({ ...permit, onlyIfHeld: true })).rejects.toThrow(
      /holds no slot any more, its time ran out/,
    );
    expect(await room.store.read(QUESTION.userId)).toEqual(before);
    const again = await permitted('r-1');
    expect(await room.commitTouch({ ...again, onlyIfHeld: true })).toMatchObject({
      late: false,
      taken: false,
    });
  });

  it('C8: a commit before sending fails for who unsubscribed meanwhile, says so, and the slot can be released', async () => {
    const permit = await permitted('r-1');
    await room.recordOutcome({ userId: QUESTION.userId, outcome: 'unsubscribed' });
    const unsent = { ...permit, onlyIfHeld: true };
    await expect(room.commitTouch(unsent)).rejects.toThrow(FailedPreconditionError);
    await expect(room.commitTouch(unsent)).rejects.toThrow(/wants to be left alone since; send nothing/);
    expect(await room.releaseTouch(permit)).toEqual({ expired: false, taken: false });
  });

  it('C6: a late commit counts and says so', async () => {
    const permit = await permitted('r-1');
    room.clock.stepMs(10 * MINUTE);
    expect((await room.canTouch(QUESTION)).kind).toBe('allow');
    expect(await room.commitTouch(permit)).toMatchObject({ late: true });
    expect((await room.canTouch(QUESTION)).kind).toBe('delay');
  });

  it('C6: a permit that is not ours, or unknown, is told apart', async () => {
    for (const permitId of ['', 'x', 'push.dXNlci0x.1', `smoke.dXNlci0x.${'0'.repeat(36)}`]) {
      expect(await violationsOf(room.commitTouch({ permitId }))).toMatchObject([{ field: 'permit_id' }]);
      expect(await violationsOf(room.releaseTouch({ permitId }))).toMatchObject([{ field: 'permit_id' }]);
    }
    const permitId = newPermitId({ userId: 'user-1', channel: 'push' });
    await expect(room.commitTouch({ permitId })).rejects.toThrow(NotFoundError);
    await expect(room.releaseTouch({ permitId })).rejects.toThrow(NotFoundError);
  });

  it('C6: when the ledger cannot be written nothing is reserved', async () => {
    room.ledger.failing = true;
    await expect(reserve('r-1')).rejects.toThrow(UnavailableError);
    expect((await room.store.read('user-1')).records).toEqual([]);
    room.ledger.failing = false;
    expect((await reserve('r-2')).decision.kind).toBe('allow');
    room.ledger.failing = true;
    await expect(reserve('r-3')).rejects.toThrow(UnavailableError);
  });

  it('C6: a permit that was too long on its way into the ledger is not given out, its repeat is', async () => {
    let elapsedMs = 0;
    const [slow, normal] = [5_000, 3];
    const appendMs = [slow, normal];
    const append = room.ledger.append.bind(room.ledger);
    room.ledger.append = async (entries) => {
      elapsedMs += appendMs.shift() ?? normal;
      return append(entries);
    };
    room = build({ ledger: room.ledger, ledgerSettle: { withinMs: 3_000, elapsedMs: () => elapsedMs } });
    await expect(reserve('r-1')).rejects.toThrow(UnavailableError);
    expect((await room.store.read('user-1')).records).toHaveLength(1);
    expect((await reserve('r-1')).repeated).toBe(true);
  });

  it.each(['a commit', 'a no'])(
    'C6, C8: %s that was long on its way into the ledger is in a store made anew meanwhile',
    async (what) => {
      let elapsedMs = 0;
      let kept = new MemoryTouchStore();
      const store = new Proxy({} as TouchStore, { get: (_, name) => Reflect.get(kept, name).bind(kept) });
      room = build({
        store,
        ledger: room.ledger,
        ledgerSettle: { withinMs: 3_000, elapsedMs: () => elapsedMs },
      });
      const { permitId } = await permitted('r-1');
      const append = room.ledger.append.bind(room.ledger);
      room.ledger.append = async (entries) => {
        elapsedMs += 5_000;
        kept = new MemoryTouchStore();
        await rebuildTouchStore({ ledger: room.ledger, store: kept, pruneBeforeMs: 0 });
        return append(entries);
      };
      if (what === 'a commit') await room.commitTouch({ permitId });
      else await room.recordOutcome({ userId: 'user-1', outcome: 'blocked' });
      room.ledger.append = append;
      room.clock.stepMs(10 * MINUTE);
      expect((await reserve('r-2')).decision.reason).toBe(what === 'a commit' ? 'cap_reached' : 'left_alone');
    },
  );

  it('C6: a permit that comes back from the ledger is none while its slot is another’s', async () => {
    room.ledger.losingAnswers = true;
    await expect(reserve('r-1')).rejects.toThrow(UnavailableError);
    room.ledger.losingAnswers = false;
    const { permitId } = await permitted('r-2');
    expect((await reserve('r-1')).decision).toMatchObject({ kind: 'delay', reason: 'cap_reached' });
    await room.store.restore(room.ledger.entries, { pruneBeforeMs: NOON - DAY });
    expect((await reserve('r-1')).decision).toMatchObject({ kind: 'delay', reason: 'cap_reached' });
    await room.releaseTouch({ permitId });
    expect(await reserve('r-1')).toMatchObject({ repeated: true, decision: { kind: 'allow' } });
  });

  it('C6: a request that was sent stays sent when a permit of it comes back from the ledger', async () => {
    room.state.policy = aPolicy({ caps: [aCap({ cap: 5 })] });
    room.ledger.losingAnswers = true;
    await expect(reserve('r-1')).rejects.toThrow(UnavailableError);
    room.ledger.losingAnswers = false;
    room.clock.stepMs(1);
    const { permitId } = await permitted('r-1');
    await room.store.restore(room.ledger.entries, { pruneBeforeMs: NOON - DAY });
    expect((await permitted('r-1')).permitId).toBe(permitId);
    await room.commitTouch({ permitId });
    expect(await permitted('r-1')).toMatchObject({ permitId, status: 'committed' });
  });

  it('C6: a request whose first permit was released is repeated with its second, wherever the clock stepped', async () => {
    room.state.policy = aPolicy({ caps: [aCap({ cap: 5 })] });
    await room.releaseTouch(await permitted('r-1'));
    room.clock.stepMs(-1);
    const { permitId } = await permitted('r-1');
    expect(await reserve('r-1')).toMatchObject({ repeated: true, permit: { permitId } });
  });

  it('C4: a question says what a reservation would take, and takes nothing', async () => {
    await permitted('lower');
    const decision = await room.canTouch({ ...QUESTION, priority: 60 });
    expect(decision).toMatchObject({ kind: 'allow', reason: 'takes_reservation' });
    expect(decision.takes.map(({ requestId }) => requestId)).toEqual(['lower']);
    expect(await reserve('lower')).toMatchObject({ repeated: true, wasTaken: false });
  });

  it('C4: what is taken is in the ledger with what took it, and stays taken after a crash', async () => {
    const lower = await permitted('lower');
    room.clock.stepMs(MINUTE);
    const higher = await permitted('higher', { priority: 60 });
    expect(room.ledger.entries).toMatchObject([
      { kind: 'reserved', permitId: lower.permitId },
      { kind: 'reserved', permitId: lower.permitId, requestId: 'lower', atMs: NOON },
      { kind: 'taken', permitId: lower.permitId, takenBy: higher.permitId, atMs: NOON + MINUTE },
      { kind: 'reserved', permitId: higher.permitId, priority: 60, reason: 'takes_reservation' },
    ]);
    for (const one of [room, await afterCrash(room)]) {
      const again = await one.reserveTouch({ requestId: 'lower', question: QUESTION });
      expect(again).toMatchObject({ decision: { kind: 'delay' }, repeated: false, wasTaken: true });
      expect(await one.commitTouch(lower)).toMatchObject({ taken: true, late: false });
      expect(one.ledger.entries.at(-1)).toMatchObject({ kind: 'committed', taken: true, late: false });
    }
  });

  it('C4: a reservation stays taken also where its own entry comes into the ledger last', async () => {
    room.ledger.delays = [9, 0];
    const [lower, higher] = await Promise.all([permitted('lower'), permitted('higher', { priority: 60 })]);
    expect(room.ledger.entries.map((entry) => 'permitId' in entry && entry.permitId)).toEqual([
      lower.permitId,
      lower.permitId,
      higher.permitId,
      lower.permitId,
    ]);
    room = await afterCrash(room);
    expect(await room.commitTouch(lower)).toMatchObject({ taken: true });
  });

  it('C4, C6: whoever is let in by what was taken stands in the ledger with it, also when the taker does not', async () => {
    const lower = await permitted('lower');
    room.ledger.failing = true;
    await expect(reserve('higher', { priority: 60 })).rejects.toThrow(UnavailableError);
    room.ledger.failing = false;
    await permitted('next');
    room = await afterCrash(room);
    expect(await reserve('lower')).toMatchObject({ decision: { kind: 'delay' }, wasTaken: true });
    expect(await room.commitTouch(lower)).toMatchObject({ taken: true });
  });

  it('C4 C6: a repeat takes the slots of reservations of lower priority that bypassed its cap', async () => {
    const campaignType = 'transactional';
    const facts = { campaignType, bypassesCaps: true, countsTowardCaps: true, bypassesQuietHours: true };
    room.state.policy = aPolicy({ caps: [aCap()], campaignTypes: [facts] });
    const { permitId } = await permitted('r-1', { priority: 80 });
    await permitted('r-2', { campaignType });
    expect(await reserve('r-1', { priority: 80 })).toMatchObject({ repeated: true, permit: { permitId } });
    expect(await reserve('r-2', { campaignType })).toMatchObject({ repeated: false, wasTaken: true });
  });

  it('C6: a repeat that was answered keeps its slot when the first append fails', async () => {
    // The first append fails after the repeat's has been answered.
    room.ledger.append = ((append) => {
      let calls = 0;
      return async (entries) => {
        calls += 1;
        if (calls > 1) return append(entries);
        await new Promise((resolve) => setImmediate(resolve));
        throw new Error('disk full');
      };
    })(room.ledger.append.bind(room.ledger));
    const first = reserve('r-1');
    const second = await permitted('r-1');
    await expect(first).rejects.toThrow(UnavailableError);
    expect((await reserve('r-2')).decision.kind).toBe('delay');
    expect(await room.commitTouch(second)).toMatchObject({ late: false });
  });

  it('C6: a commit that the ledger missed counts, and is written by its repeat', async () => {
    const permit = await permitted('r-1');
    room.ledger.failing = true;
    await expect(room.commitTouch(permit)).rejects.toThrow(UnavailableError);
    expect((await room.canTouch(QUESTION)).kind).toBe('delay');
    room.ledger.failing = false;
    await room.commitTouch(permit);
    expect(room.ledger.entries.map(({ kind }) => kind)).toEqual(['reserved', 'committed']);
  });

  it('C6: after a crash the ledger gives the same caps and the same permits', async () => {
    const permit = await permitted('r-1');
    const next = await afterCrash(room);
    expect(await next.canTouch(QUESTION)).toMatchObject({ kind: 'delay', notBeforeMs: permit.expiresAtMs });
    const repeat = await next.reserveTouch({ requestId: 'r-1', question: QUESTION });
    expect(repeat).toMatchObject({ permit: { permitId: permit.permitId }, repeated: true });
    await next.commitTouch(permit);

    const last = await afterCrash(next);
    expect(await last.canTouch(QUESTION)).toMatchObject({ kind: 'delay', notBeforeMs: NOON + HOUR });
    expect(await last.commitTouch(permit)).toMatchObject({ repeated: true, committedAtMs: NOON });
  });

  it('C6: a released slot is free after a crash, and stays released', async () => {
    const permit = await permitted('r-1');
    await room.releaseTouch(permit);
    const next = await afterCrash(room);
    expect((await next.canTouch(QUESTION)).kind).toBe('allow');
    await expect(next.commitTouch(permit)).rejects.toThrow(FailedPreconditionError);
  });

  it('C8: each way of saying no is heard at once, on its channel', async () => {
    for (const outcome of ['muted', 'blocked', 'complained', 'unsubscribed']) {
      room = build();
      room.state.policy = aPolicy();
      await room.recordOutcome({ userId: 'user-1', outcome, channel: 'push' });
      expect(await room.canTouch(QUESTION)).toMatchObject({ kind: 'deny', reason: 'left_alone' });
      expect((await reserve('r-1')).permit).toBeUndefined();
      expect((await room.canTouch({ ...QUESTION, channel: 'sms' })).kind).toBe('allow');
      await room.recordOutcome({ userId: 'user-1', outcome: 'resubscribed', channel: 'push' });
      expect((await room.canTouch(QUESTION)).kind).toBe('allow');
    }
  });

  it('C8: without a channel a no holds on all, and a yes on one channel opens that one', async () => {
    room.state.policy = aPolicy();
    await room.recordOutcome({ userId: 'user-1', outcome: 'unsubscribed' });
    expect((await room.canTouch({ ...QUESTION, channel: 'sms' })).kind).toBe('deny');
    await room.recordOutcome({ userId: 'user-1', outcome: 'resubscribed', channel: 'sms' });
    expect((await room.canTouch({ ...QUESTION, channel: 'sms' })).kind).toBe('allow');
    expect((await room.canTouch(QUESTION)).kind).toBe('deny');
    expect((await room.canTouch({ ...QUESTION, userId: 'user-2' })).kind).toBe('allow');
  });

  it('C8: a no outlives a crash, and so does a yes', async () => {
    await room.recordOutcome({ userId: 'user-1', outcome: 'unsubscribed' });
    let next = await afterCrash(room);
    expect((await next.canTouch(QUESTION)).kind).toBe('deny');
    await next.recordOutcome({ userId: 'user-1', outcome: 'resubscribed' });
    next = await afterCrash(next);
    expect((await next.canTouch(QUESTION)).kind).toBe('allow');
  });

  it('C8: when the ledger fails a no is in force all the same, and a yes is not', async () => {
    room.ledger.failing = true;
    const no = { userId: 'user-1', outcome: 'unsubscribed' };
    await expect(room.recordOutcome(no)).rejects.toThrow(UnavailableError);
    expect((await room.canTouch(QUESTION)).kind).toBe('deny');
    await expect(room.recordOutcome({ ...no, outcome: 'resubscribed' })).rejects.toThrow(UnavailableError);
    expect((await room.canTouch(QUESTION)).kind).toBe('deny');
  });

  it('C1: what became of a message is kept for learning and changes no answer', async () => {
    const permit = await permitted('r-1');
    const before = await room.store.read('user-1');
    for (const outcome of ['delivered', 'opened', 'clicked', 'dismissed']) {
      await room.recordOutcome({ userId: 'user-1', outcome, permitId: permit.permitId, atMs: NOON - 5 });
    }
    expect(await room.store.read('user-1')).toEqual(before);
    expect(room.ledger.entries.slice(1)).toMatchObject(
      ['delivered', 'opened', 'clicked', 'dismissed'].map((outcome) => ({
        kind: 'outcome',
        outcome,
        channel: 'push',
        permitId: permit.permitId,
        atMs: NOON - 5,
        recordedAtMs: NOON,
      })),
    );
  });

  it('C6: a report of the channel is in the ledger before it frees a slot, and outlives a crash', async () => {
    room.state.policy = aPolicy({ caps: [aCap({ counts: 'accepted' })] });
    const { permitId } = await permitted('r-1');
    await room.commitTouch({ permitId });
    const report = { userId: 'user-1', outcome: 'rejected', permitId };
    room.ledger.failing = true;
    await expect(room.recordOutcome(report)).rejects.toThrow(UnavailableError);
    expect((await room.canTouch(QUESTION)).reason).toBe('cap_reached');
    room.ledger.failing = false;
    await room.recordOutcome(report);
    expect((await room.canTouch(QUESTION)).kind).toBe('allow');
    const next = await afterCrash(room);
    next.state.policy = room.state.policy;
    expect((await next.canTouch(QUESTION)).kind).toBe('allow');
  });

  it('C6: a report of a permit that nobody has is kept, and nothing else', async () => {
    const permitId = newPermitId({ userId: 'user-1', channel: 'push' });
    await room.recordOutcome({ userId: 'user-1', outcome: 'undelivered', permitId, atMs: NOON - 5 });
    expect(room.ledger.entries).toEqual([
      {
        kind: 'outcome',
        userId: 'user-1',
        outcome: 'undelivered',
        channel: 'push',
        permitId,
        atMs: NOON - 5,
        recordedAtMs: NOON,
      },
    ]);
    expect(await room.store.read('user-1')).toEqual({ records: [], marks: [] });
  });

  it('names every wrong field of an outcome', async () => {
    const wrong = { userId: '', outcome: 'frowned', channel: 'smoke', atMs: NOON + HOUR + 1 };
    expect((await violationsOf(room.recordOutcome(wrong))).map(({ field }) => field)).toEqual([
      'user_id',
      'outcome',
      'channel',
      'occurred_at',
    ]);
    expect(await violationsOf(room.recordOutcome({ userId: 'user-1', outcome: 'opened' }))).toMatchObject([
      { field: 'channel' },
    ]);
    const permitId = newPermitId({ userId: 'user-2', channel: 'push' });
    expect(
      await violationsOf(
        room.recordOutcome({ userId: 'user-1', outcome: 'opened', permitId, channel: 'sms' }),
      ),
    ).toMatchObject([{ field: 'permit_id' }, { field: 'channel' }]);
    expect(room.ledger.entries).toEqual([]);
  });

  it('names every wrong field of a reservation, and writes nothing', async () => {
    const question = { userId: '', channel: 'smoke', shopId: 'a\u0000b', deadlineMs: Number.NaN };
    const violations = await violationsOf(room.reserveTouch({ requestId: '', question, ttlMs: 999 }));
    expect(violations.map(({ field }) => field)).toEqual([
      'request_id',
      'question.user_id',
      'question.channel',
      'question.shop_id',
      'question.deadline',
      'ttl_ms',
    ]);
    for (const ttlMs of [86_400_001, 1_500.5, Number.NaN]) {
      expect(
        await violationsOf(room.reserveTouch({ requestId: 'r', question: QUESTION, ttlMs })),
      ).toMatchObject([{ field: 'ttl_ms' }]);
    }
    expect(room.ledger.entries).toEqual([]);
  });

  it('takes empty optional fields as absent', async () => {
    await reserve('r-1', { shopId: '', campaignType: '', campaignId: '' });
    expect(room.ledger.entries[0]).toMatchObject({ campaignType: 'routine' });
    expect(room.ledger.entries[0]).not.toHaveProperty('shopId');
  });

  it('C6: a permit id carries any user id', async () => {
    const userId = '用户.1/ü?';
    const { permitId } = await permitted('r-1', { userId });
    expect(await room.commitTouch({ permitId })).toMatchObject({ late: false });
    expect((await room.store.read(userId)).records).toHaveLength(1);
  });
});
