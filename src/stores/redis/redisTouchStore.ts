import { isDeepStrictEqual } from 'node:util';
import { UnavailableError } from '../../core/errors.js';
import { partitionOf } from '../../core/partitions.js';
import type { EpochMs } from '../../core/time.js';
import { groupByPartition } from '../../projection/projectionSteps.js';
import { type TouchNews, takeInLog } from '../../touch/joinTouchLogs.js';
import type { LearnedPerson } from '../../touch/learnedPerson.js';
import type { ConsentMark } from '../../touch/leaveAlone.js';
import { replayEntry } from '../../touch/replayTouchLedger.js';
import { hasMoved, heldHere } from '../../touch/touchHome.js';
import type { TouchLedgerEntry } from '../../touch/touchLedger.js';
import type {
  CommitMoment,
  CommitOutcome,
  ConsentWord,
  FailedMoment,
  InLog,
  LearnPeople,
  OneOfMany,
  PermitMoment,
  ReleaseOutcome,
  Reservation,
  ReserveOutcome,
  TakenIn,
  TouchStore,
} from '../../touch/touchStore.js';
import {
  commitInLog,
  failInLog,
  markInLog,
  releaseInLog,
  reserveInLog,
  type Step,
  withdrawFromLog,
} from '../../touch/touchTransitions.js';
import { prunedLog, type UserTouchLog, withLearned } from '../../touch/userTouchLog.js';
import { inChunks } from './chunks.js';
import { reserveManyInRedis } from './manyReservations.js';
import {
  isInPlace,
  type PackedLog,
  PackedTouchLogs,
  PEOPLE_A_SCRIPT,
  type Replacement,
} from './packedTouchLogs.js';
import { DEFAULT_COMMAND_TIMEOUT_MS, type RedisClient } from './redisClient.js';
import { packTouchLog } from './touchLogCodec.js';
import { isSameLog, MAX_ATTEMPTS, pauseAfter, unpackedLog } from './touchLogRace.js';
import { Turns } from './turns.js';

export interface RedisTouchStoreOptions {
  readonly client: RedisClient;
  readonly keyPrefix?: string;
  /**
   * So many replicas must have a grant, a commit or a mark before it is answered; otherwise the call
   * rejects with `UnavailableError`. 0 (the default) waits for none: a primary that dies takes the
   * last moments with it, and a slot given out in them is given out once more after the failover,
   * until the ledger is applied again. With as many as a primary has replicas, whatever was answered
   * is on the server that takes over; with fewer it is left to the election, which prefers the one
   * that has most. It costs each such call the way to the replica, and while too few are there,
   * as after a failover from a primary with one replica, nothing is granted.
   */
  readonly minReplicas?: number;
  /** The longest wait for them. */
  readonly replicationTimeoutMs?: number;
  /** The longest that a call waits for others of the same person. */
  readonly patienceMs?: number;
}

const DEFAULT_REPLICATION_TIMEOUT_MS = 500;

interface Change<Outcome> {
  /** Pure: done anew on another log when the race was lost. */
  readonly step: (log: UserTouchLog) => Step<Outcome>;
  /** Whether somebody acts on the outcome, so that it must outlive the primary. */
  readonly isPromise?: (outcome: Outcome) => boolean;
  /**
   * Another server may make the very same change, to the byte, in the same millisecond. One of them is told
   * that it was first; so is nobody whose first answer was lost, which a repeat is not told either.
   */
  readonly isAnybodys?: boolean;
}

/**
 * The touch log in Redis, decided upon in TypeScript by the same rules as everywhere (decision 0007):
 * read, decide, and set where the log is still what was read; otherwise decide anew on what is there.
 *
 * - Round trips: `read` and `readMany` one, all others two (`reserveMany` for each hundred people), and
 *   one more for each race lost against another server. What changes nothing writes nothing. Calls of this process for one person take turns.
 * - A partition that is not whole (`PartitionKeys.position`) refuses everything but `restore`: after
 *   a loss of data nobody may be taken for a person who was never written to.
 * - The server must not evict (`maxmemory-policy noeviction`).
 */
export class RedisTouchStore implements TouchStore {
  readonly #logs: PackedTouchLogs;
  readonly #turns = new Turns();
  readonly #minReplicas: number;
  readonly #patienceMs: number;

  constructor({
    client,
    keyPrefix,
    minReplicas = 0,
    replicationTimeoutMs = DEFAULT_REPLICATION_TIMEOUT_MS,
    patienceMs = DEFAULT_COMMAND_TIMEOUT_MS,
  }: RedisTouchStoreOptions) {
    this.#logs = new PackedTouchLogs({ client, keyPrefix, minReplicas, replicationTimeoutMs });
    this.#minReplicas = minReplicas;
    this.#patienceMs = patienceMs;
  }

  async read(userId: string): Promise<UserTouchLog> {
    return unpackedLog(userId, await this.#logs.read(userId));
  }

  async readMany(userIds: readonly string[]): Promise<OneOfMany<UserTouchLog>[]> {
    try {
      const logs = await this.#logs.readMany(userIds);
      return logs.map((log, i) => unpackedOrError(userIds[i]!, log));
    } catch (error) {
      if (error instanceof UnavailableError) return userIds.map(() => error);
      throw error;
    }
  }

  reserveMany(reservations: readonly Reservation[]): Promise<OneOfMany<ReserveOutcome>[]> {
    return reserveManyInRedis(reservations, {
      logs: this.#logs,
      turns: this.#turns,
      minReplicas: this.#minReplicas,
      patienceMs: this.#patienceMs,
    });
  }

  reserve(reservation: Reservation): Promise<ReserveOutcome> {
    return this.#changeOwn(reservation, {
      step: (log) => reserveInLog(log, reservation),
      isPromise: ({ kind }) => kind === 'granted' || kind === 'repeated',
    });
  }

  withdraw({ permitId, ...where }: InLog & { readonly permitId: string }): Promise<void> {
    return this.#changeOwn(where, {
      step: (log) => ({ log: withdrawFromLog(log, permitId), outcome: undefined }),
    });
  }

  commit(permit: CommitMoment): Promise<CommitOutcome> {
    return this.#changeOwn(permit, {
      step: (log) => commitInLog(log, permit),
      isAnybodys: true,
      isPromise: ({ kind }) => kind === 'committed',
    });
  }

  /** Waits for no replicas: a release that is lost holds a slot for longer, which exceeds no cap. */
  release(permit: PermitMoment): Promise<ReleaseOutcome> {
    return this.#changeOwn(permit, { step: (log) => releaseInLog(log, permit), isAnybodys: true });
  }

  fail(permit: FailedMoment): Promise<void> {
    return this.#changeOwn(permit, { step: (log) => failInLog(log, permit), isPromise: () => true });
  }

  mark(word: ConsentWord): Promise<ConsentMark> {
    return this.#changeOwn(word, { step: (log) => markInLog(log, word), isPromise: () => true });
  }

  takeIn(news: TouchNews): Promise<TakenIn> {
    return this.#change(news.userId, {
      step: (before) => {
        const log = takeInLog(before, news);
        return { log, outcome: { log, changed: log !== before } };
      },
      isPromise: () => true,
    });
  }

  async restore(
    entries: readonly TouchLedgerEntry[],
    { pruneBeforeMs }: { pruneBeforeMs: EpochMs },
  ): Promise<void> {
    await Promise.all(
      [...byPartitionAndUser(entries)].map(async ([partition, ofUsers]) => {
        for (const people of inChunks([...ofUsers], PEOPLE_A_SCRIPT)) {
          await this.#restorePeople({ partition, people: new Map(people), pruneBeforeMs });
        }
      }),
    );
  }

  /** Also in partitions that are not whole: what was learned grants nothing, and a build makes it anew. */
  async learn(userIds: readonly string[], fold: LearnPeople): Promise<void> {
    for (const people of inChunks(userIds, PEOPLE_A_SCRIPT)) await this.#learnPeople(people, fold);
  }

  /** Ends what the store opened itself, not the client that it was given. */
  close(): Promise<void> {
    return this.#logs.close();
  }

  /** In the log that is believed to hold the touches of the user, and only if it does. */
  #changeOwn<Outcome>(
    { userId, homeId = userId }: InLog,
    { step, ...rest }: Change<Outcome>,
  ): Promise<Outcome> {
    return this.#change(homeId, {
      step: (log) => step(heldHere({ ownerId: homeId, log }, userId)),
      ...rest,
    });
  }

  #change<Outcome>(
    userId: string,
    { step, isPromise = () => false, isAnybodys = false }: Change<Outcome>,
  ): Promise<Outcome> {
    const arrivedMs = performance.now();
    return this.#turns.take(userId, async () => {
      // Else each of those who wait would wait out a dead Redis for itself, one after the other.
      if (performance.now() - arrivedMs > this.#patienceMs) {
        throw new UnavailableError('redis: earlier calls for the same person took too long');
      }
      let read = await this.#logs.read(userId);
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
        const before = unpackedLog(userId, read);
        const { log, outcome } = step(before);
        const wanted = log === before ? read : packTouchLog(userId, log);
        // An answer that repeats an earlier one rests on a write that its maker may not have seen
        // replicated, so it is written once more.
        const replicated = this.#minReplicas > 0 && isPromise(outcome);
        if (!replicated && isSameLog(wanted, read)) return outcome;

        const answer = await this.#logs.replace({ userId, read, wanted }, { replicated });
        if (answer === 'replaced' || (answer === 'found' && !isAnybodys)) return outcome;
        read = answer === 'found' ? wanted : answer;
        await pauseAfter(attempt);
      }
      throw new UnavailableError('redis: too many others change the same touch log');
    });
  }

  async #learnPeople(userIds: readonly string[], fold: LearnPeople): Promise<void> {
    let open = userIds;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const byPartition = [...groupByPartition(open, (userId) => userId)];
      const logs = await Promise.all(byPartition.map((own) => this.#logs.readForRestore(...own)));
      const learned = await fold(byPartition.flatMap(([, own]) => own));
      let next = 0;
      const left = await Promise.all(
        byPartition.map(([partition, own], i) => {
          const people = own.map((userId, at) => ({
            userId,
            read: logs[i]![at]!,
            learned: learned[next + at],
          }));
          next += own.length;
          return this.#keepLearned(partition, people);
        }),
      );
      open = left.flat();
      if (open.length === 0) return;
      await pauseAfter(attempt);
    }
    throw new UnavailableError('redis: too many others learn of the same people');
  }

  /** Answers those of whom somebody else learned meanwhile. */
  async #keepLearned(
    partition: number,
    people: readonly { userId: string; read: PackedLog; learned: LearnedPerson | undefined }[],
  ): Promise<string[]> {
    const learnedAnew: string[] = [];
    let pending = people.map((person) => ({ ...person, before: unpackedLog(person.userId, person.read) }));
    for (let attempt = 0; pending.length > 0; attempt += 1) {
      if (attempt === MAX_ATTEMPTS) {
        throw new UnavailableError('redis: too many others change the logs of people who are learned of');
      }
      const changed = pending.flatMap(({ userId, read, learned, before }) => {
        if (hasMoved({ ownerId: userId, log: before })) return [];
        const log = withLearned(before, learned);
        const wanted = log === before ? read : packTouchLog(userId, log);
        return isSameLog(read, wanted) ? [] : [{ userId, read, wanted, learned, before }];
      });
      if (changed.length === 0) break;
      const answers = await this.#logs.replaceForRestore(partition, changed);
      pending = changed.flatMap(({ userId, learned, before }, i) => {
        const read = answers[i]!;
        if (isInPlace(read)) return [];
        const present = unpackedLog(userId, read);
        if (isDeepStrictEqual(present.learned, before.learned)) {
          return [{ userId, read, learned, before: present }];
        }
        learnedAnew.push(userId);
        return [];
      });
      if (pending.length > 0) await pauseAfter(attempt);
    }
    return learnedAnew;
  }

  async #restorePeople({
    partition,
    people,
    pruneBeforeMs,
  }: {
    partition: number;
    people: ReadonlyMap<string, readonly TouchLedgerEntry[]>;
    pruneBeforeMs: EpochMs;
  }): Promise<void> {
    const restored = (userId: string, read: PackedLog): Replacement => {
      const log = (people.get(userId) ?? []).reduce(
        (sofar, entry) => prunedLog(replayEntry(sofar, entry), pruneBeforeMs),
        unpackedLog(userId, read),
      );
      return { userId, read, wanted: packTouchLog(userId, log) };
    };

    const userIds = [...people.keys()];
    const logs = await this.#logs.readForRestore(partition, userIds);
    let pending = userIds.map((userId, i) => restored(userId, logs[i]!));
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const changed = pending.filter(({ read, wanted }) => !isSameLog(read, wanted));
      if (changed.length === 0) return;
      const answers = await this.#logs.replaceForRestore(partition, changed);
      pending = changed.flatMap(({ userId }, i) => {
        const answer = answers[i]!;
        return isInPlace(answer) ? [] : [restored(userId, answer)];
      });
      if (pending.length > 0) await pauseAfter(attempt);
    }
    throw new UnavailableError('redis: too many others change the touch logs that are being restored');
  }
}

function unpackedOrError(userId: string, log: PackedLog | UnavailableError): OneOfMany<UserTouchLog> {
  if (log instanceof UnavailableError) return log;
  try {
    return unpackedLog(userId, log);
  } catch (error) {
    if (error instanceof UnavailableError) return error;
    throw error;
  }
}

function byPartitionAndUser(
  entries: readonly TouchLedgerEntry[],
): Map<number, Map<string, TouchLedgerEntry[]>> {
  const partitions = new Map<number, Map<string, TouchLedgerEntry[]>>();
  for (const entry of entries) {
    const partition = partitionOf(entry.userId);
    const ofUsers = partitions.get(partition) ?? new Map<string, TouchLedgerEntry[]>();
    partitions.set(partition, ofUsers);
    const ofUser = ofUsers.get(entry.userId);
    if (ofUser === undefined) ofUsers.set(entry.userId, [entry]);
    else ofUser.push(entry);
  }
  return partitions;
}
