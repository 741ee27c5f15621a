import { partitionOf } from '../../core/partitions.js';
import { checkStep } from '../../projection/checkStep.js';
import { joinHistories } from '../../projection/packedHistory.js';
import type {
  LeaseRequest,
  PartitionPosition,
  ProjectionOutcome,
  ProjectionStep,
  ProjectionStore,
  ReadyPartition,
  StoredUser,
} from '../../projection/projectionStore.js';
import { DEFAULT_KEY_PREFIX, EPOCH_FIELD, ownersKey, type PartitionKeys, partitionKeys } from './keys.js';
import type { RedisArgument, RedisClient, RedisCommand, RedisReply } from './redisClient.js';
import { loadScript, type RedisScript } from './scripts.js';

const readUsers = loadScript('readUsers-3');
const leasePartition = loadScript('leasePartition-2');
const releaseLease = loadScript('releaseLease-1');
const announceOwner = loadScript('announceOwner-1');
const appendHistories = loadScript('appendHistories-3');
const setFields = loadScript('setFields-3');
const startDraft = loadScript('startDraft-3');
const swapDraft = loadScript('swapDraft-4');
const declareReady = loadScript('declareReady-2');

/** Users that one call of `readUsers-3` reads. */
const READ_AT_MOST = 1_000;
/** Users of a page of `scanHistories`, roughly: a page is read in one piece. */
const SCAN_PAGE = 256;
const NOTHING = new Uint8Array(0);

type Lease = Pick<ProjectionStep, 'partition' | 'owner'>;

/**
 * The online state of people in Redis or a Redis Cluster: three hashes a partition (histories,
 * profiles, position) and a lease, all in one slot (`keys.ts`). Every write is one script, which checks
 * lease and position itself; every call is one round trip. A history is kept as one chunk.
 *
 * The server must not evict (`maxmemory-policy noeviction`): a position without its histories would
 * be believed.
 */
export class RedisProjectionStore implements ProjectionStore {
  readonly #client: RedisClient;
  readonly #prefix: string;

  /** The client closes with the store. */
  constructor({ client, keyPrefix = DEFAULT_KEY_PREFIX }: { client: RedisClient; keyPrefix?: string }) {
    this.#client = client;
    this.#prefix = keyPrefix;
  }

  async readUsers(userIds: readonly string[]): Promise<StoredUser[]> {
    const reads = readsOf(userIds);
    const replies = await this.#client.sendAll(
      reads.map(({ partition, places }): RedisCommand => {
        const { history, profile, position } = this.#keys(partition);
        return {
          script: readUsers,
          keys: [history, profile, position],
          args: places.map((place) => userIds[place] as string),
        };
      }),
    );
    const users = new Array<StoredUser>(userIds.length);
    for (const [i, { places }] of reads.entries()) {
      const [histories, profiles, position] = listOf(replies[i]).map(listOf);
      const stood = positionOf(position);
      for (const [at, place] of places.entries()) {
        const profile = textOf(profiles?.[at]);
        users[place] = {
          history: bytesOf(histories?.[at]),
          ...(profile !== undefined && { profile }),
          position: stood,
        };
      }
    }
    return users;
  }

  async readProfiles(userIds: readonly string[]): Promise<StoredUser['profile'][]> {
    const reads = readsOf(userIds);
    const replies = await this.#client.sendAll(
      reads.map(({ partition, places }): RedisCommand => {
        const args = places.map((place) => userIds[place] as string);
        return { command: 'hmget', key: this.#keys(partition).profile, args };
      }),
    );
    const profiles = new Array<StoredUser['profile']>(userIds.length);
    for (const [i, { places }] of reads.entries()) {
      const found = listOf(replies[i]);
      for (const [at, place] of places.entries()) profiles[place] = textOf(found[at]);
    }
    return profiles;
  }

  async positions(partitions: readonly number[]): Promise<PartitionPosition[]> {
    const replies = await this.#client.sendAll(
      partitions.map((partition) => ({
        command: 'hmget',
        key: this.#keys(partition).position,
        args: ['seq', 'profile_seq', 'ledger_seq', EPOCH_FIELD, 'learned_seq'],
      })),
    );
    return replies.map((reply) => positionOf(listOf(reply)));
  }

  async announce({ owner, ttlMs }: { owner: string; ttlMs: number }): Promise<number> {
    const keys = [ownersKey(this.#prefix)];
    return Number(await this.#client.send({ script: announceOwner, keys, args: [owner, ttlMs] }));
  }

  lease(request: LeaseRequest): Promise<PartitionPosition | undefined> {
    return this.#lease(request, 'ask');
  }

  async seizeLease(request: LeaseRequest): Promise<PartitionPosition> {
    return (await this.#lease(request, 'seize')) as PartitionPosition;
  }

  async release({ partition, owner }: Lease): Promise<void> {
    await this.#client.send({ script: releaseLease, keys: [this.#keys(partition).lease], args: [owner] });
  }

  append(step: ProjectionStep, additions: ReadonlyMap<string, Uint8Array>): Promise<ProjectionOutcome> {
    return this.#append(step, { additions, field: 'seq', hash: 'history' });
  }

  async replaceHistories(
    step: Omit<ProjectionStep, 'toSeq'>,
    histories: ReadonlyMap<string, Uint8Array>,
  ): Promise<ProjectionOutcome> {
    checkStep(step, histories);
    const values = new Map([...histories].map(([userId, history]) => [userId, joinHistories(history)]));
    return this.#set({ ...step, toSeq: step.fromSeq }, { field: 'seq', hash: 'history', values });
  }

  async putProfiles(step: ProjectionStep, profiles: ReadonlyMap<string, string>): Promise<ProjectionOutcome> {
    checkStep(step, profiles);
    return this.#set(step, { field: 'profile_seq', hash: 'profile', values: profiles });
  }

  async moveLedger(step: ProjectionStep): Promise<ProjectionOutcome> {
    checkStep(step);
    return this.#set(step, { field: 'ledger_seq', hash: 'touch', values: new Map() });
  }

  async moveLearned(step: ProjectionStep): Promise<ProjectionOutcome> {
    checkStep(step);
    return this.#set(step, { field: 'learned_seq', hash: 'touch', values: new Map() });
  }

  startDraft(lease: Lease): Promise<ProjectionOutcome> {
    return this.#write(startDraft, lease, { hashes: ['historyDraft'], args: [] });
  }

  appendToDraft(
    step: ProjectionStep,
    additions: ReadonlyMap<string, Uint8Array>,
  ): Promise<ProjectionOutcome> {
    return this.#append(step, { additions, field: 'draft_seq', hash: 'historyDraft' });
  }

  swapDraft(step: Omit<ProjectionStep, 'toSeq'>): Promise<ProjectionOutcome> {
    return this.#write(swapDraft, step, { hashes: ['history', 'historyDraft'], args: [step.fromSeq] });
  }

  declareReady(built: ReadyPartition): Promise<ProjectionOutcome> {
    const { epoch, appliedSeq, ledgerSeq } = built;
    return this.#write(declareReady, built, { hashes: [], args: [epoch, appliedSeq, ledgerSeq] });
  }

  async countHistories(partition: number): Promise<number> {
    return Number(await this.#client.send({ command: 'hlen', key: this.#keys(partition).history }));
  }

  async *scanHistories(partition: number): AsyncGenerator<ReadonlyMap<string, Uint8Array>> {
    const key = this.#keys(partition).history;
    let cursor = '0';
    do {
      const [next, entries] = listOf(
        await this.#client.send({ command: 'hscan', key, args: [cursor, 'COUNT', SCAN_PAGE] }),
      );
      const page = new Map<string, Uint8Array>();
      const found = listOf(entries);
      for (let i = 0; i < found.length; i += 2) page.set(textOf(found[i]) ?? '', bytesOf(found[i + 1]));
      if (page.size > 0) yield page;
      cursor = textOf(next) ?? '0';
    } while (cursor !== '0');
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #lease(
    { partition, owner, ttlMs }: LeaseRequest,
    how: 'ask' | 'seize',
  ): Promise<PartitionPosition | undefined> {
    const { lease, position } = this.#keys(partition);
    const args = [owner, ttlMs, how];
    const reply = await this.#client.send({ script: leasePartition, keys: [lease, position], args });
    return reply === null ? undefined : positionOf(listOf(reply));
  }

  async #append(
    step: ProjectionStep,
    {
      additions,
      field,
      hash,
    }: {
      additions: ReadonlyMap<string, Uint8Array>;
      field: 'seq' | 'draft_seq';
      hash: 'history' | 'historyDraft';
    },
  ): Promise<ProjectionOutcome> {
    checkStep(step, additions);
    const args: RedisArgument[] = [field, step.fromSeq, step.toSeq];
    for (const [userId, addition] of additions) {
      if (addition.length > 0) args.push(userId, joinHistories(addition));
    }
    return this.#write(appendHistories, step, { hashes: [hash], args });
  }

  #set(
    step: ProjectionStep,
    {
      field,
      hash,
      values,
    }: {
      field: 'seq' | 'profile_seq' | 'ledger_seq' | 'learned_seq';
      hash: keyof PartitionKeys;
      values: ReadonlyMap<string, RedisArgument>;
    },
  ): Promise<ProjectionOutcome> {
    const args = [field, step.fromSeq, step.toSeq, ...[...values].flat()];
    return this.#write(setFields, step, { hashes: [hash], args });
  }

  /** Every script that writes has the lease and the position before its own keys, the owner before its own arguments. */
  async #write(
    script: RedisScript,
    { partition, owner }: Lease,
    { hashes, args }: { hashes: readonly (keyof PartitionKeys)[]; args: readonly RedisArgument[] },
  ): Promise<ProjectionOutcome> {
    const keys = this.#keys(partition);
    const reply = await this.#client.send({
      script,
      keys: [keys.lease, keys.position, ...hashes.map((hash) => keys[hash])],
      args: [owner, ...args],
    });
    return reply === 1 ? 'applied' : 'lost';
  }

  #keys(partition: number): PartitionKeys {
    return partitionKeys(partition, this.#prefix);
  }
}

/** Users of one partition to be read together, by their places among those asked for. */
interface PartitionRead {
  readonly partition: number;
  readonly places: number[];
}

function readsOf(userIds: readonly string[]): PartitionRead[] {
  const reads: PartitionRead[] = [];
  const open = new Map<number, PartitionRead>();
  for (const [place, userId] of userIds.entries()) {
    const partition = partitionOf(userId);
    let read = open.get(partition);
    if (read === undefined || read.places.length === READ_AT_MOST) {
      read = { partition, places: [] };
      reads.push(read);
      open.set(partition, read);
    }
    read.places.push(place);
  }
  return reads;
}

function positionOf(fields: readonly RedisReply[] = []): PartitionPosition {
  const [seq, profileSeq, ledgerSeq, epoch, learnedSeq] = fields.map(textOf);
  return {
    appliedSeq: Number(seq ?? 0),
    profileSeq: Number(profileSeq ?? 0),
    ledgerSeq: Number(ledgerSeq ?? 0),
    learnedSeq: Number(learnedSeq ?? 0),
    ...(epoch !== undefined && { epoch }),
  };
}

function listOf(reply: RedisReply | undefined): readonly RedisReply[] {
  return Array.isArray(reply) ? (reply as readonly RedisReply[]) : [];
}

/**
 * A copy: the client's answer is a view of the whole chunk that came from the socket, which would stay
 * in memory for as long as somebody keeps this history.
 */
function bytesOf(reply: RedisReply | undefined): Uint8Array {
  return Buffer.isBuffer(reply) && reply.length > 0 ? new Uint8Array(reply) : NOTHING;
}

function textOf(reply: RedisReply | undefined): string | undefined {
  return Buffer.isBuffer(reply) ? reply.toString() : undefined;
}
