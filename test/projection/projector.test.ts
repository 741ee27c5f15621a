import { afterEach, describe, expect, it } from 'vitest';
import { UnavailableError } from '../../src/core/errors.js';
import { PARTITIONS, partitionOf } from '../../src/core/partitions.js';
import type { ProjectionStore } from '../../src/projection/projectionStore.js';
import { Projector } from '../../src/projection/projector.js';
import { decodeProfile } from '../../src/projection/userProfile.js';
import { MemoryProjectionStore } from '../../src/stores/memory/memoryProjectionStore.js';
import { PlainTruth } from './world.js';

const PEOPLE = Array.from({ length: 40 }, (_, i) => `user-${i}`);
const ALL = Array.from({ length: PARTITIONS }, (_, partition) => partition);

const running: Projector[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((projector) => projector.stop()));
});

function startProjector(
  truth: PlainTruth,
  store: ProjectionStore,
  { owner = `owner-${running.length}`, troubles = [] as unknown[] } = {},
): Projector {
  const projector = new Projector({
    store,
    source: truth,
    owner,
    onApplied: () => {},
    onBuilt: () => {},
    onTrouble: (_, cause) => troubles.push(cause),
    elapsedMs: () => performance.now(),
    ledgerSettleMs: 0,
  });
  running.push(projector);
  projector.start();
  return projector;
}

/** Resolves once every history is what the log says, to the byte, and every partition is whole. */
async function untilEqual(truth: PlainTruth, store: ProjectionStore): Promise<void> {
  const differing = async (): Promise<string[]> => {
    const [users, positions] = [await store.readUsers(PEOPLE), await store.positions(ALL)];
    return [
      ...PEOPLE.filter((userId, i) => !Buffer.from(users[i]?.history ?? []).equals(truth.historyOf(userId))),
      ...ALL.filter((_, i) => positions[i]?.epoch === undefined).map((partition) => `partition ${partition}`),
    ];
  };
  await expect.poll(differing, { timeout: 8_000, interval: 20 }).toEqual([]);
}

describe('the projector, on the memory store', () => {
  it('builds what is there at the start, and follows what comes', async () => {
    const [truth, store] = [new PlainTruth(), new MemoryProjectionStore()];
    for (const userId of PEOPLE) truth.browses(userId, 5);
    startProjector(truth, store);
    await untilEqual(truth, store);
    for (const userId of PEOPLE.slice(0, 7)) truth.browses(userId, 3);
    await untilEqual(truth, store);
  });

  it('moves the positions of partitions without news too, so that a watermark is reached', async () => {
    const [truth, store] = [new PlainTruth(), new MemoryProjectionStore()];
    startProjector(truth, store);
    const seq = truth.browses('ann', 1).at(-1)?.seq ?? 0;
    await expect
      .poll(async () => (await store.positions(ALL)).every(({ appliedSeq }) => appliedSeq >= seq), {
        timeout: 5_000,
      })
      .toBe(true);
  });

  it('takes in a page of one person with more behaviours than a step and than a page', async () => {
    const [truth, store] = [new PlainTruth(), new MemoryProjectionStore()];
    startProjector(truth, store);
    await untilEqual(truth, store);
    truth.browses('user-1', 2_500);
    for (const userId of PEOPLE) truth.browses(userId, 30);
    await untilEqual(truth, store);
  });

  it('shares the partitions between servers, and takes over those of one that ends', async () => {
    const [truth, store] = [new PlainTruth(), new MemoryProjectionStore()];
    const first = startProjector(truth, store, { owner: 'first' });
    await expect.poll(() => first.ownedCount, { timeout: 5_000 }).toBe(PARTITIONS);
    const second = startProjector(truth, store, { owner: 'second' });
    await expect
      .poll(() => [first.ownedCount, second.ownedCount], { timeout: 8_000 })
      .toEqual([PARTITIONS / 2, PARTITIONS / 2]);
    for (const userId of PEOPLE) truth.browses(userId, 4);
    await untilEqual(truth, store);
    await second.stop();
    await expect.poll(() => first.ownedCount, { timeout: 8_000 }).toBe(PARTITIONS);
    for (const userId of PEOPLE) truth.browses(userId, 2);
    await untilEqual(truth, store);
  });

  it('applies nothing twice while several servers believe that they own the same', async () => {
    const [truth, store] = [new PlainTruth(), new MemoryProjectionStore()];
    for (const userId of PEOPLE) truth.browses(userId, 3);
    // Leases change hands all the time: every step may meet another's.
    let isContended = false;
    const contended = new Proxy(store, {
      get: (_, name: keyof MemoryProjectionStore) => {
        const member = isContended && name === 'lease' ? store.seizeLease : store[name];
        return typeof member === 'function' ? member.bind(store) : member;
      },
    });
    startProjector(truth, contended, { owner: 'first' });
    startProjector(truth, contended, { owner: 'second' });
    await untilEqual(truth, store);
    isContended = true;
    for (let round = 0; round < 10; round++) {
      for (const userId of PEOPLE) truth.browses(userId, 2);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    isContended = false;
    await untilEqual(truth, store);
  });

  it('builds anew what the store lost, and names nothing whole before', async () => {
    const [truth, first] = [new PlainTruth(), new MemoryProjectionStore()];
    for (const userId of PEOPLE) truth.browses(userId, 5);
    // The store behind the port is emptied, as FLUSHALL does.
    let store = first;
    const lossy = new Proxy(first, {
      get: (_, name: keyof MemoryProjectionStore) => {
        const member = store[name];
        return typeof member === 'function' ? member.bind(store) : member;
      },
    });
    startProjector(truth, lossy);
    await untilEqual(truth, lossy);
    store = new MemoryProjectionStore();
    expect((await lossy.positions([0]))[0]?.epoch).toBeUndefined();
    await untilEqual(truth, lossy);
  });

  it('goes on after the truth or the store was away, and tells of it', async () => {
    const [truth, store] = [new PlainTruth(), new MemoryProjectionStore()];
    const troubles: unknown[] = [];
    startProjector(truth, store, { troubles });
    await untilEqual(truth, store);
    truth.failures.push(new UnavailableError('gone'), new UnavailableError('gone'));
    for (const userId of PEOPLE) truth.browses(userId, 2);
    await untilEqual(truth, store);
    expect(troubles.length).toBeGreaterThan(0);
  });

  it('goes on with the other partitions while a node of the store does not answer', async () => {
    const [truth, store] = [new PlainTruth(), new MemoryProjectionStore()];
    const isOnNode = (partition: number): boolean => partition % 3 === 0;
    let isNodeDead = false;
    // As a cluster of which one node hangs: what needs it fails after a while, what does not is answered.
    const cluster = new Proxy(store, {
      get: (_, name: keyof MemoryProjectionStore) => {
        const member = store[name];
        if (typeof member !== 'function') return member;
        return async (...args: readonly unknown[]) => {
          if (isNodeDead && needsNode(name, args[0])) {
            await new Promise((resolve) => setTimeout(resolve, 400));
            throw new UnavailableError('no answer');
          }
          return Reflect.apply(member, store, args);
        };
      },
    });
    function needsNode(name: string, asked: unknown): boolean {
      if (name === 'announce') return true;
      if (name === 'positions') return (asked as readonly number[]).some(isOnNode);
      if (name === 'readUsers') return (asked as readonly string[]).some((id) => isOnNode(partitionOf(id)));
      return isOnNode((asked as { partition: number }).partition);
    }
    const troubles: unknown[] = [];
    startProjector(truth, cluster, { troubles });
    await untilEqual(truth, store);

    isNodeDead = true;
    const [others, hidden] = [
      PEOPLE.filter((userId) => !isOnNode(partitionOf(userId))),
      PEOPLE.filter((userId) => isOnNode(partitionOf(userId))),
    ];
    // Longer than a lease lasts.
    for (let round = 0; round < 8; round++) {
      for (const userId of PEOPLE) truth.browses(userId, 1);
      const behind = async () => {
        const users = await store.readUsers(others);
        return others.filter(
          (userId, i) => Buffer.compare(truth.historyOf(userId), users[i]?.history ?? new Uint8Array()) !== 0,
        );
      };
      await expect.poll(behind, { timeout: 900, interval: 20 }).toEqual([]);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(troubles.length).toBeGreaterThan(0);
    expect((await store.readUsers(hidden)).map(({ history }) => history.length)).toEqual(hidden.map(() => 0));
    isNodeDead = false;
    await untilEqual(truth, store);
  }, 20_000);

  it('carries what is told of users, the latest word of each', async () => {
    const [truth, store] = [new PlainTruth(), new MemoryProjectionStore()];
    for (const userId of PEOPLE) truth.describe(userId, 'north');
    startProjector(truth, store);
    const regions = async () =>
      (await store.readUsers(PEOPLE)).map(({ profile }) => decodeProfile(profile).user?.region);
    await expect.poll(regions, { timeout: 5_000 }).toEqual(PEOPLE.map(() => 'north'));
    truth.describe('user-3', 'south');
    await expect.poll(async () => (await regions())[3], { timeout: 5_000 }).toBe('south');
  });

  it('C6: brings ledger entries that the touch logs do not know, and repeats none', async () => {
    const [truth, store] = [new PlainTruth(), new MemoryProjectionStore()];
    const permit = { userId: 'user-1', permitId: 'p-1' };
    truth.touched(
      {
        ...permit,
        kind: 'reserved',
        requestId: 'r-1',
        channel: 'push',
        campaignType: 'routine',
        atMs: 1_000,
        expiresAtMs: 601_000,
        policyVersion: 1,
        ruleId: 'cap',
        reason: 'within_caps',
      },
      { ...permit, kind: 'committed', atMs: 2_000, late: false },
    );
    startProjector(truth, store);
    const states = async () =>
      (await truth.touchStore.read('user-1')).records.map(({ state }) => state.status);
    await expect.poll(states, { timeout: 5_000 }).toEqual(['committed']);
    await expect
      .poll(async () => (await store.positions([partitionOf('user-1')]))[0]?.ledgerSeq, { timeout: 5_000 })
      .toBe(2);
    expect(await states()).toEqual(['committed']);
  });
});
