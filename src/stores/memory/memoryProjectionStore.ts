import { PARTITIONS, partitionOf } from '../../core/partitions.js';
import { type Clock, type EpochMs, systemClock } from '../../core/time.js';
import { checkStep } from '../../projection/checkStep.js';
import type {
  LeaseRequest,
  PartitionPosition,
  ProjectionOutcome,
  ProjectionStep,
  ProjectionStore,
  ReadyPartition,
  StoredUser,
} from '../../projection/projectionStore.js';

/** Users of a page of `scanHistories`. */
const SCAN_PAGE = 256;
const NOTHING = new Uint8Array(0);

interface Partition {
  lease: { readonly owner: string; readonly untilMs: EpochMs } | undefined;
  position: PartitionPosition;
  histories: Map<string, Uint8Array>;
  draft: { seq: number; readonly histories: Map<string, Uint8Array> } | undefined;
  readonly profiles: Map<string, string>;
}

/**
 * The online state of people in the memory of one process: the reference implementation. Each method
 * does its work between two turns of the event loop, which makes it atomic. Histories are never
 * changed in place, so that what was read stays as it was.
 */
export class MemoryProjectionStore implements ProjectionStore {
  readonly #clock: Clock;
  #partitions = emptyPartitions();
  readonly #owners = new Map<string, EpochMs>();

  constructor({ clock = systemClock }: { clock?: Clock } = {}) {
    this.#clock = clock;
  }

  async readUsers(userIds: readonly string[]): Promise<StoredUser[]> {
    return userIds.map((userId) => {
      const { histories, profiles, position } = this.#partition(partitionOf(userId));
      const profile = profiles.get(userId);
      return {
        history: histories.get(userId) ?? NOTHING,
        ...(profile !== undefined && { profile }),
        position,
      };
    });
  }

  async readProfiles(userIds: readonly string[]): Promise<StoredUser['profile'][]> {
    return userIds.map((userId) => this.#partition(partitionOf(userId)).profiles.get(userId));
  }

  async positions(partitions: readonly number[]): Promise<PartitionPosition[]> {
    return partitions.map((partition) => this.#partition(partition).position);
  }

  async announce({ owner, ttlMs }: { owner: string; ttlMs: number }): Promise<number> {
    const nowMs = this.#clock.nowMs();
    this.#owners.set(owner, nowMs + ttlMs);
    for (const [other, untilMs] of this.#owners) if (untilMs <= nowMs) this.#owners.delete(other);
    return this.#owners.size;
  }

  async lease(request: LeaseRequest): Promise<PartitionPosition | undefined> {
    const owner = this.#ownerOf(request.partition);
    return owner === undefined || owner === request.owner ? this.seizeLease(request) : undefined;
  }

  async seizeLease({ partition, owner, ttlMs }: LeaseRequest): Promise<PartitionPosition> {
    const seized = this.#partition(partition);
    seized.lease = { owner, untilMs: this.#clock.nowMs() + ttlMs };
    return seized.position;
  }

  async release({ partition, owner }: { partition: number; owner: string }): Promise<void> {
    if (this.#ownerOf(partition) === owner) this.#partition(partition).lease = undefined;
  }

  async append(step: ProjectionStep, additions: ReadonlyMap<string, Uint8Array>): Promise<ProjectionOutcome> {
    checkStep(step, additions);
    return this.#move(step, 'appliedSeq', ({ histories }) => appendTo(histories, additions));
  }

  async replaceHistories(
    step: Omit<ProjectionStep, 'toSeq'>,
    replacements: ReadonlyMap<string, Uint8Array>,
  ): Promise<ProjectionOutcome> {
    checkStep(step, replacements);
    return this.#move({ ...step, toSeq: step.fromSeq }, 'appliedSeq', ({ histories }) => {
      for (const [userId, history] of replacements) {
        if (history.length === 0) histories.delete(userId);
        else histories.set(userId, history.slice());
      }
    });
  }

  async putProfiles(step: ProjectionStep, changes: ReadonlyMap<string, string>): Promise<ProjectionOutcome> {
    checkStep(step, changes);
    return this.#move(step, 'profileSeq', ({ profiles }) => {
      for (const [userId, profile] of changes) profiles.set(userId, profile);
    });
  }

  async moveLedger(step: ProjectionStep): Promise<ProjectionOutcome> {
    checkStep(step);
    return this.#move(step, 'ledgerSeq', () => undefined);
  }

  async moveLearned(step: ProjectionStep): Promise<ProjectionOutcome> {
    checkStep(step);
    return this.#move(step, 'learnedSeq', () => undefined);
  }

  async startDraft({ partition, owner }: { partition: number; owner: string }): Promise<ProjectionOutcome> {
    if (this.#ownerOf(partition) !== owner) return 'lost';
    this.#partition(partition).draft = { seq: 0, histories: new Map() };
    return 'applied';
  }

  async appendToDraft(
    step: ProjectionStep,
    additions: ReadonlyMap<string, Uint8Array>,
  ): Promise<ProjectionOutcome> {
    checkStep(step, additions);
    const { draft } = this.#partition(step.partition);
    if (this.#ownerOf(step.partition) !== step.owner || draft?.seq !== step.fromSeq) return 'lost';
    appendTo(draft.histories, additions);
    draft.seq = step.toSeq;
    return 'applied';
  }

  async swapDraft({ partition, owner, fromSeq }: Omit<ProjectionStep, 'toSeq'>): Promise<ProjectionOutcome> {
    const swapped = this.#partition(partition);
    const { draft } = swapped;
    if (this.#ownerOf(partition) !== owner || draft?.seq !== fromSeq) return 'lost';
    swapped.histories = draft.histories;
    swapped.position = { ...swapped.position, appliedSeq: draft.seq };
    swapped.draft = undefined;
    return 'applied';
  }

  async declareReady({
    partition,
    owner,
    epoch,
    appliedSeq,
    ledgerSeq,
  }: ReadyPartition): Promise<ProjectionOutcome> {
    if (this.#ownerOf(partition) !== owner) return 'lost';
    const declared = this.#partition(partition);
    const { position } = declared;
    if (position.appliedSeq !== appliedSeq || position.ledgerSeq !== ledgerSeq) return 'lost';
    declared.position = { ...declared.position, epoch: declared.position.epoch ?? epoch };
    return 'applied';
  }

  async countHistories(partition: number): Promise<number> {
    return this.#partition(partition).histories.size;
  }

  async *scanHistories(partition: number): AsyncGenerator<ReadonlyMap<string, Uint8Array>> {
    const all = [...this.#partition(partition).histories];
    for (let start = 0; start < all.length; start += SCAN_PAGE) {
      yield new Map(all.slice(start, start + SCAN_PAGE));
    }
  }

  async close(): Promise<void> {}

  /** Forgets everything, as an engine that was emptied. */
  clear(): void {
    this.#partitions = emptyPartitions();
    this.#owners.clear();
  }

  #move(
    { partition, owner, fromSeq, toSeq }: ProjectionStep,
    stream: 'appliedSeq' | 'profileSeq' | 'ledgerSeq' | 'learnedSeq',
    write: (partition: Partition) => void,
  ): ProjectionOutcome {
    const moved = this.#partition(partition);
    if (this.#ownerOf(partition) !== owner || moved.position[stream] !== fromSeq) return 'lost';
    write(moved);
    moved.position = { ...moved.position, [stream]: toSeq };
    return 'applied';
  }

  #ownerOf(partition: number): string | undefined {
    const { lease } = this.#partition(partition);
    return lease !== undefined && lease.untilMs > this.#clock.nowMs() ? lease.owner : undefined;
  }

  #partition(partition: number): Partition {
    const found = this.#partitions[partition];
    if (found === undefined) throw new RangeError(`there is no partition ${partition}`);
    return found;
  }
}

function emptyPartitions(): Partition[] {
  return Array.from({ length: PARTITIONS }, () => ({
    lease: undefined,
    position: { appliedSeq: 0, profileSeq: 0, ledgerSeq: 0, learnedSeq: 0 },
    histories: new Map(),
    draft: undefined,
    profiles: new Map(),
  }));
}

function appendTo(histories: Map<string, Uint8Array>, additions: ReadonlyMap<string, Uint8Array>): void {
  for (const [userId, addition] of additions) {
    if (addition.length === 0) continue;
    histories.set(userId, Buffer.concat([histories.get(userId) ?? NOTHING, addition]));
  }
}
