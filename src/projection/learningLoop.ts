import { Nap } from '../core/nap.js';
import { learnedOfBy } from '../touch/learner.js';
import type { PartitionsInHand } from './partitionsInHand.js';
import { PartitionWork } from './partitionWork.js';
import type { ProjectionSource } from './projectionSource.js';
import { groupByPartition } from './projectionSteps.js';
import type { ProjectionStore } from './projectionStore.js';

export interface LearningLoopDeps {
  readonly store: Pick<ProjectionStore, 'moveLearned'>;
  readonly source: Pick<ProjectionSource, 'learner' | 'readTouches' | 'lastTouchSeq'>;
  readonly owner: string;
  readonly hand: Pick<PartitionsInHand, 'behind' | 'moved' | 'letGo'>;
  readonly onTrouble: (step: string, cause: unknown) => void;
  /** Milliseconds that only rise. */
  readonly elapsedMs: () => number;
}

/** Entries of one step; a person who comes several times among them is learned of once. */
const PAGE_ROWS = 1_000;
/** An outcome changes decisions about so much later. */
const IDLE_MS = 100;
/** Where nothing is to be learned it looks so often whether there is now. */
const OFF_MS = 1_000;
const TROUBLE_MS = 250;
/** Positions of partitions without news are moved up this often. */
const MOVE_IDLE_EVERY_MS = 1_000;

/**
 * Learns of the people of the partitions in hand as the touch ledger grows. A loop of its own: to learn
 * takes several reads of the truth, and behaviours, profiles and touches must not wait for it. Never
 * rejects; trouble is told and tried again.
 *
 * What is learned comes from all entries of a person and not from those of the step alone, so a step
 * taken twice does no harm. Positions stay where they are while nothing is to be learned: switched on
 * later, it begins at the first entry.
 */
export class LearningLoop {
  readonly #deps: LearningLoopDeps;
  readonly #work: PartitionWork;
  readonly #nap = new Nap();
  /** People of whom the truth says something else now than when they were learned of. */
  readonly #changed = new Set<string>();
  #running: Promise<void> | undefined;
  #stopping = false;
  #movedIdleAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: LearningLoopDeps) {
    this.#deps = deps;
    this.#work = new PartitionWork({ onTrouble: (cause) => deps.onTrouble('learn', cause) });
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Traits, zones or ids of these people changed. */
  changed(userIds: Iterable<string>): void {
    for (const userId of userIds) this.#changed.add(userId);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#nap.wake();
    await this.#running;
    await this.#work.rest();
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      let napMs: number | undefined = IDLE_MS;
      try {
        if (await this.#deps.source.learner.isOn()) napMs = (await this.#stepOnce()) ? undefined : IDLE_MS;
        else {
          this.#changed.clear();
          napMs = OFF_MS;
        }
      } catch (cause) {
        this.#deps.onTrouble('learn', cause);
        napMs = TROUBLE_MS;
      }
      if (napMs !== undefined && !this.#stopping) await this.#nap.sleep(napMs);
    }
  }

  /** One page; whether there may be more. */
  async #stepOnce(): Promise<boolean> {
    const { source, hand } = this.#deps;
    const { learner } = source;
    const changed = [...this.#changed];
    await learner.learn(changed);
    for (const userId of changed) this.#changed.delete(userId);

    const starts = new Map(
      [...hand.behind('learnedSeq')].filter(([partition]) => !this.#work.isBusy(partition)),
    );
    const fromSeq = Math.min(...starts.values());
    const head = starts.size === 0 ? fromSeq : await source.lastTouchSeq();
    if (head <= fromSeq) return false;
    const partitions = [...starts.keys()];
    const entries = await source.readTouches({ afterSeq: fromSeq, limit: PAGE_ROWS, partitions });
    const full = entries.length === PAGE_ROWS;
    const toSeq = full ? (entries.at(-1) as { seq: number }).seq : Math.max(head, entries.at(-1)?.seq ?? 0);
    const newsOf = groupByPartition(entries, ({ userId }) => userId);
    const idsOf = (partition: number): string[] => {
      const from = starts.get(partition) as number;
      return (newsOf.get(partition) ?? []).filter(({ seq }) => seq > from).flatMap(learnedOfBy);
    };
    // All in one go; where that fails a node of the store is away, which holds up its own people alone.
    const isDone = await learner.learn([...new Set(partitions.flatMap(idsOf))]).then(
      () => true,
      () => false,
    );
    const moveIdle = this.#dueToMoveIdle(full);
    const due = partitions.filter((partition) => moveIdle || newsOf.has(partition));
    await this.#work.each(due, async (partition) => {
      if (!isDone) await learner.learn([...new Set(idsOf(partition))]);
      await this.#move(partition, { fromSeq: starts.get(partition) as number, toSeq });
    });
    return full;
  }

  async #move(partition: number, { fromSeq, toSeq }: { fromSeq: number; toSeq: number }): Promise<void> {
    if (fromSeq >= toSeq) return;
    const { store, owner, hand } = this.#deps;
    const outcome = await store.moveLearned({ partition, owner, fromSeq, toSeq });
    if (outcome === 'applied') hand.moved(partition, 'learnedSeq', toSeq);
    else hand.letGo(partition);
  }

  #dueToMoveIdle(full: boolean): boolean {
    const nowMs = this.#deps.elapsedMs();
    if (!full && nowMs - this.#movedIdleAtMs < MOVE_IDLE_EVERY_MS) return false;
    this.#movedIdleAtMs = nowMs;
    return true;
  }
}
