import { beforeEach, describe, expect, it } from 'vitest';
import { InvalidInputError, UnavailableError } from '../../src/core/errors.js';
import { window } from '../../src/core/time.js';
import type { ReserveTouchOutput } from '../../src/touch/reserveTouch.js';
import { aCap, aPolicy, DAY, HOUR } from '../touch/builders.js';
import { TouchWorld } from './touchWorld.js';

const CAP = 3;

describe('the touches of linked ids', () => {
  let world: TouchWorld;
  beforeEach(() => {
    world = new TouchWorld(aPolicy({ caps: [aCap({ cap: CAP })] }));
  });

  let requests = 0;
  const reserve = (userId: string, requestId = `r-${++requests}`): Promise<ReserveTouchOutput> =>
    world.reserveTouch({ requestId, question: { userId, channel: 'push' } });
  const permitted = async (userId: string, requestId?: string) => {
    const { permit } = await reserve(userId, requestId);
    if (permit === undefined) throw new Error(`expected a permit for ${userId}`);
    return permit;
  };
  const sent = async (userId: string) => {
    const permit = await permitted(userId);
    await world.commitTouch(permit);
    return permit;
  };
  const used = async (userId: string) => {
    const { rules } = await world.canTouch({ userId, channel: 'push' });
    return rules[0]?.kind === 'cap' ? rules[0].used : undefined;
  };
  const isRefused = async (userId: string) => (await reserve(userId)).permit === undefined;

  it('T7 C6: both count against one cap, once, under either id', async () => {
    await sent('a');
    await permitted('b');
    expect(await world.link('a', 'b')).toEqual({ personId: 'a', merged: true });
    expect([await used('a'), await used('b')]).toEqual([2, 2]);
    await sent('b');
    expect([await isRefused('a'), await isRefused('b')]).toEqual([true, true]);
  });

  it('T7 C6: two full caps make one that is more than full, and frees as they do', async () => {
    for (const userId of ['a', 'a', 'a', 'b', 'b', 'b']) await sent(userId);
    await world.link('a', 'b');
    expect(await used('b')).toBe(6);
    world.clock.stepMs(HOUR);
    expect(await used('a')).toBe(0);
  });

  it('T7: a permit is committed, released and repeated after its id was linked', async () => {
    const [sentOne, unsent] = [await permitted('b', 'same'), await permitted('b')];
    await world.link('a', 'b');
    expect((await reserve('b', 'same')).permit?.permitId).toBe(sentOne.permitId);
    expect(await world.commitTouch(sentOne)).toMatchObject({ repeated: false, late: false });
    expect(await world.commitTouch(sentOne)).toMatchObject({ repeated: true });
    await world.releaseTouch(unsent);
    expect(await used('a')).toBe(1);
    await world.loseStore();
    expect(await world.commitTouch(sentOne)).toMatchObject({ repeated: true });
    expect(await used('a')).toBe(1);
  });

  it('T7 C4: any id of a person gives way to any other, and stays taken through links, losses and unlinks', async () => {
    const lower = await permitted('b', 'lower');
    await sent('a');
    await sent('a');
    await world.link('a', 'b');
    const question = { userId: 'a', channel: 'push', priority: 60 };
    const higher = await world.reserveTouch({ requestId: 'higher', question });
    expect(higher.decision).toMatchObject({
      reason: 'takes_reservation',
      takes: [{ permitId: lower.permitId }],
    });
    await world.loseStore();
    expect(await reserve('b', 'lower')).toMatchObject({ decision: { kind: 'delay' }, wasTaken: true });
    await world.link('c', 'a');
    await world.loseStore();
    expect(await reserve('b', 'lower')).toMatchObject({ wasTaken: true });
    expect((await world.reserveTouch({ requestId: 'higher', question })).permit).toEqual(higher.permit);
    await world.unlink('b');
    expect(await world.commitTouch(lower)).toMatchObject({ taken: true });
    await world.loseStore();
    expect(await world.commitTouch(lower)).toMatchObject({ taken: true, repeated: true });
  });

  it('T7 C8: whoever left one id alone is left alone under all, before and after the link', async () => {
    await world.recordOutcome({ userId: 'b', outcome: 'unsubscribed', channel: 'push' });
    await world.link('a', 'b');
    expect((await reserve('a')).decision.reason).toBe('left_alone');
    world.clock.stepMs(1);
    await world.recordOutcome({ userId: 'a', outcome: 'resubscribed', channel: 'push' });
    expect(await isRefused('b')).toBe(false);
    world.clock.stepMs(1);
    await world.recordOutcome({ userId: 'b', outcome: 'blocked' });
    expect((await reserve('a')).decision.reason).toBe('left_alone');
    await world.loseStore();
    expect((await reserve('a')).decision.reason).toBe('left_alone');
  });

  it('T7 C8: who was left alone under one id is left alone when it is linked, until they say otherwise', async () => {
    await world.recordOutcome({ userId: 'b', outcome: 'unsubscribed', channel: 'push' });
    world.clock.stepMs(1);
    // Said where nobody knew of the other.
    await world.recordOutcome({ userId: 'a', outcome: 'resubscribed' });
    await world.link('a', 'b');
    expect((await reserve('a')).decision.reason).toBe('left_alone');
    await world.loseStore();
    expect((await reserve('a')).decision.reason).toBe('left_alone');
    expect((await world.canTouch({ userId: 'a', channel: 'sms' })).kind).toBe('allow');
    await world.recordOutcome({ userId: 'a', outcome: 'resubscribed' });
    expect(await isRefused('b')).toBe(false);
    await world.link('c', 'b');
    expect(await isRefused('c')).toBe(false);
  });

  it('T7 C8: who was left alone under one id is left alone when it is linked once more', async () => {
    await world.link('a', 'b');
    await world.unlink('b');
    await world.recordOutcome({ userId: 'b', outcome: 'unsubscribed', channel: 'push' });
    world.clock.stepMs(1);
    await world.recordOutcome({ userId: 'a', outcome: 'resubscribed', channel: 'push' });
    await world.link('a', 'b');
    expect((await reserve('a')).decision.reason).toBe('left_alone');
    await world.loseStore();
    expect((await reserve('a')).decision.reason).toBe('left_alone');
  });

  it('T7 C8: what an id said itself holds again once it is taken out of a wrong link', async () => {
    await world.recordOutcome({ userId: 'b', outcome: 'unsubscribed', channel: 'push' });
    await world.link('a', 'b');
    await world.recordOutcome({ userId: 'a', outcome: 'resubscribed', channel: 'push' });
    expect(await isRefused('b')).toBe(false);
    await world.recordOutcome({ userId: 'a', outcome: 'muted', channel: 'sms' });
    world.clock.stepMs(1);
    await world.recordOutcome({ userId: 'b', outcome: 'resubscribed', channel: 'sms' });
    await world.unlink('b');
    const reasonOf = async (userId: string, channel: string) =>
      (await world.canTouch({ userId, channel })).reason;
    for (const lose of [false, true]) {
      if (lose) await world.loseStore();
      expect(await reasonOf('b', 'push')).toBe('left_alone');
      expect(await reasonOf('a', 'push')).toBe('within_caps');
      expect(await reasonOf('a', 'sms')).toBe('left_alone');
      expect(await reasonOf('b', 'sms')).toBe('within_caps');
    }
    await world.recordOutcome({ userId: 'b', outcome: 'resubscribed', channel: 'push' });
    expect(await reasonOf('b', 'push')).toBe('within_caps');
    expect((await world.unlink('b')).unlinked).toBe(false);
    expect(await reasonOf('b', 'push')).toBe('within_caps');
  });

  it('T7: an outcome may name a permit of another id of the person, and of nobody else', async () => {
    const { permitId } = await permitted('b');
    const report = { userId: 'a', outcome: 'opened', permitId };
    await expect(world.recordOutcome(report)).rejects.toThrow(InvalidInputError);
    await world.link('a', 'b');
    await world.recordOutcome(report);
  });

  it('T7: follows chains, whichever end is linked on', async () => {
    for (const userId of ['a', 'b', 'c']) await sent(userId);
    await world.link('a', 'b');
    await world.link('c', 'b');
    for (const userId of ['a', 'b', 'c']) expect(await used(userId)).toBe(3);
    await world.loseStore();
    for (const userId of ['a', 'b', 'c']) expect(await used(userId)).toBe(3);
  });

  it('T7: a cycle, an id with itself and a link that is there change nothing', async () => {
    await sent('a');
    await sent('b');
    await world.link('a', 'b');
    const entries = world.ledger.entries.length;
    for (const [userId, otherId] of [
      ['b', 'a'],
      ['a', 'b'],
      ['a', 'a'],
      ['alone', 'alone'],
    ] as const) {
      expect((await world.link(userId, otherId)).merged).toBe(false);
    }
    expect(await used('a')).toBe(2);
    expect(world.ledger.entries).toHaveLength(entries);
  });

  it('T7: after an unlink each id has what was sent to it, and marks hold on both sides', async () => {
    await sent('a');
    await sent('b');
    await world.link('a', 'b');
    await sent('b');
    await world.recordOutcome({ userId: 'a', outcome: 'muted', channel: 'sms' });
    expect(await world.unlink('b')).toMatchObject({
      unlinked: true,
      rest: { personId: 'a', ids: [{ userId: 'a' }] },
    });
    // The home keeps what it has: too careful, never too free.
    expect([await used('a'), await used('b')]).toEqual([3, 2]);
    for (const userId of ['a', 'b']) {
      expect((await world.canTouch({ userId, channel: 'sms' })).reason).toBe('left_alone');
    }
    await sent('b');
    expect([await used('a'), await used('b')]).toEqual([3, 3]);
    await world.loseStore();
    expect([await used('a'), await used('b')]).toEqual([3, 3]);
    expect(await world.unlink('b')).toEqual({ unlinked: false });
  });

  it('T7: when the id leaves that the person is named after, the others have what was theirs', async () => {
    for (const userId of ['a', 'b', 'c']) await sent(userId);
    await world.link('a', 'b');
    await world.link('a', 'c');
    expect(await world.unlink('a')).toMatchObject({ rest: { personId: 'b' } });
    expect([await used('a'), await used('b'), await used('c')]).toEqual([3, 2, 2]);
    await sent('c');
    expect([await used('b'), await isRefused('b')]).toEqual([3, true]);
    await world.loseStore();
    expect([await used('a'), await used('b'), await used('c')]).toEqual([3, 3, 3]);
  });

  it('T7 C6: a request that another id made is nobody’s any more once that id has left', async () => {
    await world.link('a', 'b');
    const { permitId } = await permitted('b', 'same');
    expect((await reserve('a', 'same')).permit?.permitId).toBe(permitId);
    await world.unlink('b');
    expect(await reserve('a', 'same')).toMatchObject({ repeated: false, decision: { kind: 'allow' } });
  });

  it('T7 C6: of two ids that made the same request each gets its own permit again once they are linked', async () => {
    const own = await permitted('a', 'same');
    world.clock.stepMs(1);
    const others = await world.reserveTouch({
      requestId: 'same',
      question: { userId: 'b', channel: 'sms' },
    });
    await world.link('a', 'b');
    expect((await reserve('a', 'same')).permit?.permitId).toBe(own.permitId);
    const again = await world.reserveTouch({ requestId: 'same', question: { userId: 'b', channel: 'sms' } });
    expect(again.permit?.permitId).toBe(others.permit?.permitId);
  });

  it('T7: linking again what was taken apart counts nothing twice', async () => {
    await sent('a');
    await sent('b');
    for (let round = 0; round < 3; round += 1) {
      await world.link('a', 'b');
      expect([await used('a'), await used('b')]).toEqual([2, 2]);
      await world.unlink('b');
      await world.link('b', 'a');
      expect([await used('a'), await used('b')]).toEqual([2, 2]);
      await world.unlink('a');
    }
    await world.loseStore();
    await world.link('a', 'b');
    expect(await used('a')).toBe(2);
  });

  it('T7 C6: touches of which the ids are forgotten still count, each once', async () => {
    world = new TouchWorld(
      aPolicy({ caps: [aCap({ cap: 9, window: { kind: 'rolling', windowMs: window(28 * DAY) } })] }),
    );
    // At the same moment, alike in everything that is kept of them.
    await sent('a');
    await sent('b');
    world.clock.stepMs(4 * DAY);
    await sent('a');
    await sent('b');
    await world.link('a', 'b');
    expect(await used('b')).toBe(4);
    await world.loseStore();
    expect(await used('b')).toBe(4);
    world.clock.stepMs(4 * DAY);
    await sent('b');
    await world.link('c', 'a');
    expect(await used('a')).toBe(5);
    await world.loseStore();
    expect(await used('a')).toBe(5);
    await world.unlink('b');
    expect(await used('b')).toBeGreaterThanOrEqual(3);
    await world.link('b', 'c');
    expect(await used('b')).toBe(5);
  });

  it('T7 C6: a slot held by a clock that stepped back is held after the link too, and after a loss', async () => {
    await permitted('a');
    world.clock.stepMs(-HOUR);
    await permitted('a');
    await world.link('b', 'a');
    await world.loseStore();
    expect(await used('a')).toBe(2);
  });

  it('T7 C6: a store that believes an old word finds the touches all the same', async () => {
    await sent('b');
    await world.link('a', 'b');
    world.staleHomeOf = (userId) => userId;
    expect([await used('a'), await used('b')]).toEqual([1, 1]);
    await sent('b');
    expect(await used('a')).toBe(2);
    await world.unlink('b');
    world.staleHomeOf = () => 'a';
    await sent('b');
    expect([await used('a'), await used('b')]).toEqual([2, 3]);
  });

  it('T7 C6: who comes upon a link that was never finished finishes it', async () => {
    await sent('a');
    await sent('b');
    world.weather.failAfter = 1;
    await expect(world.link('a', 'b')).rejects.toThrow(UnavailableError);
    expect((await reserve('b')).decision.rules[0]).toMatchObject({ used: 2 });
    expect(await used('a')).toBe(3);
  });

  it('T7 C6: a link during which the store is lost and made anew loses no touch', async () => {
    for (let loseAfter = 0; loseAfter < 25; loseAfter += 1) {
      world = new TouchWorld(aPolicy({ caps: [aCap({ cap: 9 })] }));
      for (const userId of ['a', 'b', 'b', 'c']) await sent(userId);
      await world.link('c', 'b');
      world.weather.loseAfter = loseAfter;
      await world.link('a', 'c');
      world.weather.loseAfter = undefined;
      expect(await Promise.all(['a', 'b', 'c'].map(used))).toEqual([4, 4, 4]);
      await world.loseStore();
      expect(await Promise.all(['a', 'b', 'c'].map(used))).toEqual([4, 4, 4]);
    }
  });

  it('T7 C6: what the channel refused while its id was linked frees its slot after a loss, too', async () => {
    for (let turns = 0; turns < 100; turns += 1) {
      world = new TouchWorld(aPolicy({ caps: [aCap({ cap: CAP, counts: 'accepted' })] }));
      await sent('a');
      const { permitId } = await sent('b');
      world.ledger.delays = [turns];
      const refused = { userId: 'b', outcome: 'rejected', permitId };
      await Promise.all([world.link('a', 'b'), world.recordOutcome(refused)]);
      expect([await used('a'), await used('b')]).toEqual([1, 1]);
      await world.loseStore();
      expect([await used('a'), await used('b')], `the ledger took ${turns} turns`).toEqual([1, 1]);
    }
  });

  it.each([false, true])(
    'T7 C6: a link or unlink that broke off anywhere is completed by a repeat (calls done before they fail: %s)',
    async (doneBeforeFailing) => {
      for (let failAfter = 0; failAfter < 30; failAfter += 1) {
        world = new TouchWorld(aPolicy({ caps: [aCap({ cap: 9 })] }));
        for (const userId of ['a', 'b', 'c', 'c', 'd']) await sent(userId);
        await world.link('c', 'd');
        Object.assign(world.weather, { failAfter, doneBeforeFailing });
        await world.link('a', 'b').catch(() => world.link('a', 'b'));
        await world.link('b', 'd').catch(() => world.link('b', 'd'));
        world.weather.failAfter = undefined;
        if (failAfter % 2 === 0) await world.loseStore();
        expect(await Promise.all(['a', 'b', 'c', 'd'].map(used))).toEqual([5, 5, 5, 5]);
        Object.assign(world.weather, { failAfter, doneBeforeFailing });
        await world.unlink('a').catch(() => world.unlink('a'));
        world.weather.failAfter = undefined;
        if (failAfter % 2 === 1) await world.loseStore();
        expect(await Promise.all(['a', 'b', 'c', 'd'].map(used))).toEqual([5, 4, 4, 4]);
        await sent('c');
        expect(await used('b')).toBe(5);
      }
    },
  );
});
