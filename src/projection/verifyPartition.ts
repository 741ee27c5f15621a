import type { LoggedBehaviour } from '../behaviour/behaviour.js';
import type { BehaviourLog } from '../behaviour/behaviourLog.js';
import { addChecksums, historyChecksum } from './keptHistory.js';
import type { ProjectionStore, StoredUser } from './projectionStore.js';

export interface VerifyDeps {
  readonly log: Pick<BehaviourLog, 'historiesOf' | 'readOfUsers'>;
  readonly store: Pick<ProjectionStore, 'positions' | 'readUsers' | 'countHistories' | 'scanHistories'>;
  readonly pack: (behaviour: LoggedBehaviour) => Uint8Array;
  /** Called with the behaviours of every page that was compared. */
  readonly onProgress?: (behaviours: number) => void;
}

/** A user id whose online history is not what the truth says. */
export interface HistoryDifference {
  readonly userId: string;
  /** `missing` online, `unknown` to the truth, or both there and `different`. */
  readonly kind: 'missing' | 'unknown' | 'different';
}

/** What a comparison of one partition found. */
export interface PartitionReport {
  readonly partition: number;
  /** Behaviours of the log up to this seq were compared. */
  readonly throughSeq: number;
  readonly users: number;
  readonly behaviours: number;
  /** Sums over users (`historyChecksum`), in hexadecimal; equal when nothing differs. */
  readonly truthChecksum: string;
  readonly onlineChecksum: string;
  /** At most `DIFFERENCES_NAMED`. */
  readonly differences: readonly HistoryDifference[];
  readonly differenceCount: number;
}

/** Differences of a partition that are named; the rest are counted. */
export const DIFFERENCES_NAMED = 100;

/** A user as the truth has them. */
interface TrueUser {
  readonly userId: string;
  readonly history: Uint8Array;
}

/**
 * Compares the histories of a partition with the truth, user by user, while both go on being
 * written: the truth is read up to where the partition stood at the beginning, and what the online
 * store has applied since is looked up for those users alone. Memory stays flat.
 */
export async function verifyPartition(partition: number, deps: VerifyDeps): Promise<PartitionReport> {
  const [position] = await deps.store.positions([partition]);
  const throughSeq = position?.appliedSeq ?? 0;
  const tally = new Tally();
  let behaviours = 0;
  for await (const users of trueUsers(partition, {
    ...deps,
    throughSeq,
    onRead: (count) => (behaviours += count),
  })) {
    await compare(users, { ...deps, throughSeq, tally });
    deps.onProgress?.(behaviours);
  }
  // More histories than were found for the truth's users: who came since is no stray, the look tells.
  if ((await deps.store.countHistories(partition)) > tally.found)
    await findStrays(partition, { ...deps, tally });
  return { partition, throughSeq, behaviours, ...tally.report() };
}

/** The truth's users with their packed histories, in pages; a long history comes together again. */
async function* trueUsers(
  partition: number,
  {
    log,
    pack,
    throughSeq,
    onRead,
  }: Pick<VerifyDeps, 'log' | 'pack'> & { throughSeq: number; onRead: (behaviours: number) => void },
): AsyncGenerator<TrueUser[]> {
  let open: { readonly userId: string; readonly packs: Uint8Array[] } | undefined;
  for await (const page of log.historiesOf({ partition, throughSeq })) {
    const done: TrueUser[] = [];
    for (const { userId, behaviours } of page) {
      onRead(behaviours.length);
      if (open !== undefined && open.userId !== userId) done.push(closed(open));
      if (open === undefined || open.userId !== userId) open = { userId, packs: [] };
      for (const behaviour of behaviours) open.packs.push(pack(behaviour));
    }
    if (done.length > 0) yield done;
  }
  if (open !== undefined) yield [closed(open)];
}

function closed({ userId, packs }: { userId: string; packs: readonly Uint8Array[] }): TrueUser {
  return { userId, history: Buffer.concat(packs) };
}

async function compare(
  users: readonly TrueUser[],
  { log, store, pack, throughSeq, tally }: VerifyDeps & { throughSeq: number; tally: Tally },
): Promise<void> {
  const stored = await store.readUsers(users.map(({ userId }) => userId));
  const ahead = Math.max(throughSeq, ...stored.map(({ position }) => position.appliedSeq));
  const since = new Map<string, Uint8Array[]>();
  if (ahead > throughSeq) {
    const news = await log.readOfUsers({
      userIds: users.map(({ userId }) => userId),
      afterSeq: throughSeq,
      throughSeq: ahead,
    });
    for (const behaviour of news) {
      const { userId } = behaviour.behaviour;
      since.set(userId, [...(since.get(userId) ?? []), pack(behaviour)]);
    }
  }
  for (const [i, { userId, history }] of users.entries()) {
    const truth = Buffer.concat([history, ...(since.get(userId) ?? [])]);
    tally.note(userId, { truth, online: (stored[i] as StoredUser).history });
  }
}

/** Histories online that the truth knows nothing of. */
async function findStrays(
  partition: number,
  { log, store, tally }: Pick<VerifyDeps, 'log' | 'store'> & { tally: Tally },
): Promise<void> {
  for await (const page of store.scanHistories(partition)) {
    const userIds = [...page.keys()];
    const throughSeq = Number.MAX_SAFE_INTEGER;
    const known = new Set(
      (await log.readOfUsers({ userIds, throughSeq })).map(({ behaviour }) => behaviour.userId),
    );
    for (const [userId, online] of page) {
      if (!known.has(userId)) tally.note(userId, { truth: new Uint8Array(), online });
    }
  }
}

class Tally {
  users = 0;
  /** Users of the truth with a history online. */
  found = 0;
  #truth = 0n;
  #online = 0n;
  #differenceCount = 0;
  readonly #differences: HistoryDifference[] = [];
  readonly #strays = new Set<string>();

  note(userId: string, { truth, online }: { truth: Uint8Array; online: Uint8Array }): void {
    if (truth.length > 0) {
      this.users += 1;
      if (online.length > 0) this.found += 1;
    } else if (this.#strays.has(userId)) return;
    else this.#strays.add(userId);
    const own = historyChecksum(userId, truth);
    const found = historyChecksum(userId, online);
    this.#truth = addChecksums(this.#truth, own);
    this.#online = addChecksums(this.#online, found);
    if (own === found) return;
    this.#differenceCount += 1;
    if (this.#differences.length === DIFFERENCES_NAMED) return;
    const kind = online.length === 0 ? 'missing' : truth.length === 0 ? 'unknown' : 'different';
    this.#differences.push({ userId, kind });
  }

  report() {
    return {
      users: this.users,
      truthChecksum: this.#truth.toString(16).padStart(16, '0'),
      onlineChecksum: this.#online.toString(16).padStart(16, '0'),
      differences: this.#differences,
      differenceCount: this.#differenceCount,
    };
  }
}
