import { describe, expect, it } from 'vitest';
import type { BehaviourLog, UserHistory } from '../../src/behaviour/behaviourLog.js';
import { PARTITIONS, partitionOf } from '../../src/core/partitions.js';
import { buildPartitions } from '../../src/projection/buildPartitions.js';
import type { ProjectionStore } from '../../src/projection/projectionStore.js';
import { rebuild } from '../../src/projection/rebuild.js';
import { verifyPartition } from '../../src/projection/verifyPartition.js';
import { MemoryProjectionStore } from '../../src/stores/memory/memoryProjectionStore.js';
import { PlainTruth } from './world.js';

const PEOPLE = Array.from({ length: 100 }, (_, i) => `user-${i}`);
const ALL = Array.from({ length: PARTITIONS }, (_, partition) => partition);

/** The readers of the log that a comparison needs, on plain lists; a history comes in pieces of two. */
function logOf(truth: PlainTruth): Pick<BehaviourLog, 'historiesOf' | 'readOfUsers'> {
  return {
    async *historiesOf({ partition, throughSeq }) {
      const own = truth.behaviours.filter(({ seq }) => seq <= throughSeq);
      const users = [...new Set(own.map(({ behaviour }) => behaviour.userId))].sort();
      for (const userId of users.filter((id) => partitionOf(id) === partition)) {
        const rows = own.filter(({ behaviour }) => behaviour.userId === userId);
        for (let at = 0; at < rows.length; at += 2) {
          yield [{ userId, behaviours: rows.slice(at, at + 2) }] satisfies UserHistory[];
        }
      }
    },
    readOfUsers: async ({ userIds, throughSeq, afterSeq = 0 }) =>
      truth.behaviours.filter(
        ({ seq, behaviour }) => seq > afterSeq && seq <= throughSeq && userIds.includes(behaviour.userId),
      ),
  };
}

async function rebuilt(truth: PlainTruth, store: ProjectionStore, partitions = ALL) {
  return rebuild({
    store,
    source: truth,
    log: logOf(truth),
    owner: 'operator',
    partitions,
    ledgerSettleMs: 0,
    onProgress: () => {},
  });
}

const verified = (truth: PlainTruth, store: ProjectionStore, partition: number) =>
  verifyPartition(partition, { log: logOf(truth), store, pack: truth.pack });

describe('rebuild and verify', () => {
  it('builds every partition from the truth, ends in equal checksums, and lets go of the leases', async () => {
    const [truth, store] = [new PlainTruth(), new MemoryProjectionStore()];
    for (const userId of PEOPLE) truth.browses(userId, 5);
    const reports = await rebuilt(truth, store);
    expect(reports.map(({ differenceCount }) => differenceCount)).toEqual(ALL.map(() => 0));
    expect(reports.map(({ onlineChecksum }) => onlineChecksum)).toEqual(
      reports.map(({ truthChecksum }) => truthChecksum),
    );
    expect(reports.reduce((sum, { users }) => sum + users, 0)).toBe(PEOPLE.length);
    expect(reports.reduce((sum, { behaviours }) => sum + behaviours, 0)).toBe(5 * PEOPLE.length);
    expect(await store.lease({ partition: 3, owner: 'a server', ttlMs: 1_000 })).toBeDefined();
  });

  it('names what is missing, different and unknown, and a rebuild of that bucket mends it', async () => {
    const [truth, store] = [new PlainTruth(), new MemoryProjectionStore()];
    for (const userId of PEOPLE) truth.browses(userId, 3);
    await rebuilt(truth, store);
    const partition = partitionOf('user-1');
    const others = PEOPLE.filter((id) => partitionOf(id) === partition && id !== 'user-1');
    const stranger = Array.from({ length: 500 }, (_, i) => `stranger-${i}`).find(
      (id) => partitionOf(id) === partition,
    ) as string;
    const position = (await store.lease({ partition, owner: 'vandal', ttlMs: 60_000 }))?.appliedSeq ?? 0;
    await store.replaceHistories(
      { partition, owner: 'vandal', fromSeq: position },
      new Map([
        ['user-1', truth.pack(truth.behaviours[0] as never)],
        [stranger, truth.historyOf('user-1')],
        ...others.slice(0, 1).map((id): [string, Uint8Array] => [id, new Uint8Array()]),
      ]),
    );
    const report = await verified(truth, store, partition);
    expect(report.onlineChecksum).not.toBe(report.truthChecksum);
    expect(new Map(report.differences.map(({ userId, kind }) => [userId, kind]))).toEqual(
      new Map([
        ['user-1', 'different'],
        [stranger, 'unknown'],
        ...others.slice(0, 1).map((id): [string, 'missing'] => [id, 'missing']),
      ]),
    );
    expect((await verified(truth, store, (partition + 1) % PARTITIONS)).differenceCount).toBe(0);
    await rebuilt(truth, store, [partition]);
    expect((await verified(truth, store, partition)).differenceCount).toBe(0);
  });

  it('compares rightly while the store is ahead of what the comparison has read', async () => {
    const [truth, store] = [new PlainTruth(), new MemoryProjectionStore()];
    for (const userId of PEOPLE) truth.browses(userId, 3);
    await rebuilt(truth, store);
    const partition = partitionOf('user-1');
    const owner = 'a server';
    const position = (await store.lease({ partition, owner, ttlMs: 60_000 }))?.appliedSeq ?? 0;
    // News comes and is applied between the look at the position and the read of the users.
    const busy = new Proxy(store, {
      get: (_, name: keyof MemoryProjectionStore) => {
        if (name === 'readUsers' && truth.behaviours.length === 3 * PEOPLE.length) {
          return async (userIds: readonly string[]) => {
            const rows = truth.browses('user-1', 2);
            const toSeq = rows.at(-1)?.seq ?? 0;
            const additions = new Map([['user-1', Buffer.concat(rows.map(truth.pack))]]);
            await store.append({ partition, owner, fromSeq: position, toSeq }, additions);
            return store.readUsers(userIds);
          };
        }
        const member = store[name];
        return typeof member === 'function' ? member.bind(store) : member;
      },
    });
    expect((await verified(truth, busy, partition)).differences).toEqual([]);
  });

  it('refuses to call a rebuild done whose lease another one seized', async () => {
    const [truth, store] = [new PlainTruth(), new MemoryProjectionStore()];
    truth.browses('user-1', 3);
    const read = truth.readBehaviours.bind(truth);
    truth.readBehaviours = async (page) => {
      await store.seizeLease({ partition: 5, owner: 'another operator', ttlMs: 60_000 });
      return read(page);
    };
    await expect(rebuilt(truth, store)).rejects.toThrow(/partitions 5 were seized/);
  });

  it('C6: declares nothing whole of which the first half was lost on the way', async () => {
    const [truth, store] = [new PlainTruth(), new MemoryProjectionStore()];
    for (const userId of PEOPLE) truth.browses(userId, 3);
    const [owner, ttlMs] = ['a server', 60_000];
    const lease = () => Promise.all(ALL.map((partition) => store.lease({ partition, owner, ttlMs })));
    const build = () =>
      buildPartitions({
        store,
        source: truth,
        owner,
        partitions: ALL,
        ledgerSettleMs: 1,
        // Leases are renewed, whatever became of the rest.
        whileWorking: async () => {
          await lease();
        },
      });
    const readTouches = truth.readTouches.bind(truth);
    let reads = 0;
    truth.readTouches = async (page) => {
      // The ledger is read a second time once it has settled: by then the touch logs were restored.
      if (++reads === 2) store.clear();
      return readTouches(page);
    };
    await lease();
    expect((await build()).positions).toEqual(new Map());
    expect((await store.positions(ALL)).map(({ epoch }) => epoch)).toEqual(ALL.map(() => undefined));
    await build();
    expect((await store.positions(ALL)).map(({ epoch }) => typeof epoch)).toEqual(ALL.map(() => 'string'));
    expect((await store.readUsers(PEOPLE)).map(({ history }) => Buffer.from(history))).toEqual(
      PEOPLE.map((userId) => truth.historyOf(userId)),
    );
  });
});
