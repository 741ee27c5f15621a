import { buildPartitions } from './buildPartitions.js';
import { LEASE_TICK_MS, PartitionLeases } from './partitionLeases.js';
import { notLongerThan, type PartitionWork } from './partitionWork.js';
import type { ProjectionSource } from './projectionSource.js';
import type { PartitionPosition, ProjectionStore } from './projectionStore.js';

export interface PartitionsInHandDeps {
  readonly store: ProjectionStore;
  readonly source: ProjectionSource;
  /** Names this process among the owners. */
  readonly owner: string;
  /** What is under way is left alone. */
  readonly work: Pick<PartitionWork, 'isBusy'>;
  /** Told when a partition had lost its state and is whole again. */
  readonly onBuilt: (built: { partitions: readonly number[]; behaviours: number }) => void;
  /** Told of what failed and will be tried again. */
  readonly onTrouble: (step: string, cause: unknown) => void;
  /** Milliseconds that only rise. */
  readonly elapsedMs: () => number;
  /** See `BuildOptions.ledgerSettleMs`. */
  readonly ledgerSettleMs: number;
}

/** How far a partition in hand has come, by each stream of the truth. */
export type Progress = Pick<PartitionPosition, 'appliedSeq' | 'profileSeq' | 'ledgerSeq' | 'learnedSeq'>;
export type Stream = keyof Progress;

/** How long partitions in hand wait while others are leased; a node that does not answer takes longer. */
const LEASE_WAIT_MS = 100;
/** A partition this much behind the furthest is brought up by itself. */
const FAR_ROWS = 4_000;

/**
 * The partitions that this process owns and whose place it knows: leased, built first when they had
 * lost their state, and looked at again and again whether the store is still where it was.
 */
export class PartitionsInHand {
  readonly #deps: PartitionsInHandDeps;
  readonly #leases: PartitionLeases;
  readonly #progress = new Map<number, { -readonly [Each in Stream]: number }>();
  #leasing: Promise<void> | undefined;
  #leasedAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: PartitionsInHandDeps) {
    this.#deps = deps;
    this.#leases = new PartitionLeases(deps);
  }

  get count(): number {
    return this.#progress.size;
  }

  /** Never rejects, and does not wait for nodes that do not answer, nor for builds. */
  async leaseWhenDue(): Promise<void> {
    const nowMs = this.#deps.elapsedMs();
    if (this.#leasing !== undefined || nowMs - this.#leasedAtMs < this.#leases.tickMs) return;
    this.#leasedAtMs = nowMs;
    this.#leasing = this.#lease()
      .catch((cause) => this.#deps.onTrouble('lease', cause))
      .finally(() => {
        this.#leasing = undefined;
      });
    await notLongerThan(LEASE_WAIT_MS, this.#leasing);
  }

  async #lease(): Promise<void> {
    await this.#leases.tick();
    for (const partition of [...this.#progress.keys()]) {
      if (!this.#leases.owned.has(partition)) this.#progress.delete(partition);
    }
    await this.#noticeLosses();
    await this.#takeInHand();
  }

  /** Owned partitions that are not in hand yet; those without an epoch are built first. */
  async #takeInHand(): Promise<void> {
    const partitions = [...this.#leases.owned].filter((partition) => !this.#progress.has(partition));
    const empty: number[] = [];
    await Promise.all(
      partitions.map(async (partition) => {
        const position = await this.#positionOf(partition);
        if (position === undefined) return;
        if (position.epoch === undefined) empty.push(partition);
        else this.#progress.set(partition, progressOf(position));
      }),
    );
    if (empty.length > 0) await this.#build(empty);
  }

  /**
   * Looks whether the store is where this process believes it to be. A store that lost its data has
   * no epoch any more and is built anew; one that fell back is carried forward from there. What takes a
   * step meanwhile notices by itself.
   */
  async #noticeLosses(): Promise<void> {
    const still = [...this.#progress].filter(([partition]) => !this.#deps.work.isBusy(partition));
    await Promise.all(
      still.map(async ([partition, progress]) => {
        const before = { ...progress };
        const position = await this.#positionOf(partition);
        if (position === undefined || this.#deps.work.isBusy(partition)) return;
        if (this.#progress.get(partition) !== progress || !isSame(progress, before)) return;
        if (position.epoch === undefined) this.letGo(partition);
        else Object.assign(progress, progressOf(position));
      }),
    );
  }

  /** Undefined when its node does not say. */
  async #positionOf(partition: number): Promise<PartitionPosition | undefined> {
    try {
      const [position] = await this.#deps.store.positions([partition]);
      return position;
    } catch (cause) {
      this.#deps.onTrouble('lease', cause);
      return undefined;
    }
  }

  /** The next tick leases it anew, wherever it stands by then. */
  letGo(partition: number): void {
    this.#progress.delete(partition);
    this.#leases.drop(partition);
    this.#leasedAtMs = Number.NEGATIVE_INFINITY;
  }

  async #build(partitions: readonly number[]): Promise<void> {
    const { store, source, ledgerSettleMs, onBuilt } = this.#deps;
    const { owner } = this.#leases;
    const built = await buildPartitions({
      store,
      source,
      owner,
      partitions,
      whileWorking: () => this.#renewDuringBuild(),
      ledgerSettleMs,
    });
    for (const [partition, position] of built.positions) this.#progress.set(partition, progressOf(position));
    for (const partition of partitions) if (!built.positions.has(partition)) this.#leases.drop(partition);
    onBuilt({ partitions: [...built.positions.keys()], behaviours: built.behaviours });
  }

  async #renewDuringBuild(): Promise<void> {
    const nowMs = this.#deps.elapsedMs();
    if (nowMs - this.#leasedAtMs < LEASE_TICK_MS) return;
    this.#leasedAtMs = nowMs;
    await this.#leases.renewAll();
  }

  /**
   * The partitions to go on with, and where they stand: normally all that are owned and not busy; when
   * some are far behind (just taken over), those alone, so that a page is not full of what the others
   * have long had.
   */
  behind(stream: Stream): Map<number, number> {
    const all = [...this.#progress]
      .filter(([partition]) => !this.#deps.work.isBusy(partition))
      .map(([partition, progress]): [number, number] => [partition, progress[stream]]);
    const furthest = Math.max(0, ...all.map(([, seq]) => seq));
    const far = all.filter(([, seq]) => furthest - seq > FAR_ROWS);
    return new Map(far.length > 0 ? far : all);
  }

  /** The store took a step up to there. */
  moved(partition: number, stream: Stream, toSeq: number): void {
    const progress = this.#progress.get(partition);
    if (progress !== undefined) progress[stream] = toSeq;
  }

  /** Waits for what is under way and gives the leases back. */
  async end(): Promise<void> {
    await this.#leasing;
    await this.#leases.releaseAll().catch((cause) => this.#deps.onTrouble('release', cause));
  }
}

function isSame(a: Progress, b: Progress): boolean {
  return (
    a.appliedSeq === b.appliedSeq &&
    a.profileSeq === b.profileSeq &&
    a.ledgerSeq === b.ledgerSeq &&
    a.learnedSeq === b.learnedSeq
  );
}

function progressOf({ appliedSeq, profileSeq, ledgerSeq, learnedSeq }: PartitionPosition): Progress {
  return { appliedSeq, profileSeq, ledgerSeq, learnedSeq };
}
