import { hostname } from 'node:os';
import type { LoggedBehaviour } from '../behaviour/behaviour.js';
import { newId } from '../core/ids.js';
import { Nap } from '../core/nap.js';
import { partitionOf } from '../core/partitions.js';
import { buildPartitions } from './buildPartitions.js';
import { LEASE_TICK_MS, PartitionLeases } from './partitionLeases.js';
import type { ProjectionSource } from './projectionSource.js';
import { MAX_USERS_A_STEP, type PackedStep, stepsByPartition } from './projectionSteps.js';
import type {
  PartitionPosition,
  ProjectionOutcome,
  ProjectionStep,
  ProjectionStore,
} from './projectionStore.js';
import { HistoryTrimmer } from './trimHistories.js';

export interface ProjectorDeps {
  readonly store: ProjectionStore;
  readonly source: ProjectionSource;
  /** Names this process among the owners. */
  readonly owner: string;
  /** Told of behaviours once they are visible to every reader. */
  readonly onApplied: (applied: readonly LoggedBehaviour[]) => void;
  /** Told when a partition had lost its state and is whole again. */
  readonly onBuilt: (built: { partitions: readonly number[]; behaviours: number }) => void;
  /** Told of what failed and will be tried again. */
  readonly onTrouble: (step: string, cause: unknown) => void;
  /** Milliseconds that only rise. */
  readonly elapsedMs: () => number;
  /** See `BuildOptions.ledgerSettleMs`. */
  readonly ledgerSettleMs: number;
}

/** A name that no other process has, and that tells an operator which one it is. */
export function newOwnerName(): string {
  return `${hostname()}/${process.pid}/${newId().slice(0, 8)}`;
}

/** Rows of the log that one step takes: some ten milliseconds of work. */
const PAGE_ROWS = 1_000;
/** How long the projector sleeps when nobody wakes it and the log does not grow. */
const IDLE_MS = 25;
/** After a failure. */
const TROUBLE_MS = 250;
/** Positions of partitions without news are moved up this often, for those who wait for a watermark. */
const MOVE_IDLE_EVERY_MS = 40;

/** How far an owned partition has come. */
interface Progress {
  appliedSeq: number;
  profileSeq: number;
  ledgerSeq: number;
}

/**
 * Carries the truth into the online state, for the partitions that this process owns: behaviours
 * into histories, users into profiles, the touch ledger into touch logs. Each step moves its
 * position with its data, and what another owner did meanwhile makes the step `lost`: the partition
 * is then let go and leased again, wherever it stands by then. Never rejects; trouble is told and
 * tried again.
 */
export class Projector {
  readonly #deps: ProjectorDeps;
  readonly #leases: PartitionLeases;
  readonly #progress = new Map<number, Progress>();
  #running: Promise<void> | undefined;
  #stopping = false;
  readonly #nap = new Nap();
  readonly #trimmer: HistoryTrimmer;
  #leasedAtMs = Number.NEGATIVE_INFINITY;
  #movedIdleAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: ProjectorDeps) {
    this.#deps = deps;
    this.#leases = new PartitionLeases(deps);
    this.#trimmer = new HistoryTrimmer(deps);
  }

  /** How many partitions this process owns and has in hand. */
  get ownedCount(): number {
    return this.#progress.size;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Something was committed: look at once. */
  wake(): void {
    this.#nap.wake();
  }

  /** Ends after the step under way and gives the leases back. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.wake();
    await this.#running;
    await this.#leases.releaseAll().catch((cause) => this.#deps.onTrouble('release', cause));
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      let busy = false;
      try {
        await this.#leaseWhenDue();
        busy = await this.#stepOnce();
      } catch (cause) {
        this.#deps.onTrouble('project', cause);
        await this.#nap.sleep(TROUBLE_MS);
      }
      if (!busy && !this.#stopping) await this.#nap.sleep(IDLE_MS);
    }
  }

  /** One page of each stream; whether there may be more. */
  async #stepOnce(): Promise<boolean> {
    // Traits before behaviours: whoever sees the behaviour should know the person as they were told.
    const profiles = await this.#projectProfiles();
    const behaviours = await this.#projectBehaviours();
    const touches = await this.#projectLedger();
    return profiles || behaviours || touches;
  }

  async #leaseWhenDue(): Promise<void> {
    const nowMs = this.#deps.elapsedMs();
    if (nowMs - this.#leasedAtMs < this.#leases.tickMs) return;
    await this.#leases.tick();
    this.#leasedAtMs = nowMs;
    for (const partition of [...this.#progress.keys()]) {
      if (!this.#leases.owned.has(partition)) this.#progress.delete(partition);
    }
    await this.#noticeLosses();
    await this.#takeInHand();
  }

  /** Owned partitions that are not in hand yet; those without an epoch are built first. */
  async #takeInHand(): Promise<void> {
    const partitions = [...this.#leases.owned].filter((partition) => !this.#progress.has(partition));
    const positions = await this.#deps.store.positions(partitions);
    const empty: number[] = [];
    for (const [i, partition] of partitions.entries()) {
      const position = positions[i] as PartitionPosition;
      if (position.epoch === undefined) empty.push(partition);
      else this.#progress.set(partition, progressOf(position));
    }
    if (empty.length > 0) await this.#build(empty);
  }

  /**
   * Looks whether the store is where this process believes it to be. A store that lost its data has
   * no epoch any more and is built anew; one that fell back is carried forward from there.
   */
  async #noticeLosses(): Promise<void> {
    const partitions = [...this.#progress.keys()];
    const positions = await this.#deps.store.positions(partitions);
    for (const [i, partition] of partitions.entries()) {
      const position = positions[i] as PartitionPosition;
      if (position.epoch !== undefined) this.#progress.set(partition, progressOf(position));
      else this.#letGo(partition);
    }
  }

  /** The next tick leases it anew, wherever it stands by then. */
  #letGo(partition: number): void {
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

  async #projectBehaviours(): Promise<boolean> {
    const partitions = this.#behind('appliedSeq');
    if (partitions.length === 0) return false;
    const { source, store, onApplied } = this.#deps;
    const head = await source.lastBehaviourSeq();
    const fromSeq = this.#least(partitions, 'appliedSeq');
    if (head <= fromSeq) return false;
    const rows = await source.readBehaviours({ afterSeq: fromSeq, limit: PAGE_ROWS, partitions });
    const full = rows.length === PAGE_ROWS;
    const toSeq = full ? (rows.at(-1) as LoggedBehaviour).seq : Math.max(head, rows.at(-1)?.seq ?? 0);
    const news = rows.filter(({ seq, behaviour }) => {
      const progress = this.#progress.get(partitionOf(behaviour.userId));
      return progress !== undefined && seq > progress.appliedSeq;
    });
    const steps = stepsByPartition(news, { toSeq, pack: source.pack });
    const moveIdle = this.#dueToMoveIdle(full);
    await Promise.all(
      partitions.map(async (partition) => {
        const own: PackedStep[] = steps.get(partition) ?? [];
        if (own.length === 0 && moveIdle) own.push({ toSeq, additions: new Map() });
        for (const { toSeq: stepSeq, additions } of own) {
          await this.#take(partition, { position: 'appliedSeq', toSeq: stepSeq }, (step) =>
            store.append(step, additions),
          );
        }
      }),
    );
    onApplied(news);
    await this.#trimmer.appended(news);
    return full;
  }

  /** A page that was full moves all positions, or the next one would read the same rows again. */
  #dueToMoveIdle(full: boolean): boolean {
    const nowMs = this.#deps.elapsedMs();
    if (!full && nowMs - this.#movedIdleAtMs < MOVE_IDLE_EVERY_MS) return false;
    this.#movedIdleAtMs = nowMs;
    return true;
  }

  async #projectProfiles(): Promise<boolean> {
    const partitions = this.#behind('profileSeq');
    if (partitions.length === 0) return false;
    const { source, store } = this.#deps;
    const fromSeq = this.#least(partitions, 'profileSeq');
    const changes = await source.readProfiles({ afterSeq: fromSeq, limit: PAGE_ROWS });
    const pageSeq = changes.at(-1)?.seq;
    if (pageSeq === undefined) return false;
    await Promise.all(
      partitions.map(async (partition) => {
        const known = this.#progress.get(partition)?.profileSeq ?? 0;
        const own = changes.filter(({ seq, userId }) => partitionOf(userId) === partition && seq > known);
        for (let start = 0; start === 0 || start < own.length; start += MAX_USERS_A_STEP) {
          const chunk = own.slice(start, start + MAX_USERS_A_STEP);
          const isLast = start + MAX_USERS_A_STEP >= own.length;
          const toSeq = isLast ? pageSeq : (chunk.at(-1) as { seq: number }).seq;
          const profiles = new Map(chunk.map(({ userId, profile }) => [userId, profile]));
          await this.#take(partition, { position: 'profileSeq', toSeq }, (step) =>
            store.putProfiles(step, profiles),
          );
        }
      }),
    );
    return changes.length === PAGE_ROWS;
  }

  /**
   * Nearly always the touch logs know these entries already: whoever appended them to the ledger had
   * put them there. What is applied anew is what a failover of the store lost.
   */
  async #projectLedger(): Promise<boolean> {
    const partitions = this.#behind('ledgerSeq');
    if (partitions.length === 0) return false;
    const { source, store } = this.#deps;
    const fromSeq = this.#least(partitions, 'ledgerSeq');
    const head = await source.lastTouchSeq();
    if (head <= fromSeq) return false;
    const entries = await source.readTouches({ afterSeq: fromSeq, limit: PAGE_ROWS, partitions });
    const full = entries.length === PAGE_ROWS;
    const toSeq = full ? (entries.at(-1) as { seq: number }).seq : Math.max(head, entries.at(-1)?.seq ?? 0);
    await source.restoreTouches(entries);
    await Promise.all(
      partitions.map((partition) =>
        this.#take(partition, { position: 'ledgerSeq', toSeq }, (step) => store.moveLedger(step)),
      ),
    );
    return full;
  }

  /** Does a step of one partition, unless it is further than that already. */
  async #take(
    partition: number,
    { position, toSeq }: { position: keyof Progress; toSeq: number },
    write: (step: ProjectionStep) => Promise<ProjectionOutcome>,
  ): Promise<void> {
    const progress = this.#progress.get(partition);
    if (progress === undefined || progress[position] >= toSeq) return;
    const outcome = await write({ partition, owner: this.#leases.owner, fromSeq: progress[position], toSeq });
    if (outcome === 'applied') {
      progress[position] = toSeq;
      return;
    }
    this.#letGo(partition);
  }

  /**
   * The partitions to go on with: normally all that are owned; when some are far behind (just taken
   * over), those alone, so that a page is not full of what the others have long had.
   */
  #behind(position: keyof Progress): number[] {
    const all = [...this.#progress];
    const furthest = Math.max(0, ...all.map(([, progress]) => progress[position]));
    const far = all.filter(([, progress]) => furthest - progress[position] > 4 * PAGE_ROWS);
    return (far.length > 0 ? far : all).map(([partition]) => partition);
  }

  #least(partitions: readonly number[], position: keyof Progress): number {
    return Math.min(...partitions.map((partition) => (this.#progress.get(partition) as Progress)[position]));
  }
}

function progressOf({ appliedSeq, profileSeq, ledgerSeq }: PartitionPosition): Progress {
  return { appliedSeq, profileSeq, ledgerSeq };
}
