import { hostname } from 'node:os';
import type { LoggedBehaviour } from '../behaviour/behaviour.js';
import { newId } from '../core/ids.js';
import { Nap } from '../core/nap.js';
import { partitionOf } from '../core/partitions.js';
import { LearningLoop } from './learningLoop.js';
import { PartitionsInHand, type PartitionsInHandDeps, type Stream } from './partitionsInHand.js';
import { PartitionWork } from './partitionWork.js';
import { groupByPartition, MAX_USERS_A_STEP, stepsByPartition } from './projectionSteps.js';
import type { ProjectionOutcome, ProjectionStep } from './projectionStore.js';
import { HistoryTrimmer } from './trimHistories.js';

export interface ProjectorDeps extends Omit<PartitionsInHandDeps, 'work'> {
  /** Told of behaviours once they are visible to every reader. */
  readonly onApplied: (applied: readonly LoggedBehaviour[]) => void;
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

/**
 * Carries the truth into the online state, for the partitions that this process owns: behaviours
 * into histories, users into profiles, the touch ledger into touch logs and what is learned from it. Each step moves its
 * position with its data, and what another owner did meanwhile makes the step `lost`: the partition
 * is then let go and leased again, wherever it stands by then. A partition whose node does not answer,
 * or that is being built, holds up no other. Never rejects; trouble is told and tried again.
 */
export class Projector {
  readonly #deps: ProjectorDeps;
  readonly #work: PartitionWork;
  readonly #hand: PartitionsInHand;
  readonly #trimmer: HistoryTrimmer;
  readonly #learning: LearningLoop;
  readonly #nap = new Nap();
  #running: Promise<void> | undefined;
  #stopping = false;
  #movedIdleAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: ProjectorDeps) {
    this.#deps = deps;
    this.#work = new PartitionWork({ onTrouble: (cause) => deps.onTrouble('project', cause) });
    this.#hand = new PartitionsInHand({ ...deps, work: this.#work });
    this.#trimmer = new HistoryTrimmer(deps);
    this.#learning = new LearningLoop({ ...deps, hand: this.#hand });
  }

  /** How many partitions this process owns and has in hand. */
  get ownedCount(): number {
    return this.#hand.count;
  }

  start(): void {
    this.#running ??= this.#run();
    this.#learning.start();
  }

  /** Something was committed: look at once. */
  wake(): void {
    this.#nap.wake();
  }

  /** Ends after the steps under way and gives the leases back. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.wake();
    await this.#running;
    await this.#learning.stop();
    await this.#work.rest();
    await this.#hand.end();
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      let busy = false;
      try {
        await this.#hand.leaseWhenDue();
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

  async #projectBehaviours(): Promise<boolean> {
    const starts = this.#hand.behind('appliedSeq');
    if (starts.size === 0) return false;
    const { source, store, onApplied } = this.#deps;
    const partitions = [...starts.keys()];
    const fromSeq = Math.min(...starts.values());
    const head = await source.lastBehaviourSeq();
    if (head <= fromSeq) return false;
    const rows = await source.readBehaviours({ afterSeq: fromSeq, limit: PAGE_ROWS, partitions });
    const full = rows.length === PAGE_ROWS;
    const toSeq = full ? (rows.at(-1) as LoggedBehaviour).seq : Math.max(head, rows.at(-1)?.seq ?? 0);
    const news = rows.filter(
      ({ seq, behaviour }) => seq > (starts.get(partitionOf(behaviour.userId)) ?? seq),
    );
    const newsOf = groupByPartition(news, ({ behaviour }) => behaviour.userId);
    const steps = stepsByPartition(news, { toSeq, pack: source.pack });
    const moveIdle = this.#dueToMoveIdle(full);
    const due = partitions.filter((partition) => moveIdle || steps.has(partition));
    await this.#work.each(due, async (partition) => {
      let from = starts.get(partition) as number;
      for (const { toSeq: to, additions } of steps.get(partition) ?? [{ toSeq, additions: new Map() }]) {
        const outcome = await this.#take(
          partition,
          { stream: 'appliedSeq', fromSeq: from, toSeq: to },
          (step) => store.append(step, additions),
        );
        if (outcome === 'lost') return;
        from = to;
      }
      const applied = newsOf.get(partition);
      if (applied === undefined) return;
      onApplied(applied);
      await this.#trimmer.appended(applied);
    });
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
    const starts = this.#hand.behind('profileSeq');
    if (starts.size === 0) return false;
    const { source, store } = this.#deps;
    const fromSeq = Math.min(...starts.values());
    const changes = await source.readProfiles({ afterSeq: fromSeq, limit: PAGE_ROWS });
    const pageSeq = changes.at(-1)?.seq;
    if (pageSeq === undefined) return false;
    const changesOf = groupByPartition(changes, ({ userId }) => userId);
    await this.#work.each([...starts.keys()], async (partition) => {
      let from = starts.get(partition) as number;
      const own = (changesOf.get(partition) ?? []).filter(({ seq }) => seq > from);
      for (let start = 0; start === 0 || start < own.length; start += MAX_USERS_A_STEP) {
        const chunk = own.slice(start, start + MAX_USERS_A_STEP);
        const isLast = start + MAX_USERS_A_STEP >= own.length;
        const toSeq = isLast ? pageSeq : (chunk.at(-1) as { seq: number }).seq;
        const profiles = new Map(chunk.map(({ userId, profile }) => [userId, profile]));
        const outcome = await this.#take(partition, { stream: 'profileSeq', fromSeq: from, toSeq }, (step) =>
          store.putProfiles(step, profiles),
        );
        if (outcome === 'lost') return;
        this.#learning.changed(profiles.keys());
        from = toSeq;
      }
    });
    return changes.length === PAGE_ROWS;
  }

  /**
   * Nearly always the touch logs know these entries already: whoever appended them to the ledger had
   * put them there. What is applied anew is what a failover of the store lost.
   */
  async #projectLedger(): Promise<boolean> {
    const starts = this.#hand.behind('ledgerSeq');
    if (starts.size === 0) return false;
    const { source, store } = this.#deps;
    const partitions = [...starts.keys()];
    const fromSeq = Math.min(...starts.values());
    const head = await source.lastTouchSeq();
    if (head <= fromSeq) return false;
    const entries = await source.readTouches({ afterSeq: fromSeq, limit: PAGE_ROWS, partitions });
    const full = entries.length === PAGE_ROWS;
    const toSeq = full ? (entries.at(-1) as { seq: number }).seq : Math.max(head, entries.at(-1)?.seq ?? 0);
    const entriesOf = groupByPartition(entries, ({ userId }) => userId);
    await this.#work.each(partitions, async (partition) => {
      const own = entriesOf.get(partition);
      if (own !== undefined) await source.restoreTouches(own);
      const from = starts.get(partition) as number;
      await this.#take(partition, { stream: 'ledgerSeq', fromSeq: from, toSeq }, (step) =>
        store.moveLedger(step),
      );
    });
    return full;
  }

  /**
   * Does a step of one partition, unless it was further than that already. It starts from where the
   * partition stood when the truth was read: by now it may have been leased anew, further back.
   */
  async #take(
    partition: number,
    { stream, fromSeq, toSeq }: { stream: Stream; fromSeq: number; toSeq: number },
    write: (step: ProjectionStep) => Promise<ProjectionOutcome>,
  ): Promise<ProjectionOutcome> {
    if (fromSeq >= toSeq) return 'applied';
    const outcome = await write({ partition, owner: this.#deps.owner, fromSeq, toSeq });
    if (outcome === 'applied') this.#hand.moved(partition, stream, toSeq);
    else this.#hand.letGo(partition);
    return outcome;
  }
}
