import { randomUUID } from 'node:crypto';
import { partitionOf } from '../core/partitions.js';
import type { ProjectionSource } from './projectionSource.js';
import { MAX_USERS_A_STEP, stepsByPartition } from './projectionSteps.js';
import type { PartitionPosition, ProjectionOutcome, ProjectionStore } from './projectionStore.js';

/** Rows read at a time: what memory holds of a history of any size. */
const PAGE_ROWS = 2_000;

export interface BuildOptions {
  readonly store: ProjectionStore;
  readonly source: ProjectionSource;
  /** Holds the leases of all partitions to build. */
  readonly owner: string;
  readonly partitions: readonly number[];
  /** Called between pages: leases end by themselves, and a build may take longer. */
  readonly whileWorking: () => Promise<void>;
  readonly onProgress?: (behaviours: number) => void;
  /**
   * The longest that an acknowledged touch may have been on its way into the ledger. Where the touch
   * logs were lost, nothing is declared whole before that time has passed and the ledger was read
   * once more: a permit given out just before the loss would be missing.
   */
  readonly ledgerSettleMs: number;
}

export interface Built {
  /** Where the partitions stand now; one whose lease was lost on the way is not among them. */
  readonly positions: ReadonlyMap<number, PartitionPosition>;
  readonly behaviours: number;
}

/**
 * Builds partitions from the truth: histories in drafts beside the live ones, which readers go on
 * seeing until the swap; profiles and touch logs on top of what is there. In one pass over each
 * stream, a page at a time. What was whole stays declared whole all along.
 *
 * The drafts are swapped in last of all: they are gone where the store loses its data on the way, and
 * then nothing is declared whole of which the first half is missing.
 */
export async function buildPartitions(options: BuildOptions): Promise<Built> {
  const { store, owner } = options;
  const pass = new Pass(options);
  await pass.each((partition) => store.startDraft({ partition, owner }));
  const starts = await positionsOf(pass, store);
  const drafted = await draftHistories(pass, { ...options, from: { appliedSeq: 0, behaviours: 0 } });
  await buildProfiles(pass, { ...options, starts });
  const ledgerSeqOf = await buildTouches(pass, { ...options, starts });
  await buildLearned(pass, { ...options, starts });
  const { appliedSeq, behaviours } = await draftHistories(pass, { ...options, from: drafted });
  const epoch = randomUUID();
  // In one go: a lease that was lost with the data must not be renewed in between.
  await pass.each(async (partition) => {
    const outcome = await store.swapDraft({ partition, owner, fromSeq: appliedSeq });
    if (outcome === 'lost') return outcome;
    return store.declareReady({ partition, owner, epoch, appliedSeq, ledgerSeq: ledgerSeqOf(partition) });
  });
  return { positions: await positionsOf(pass, store), behaviours };
}

async function positionsOf(pass: Pass, store: ProjectionStore): Promise<Map<number, PartitionPosition>> {
  const positions = await store.positions(pass.partitions);
  return new Map(pass.partitions.map((partition, i) => [partition, positions[i] as PartitionPosition]));
}

/** The partitions of a build, of which some may be lost to another owner on the way. */
class Pass {
  #partitions: number[];
  readonly #whileWorking: () => Promise<void>;

  constructor({ partitions, whileWorking }: BuildOptions) {
    this.#partitions = [...partitions];
    this.#whileWorking = whileWorking;
  }

  get partitions(): readonly number[] {
    return this.#partitions;
  }

  /** One step for each partition; those that lost it are left to whoever has them. */
  async each(step: (partition: number) => Promise<ProjectionOutcome>): Promise<void> {
    await this.#whileWorking();
    const outcomes = await Promise.all(this.#partitions.map(step));
    this.#partitions = this.#partitions.filter((_, i) => outcomes[i] === 'applied');
  }
}

/** How far the drafts have come, and how many behaviours they hold. */
interface Drafted {
  readonly appliedSeq: number;
  readonly behaviours: number;
}

/** Carries the drafts on to the present end of the log. */
async function draftHistories(
  pass: Pass,
  { store, source, owner, onProgress, from: begun }: BuildOptions & { from: Drafted },
): Promise<Drafted> {
  let { appliedSeq: fromSeq, behaviours } = begun;
  for (;;) {
    const head = await source.lastBehaviourSeq();
    const rows = await source.readBehaviours({
      afterSeq: fromSeq,
      limit: PAGE_ROWS,
      partitions: pass.partitions,
    });
    const full = rows.length === PAGE_ROWS;
    const last = rows.at(-1)?.seq ?? fromSeq;
    const toSeq = full ? last : Math.max(head, last);
    if (toSeq === fromSeq) return { appliedSeq: toSeq, behaviours };
    const steps = stepsByPartition(rows, { toSeq, pack: source.pack });
    await pass.each(async (partition) => {
      let from = fromSeq;
      for (const step of steps.get(partition) ?? [{ toSeq, additions: new Map() }]) {
        const { additions } = step;
        const outcome = await store.appendToDraft(
          { partition, owner, fromSeq: from, toSeq: step.toSeq },
          additions,
        );
        if (outcome === 'lost') return outcome;
        from = step.toSeq;
      }
      return 'applied';
    });
    behaviours += rows.length;
    onProgress?.(behaviours);
    fromSeq = toSeq;
    if (!full) return { appliedSeq: toSeq, behaviours };
  }
}

interface FromStarts extends BuildOptions {
  readonly starts: ReadonlyMap<number, PartitionPosition>;
}

/** All profiles once more. A position that is further already stays: what follows it comes again by itself. */
async function buildProfiles(pass: Pass, { store, source, owner, starts }: FromStarts): Promise<void> {
  let afterSeq = 0;
  for (;;) {
    const changes = await source.readProfiles({ afterSeq, limit: PAGE_ROWS });
    const toSeq = changes.at(-1)?.seq;
    if (toSeq === undefined) return;
    await pass.each(async (partition) => {
      const own = changes.filter(({ userId }) => partitionOf(userId) === partition);
      let from = Math.max(afterSeq, (starts.get(partition) as PartitionPosition).profileSeq);
      for (let start = 0; start === 0 || start < own.length; start += MAX_USERS_A_STEP) {
        const chunk = own.slice(start, start + MAX_USERS_A_STEP);
        const isLast = start + MAX_USERS_A_STEP >= own.length;
        const to = Math.max(from, isLast ? toSeq : (chunk.at(-1) as { seq: number }).seq);
        const profiles = new Map(chunk.map(({ userId, profile }) => [userId, profile]));
        const outcome = await store.putProfiles({ partition, owner, fromSeq: from, toSeq: to }, profiles);
        if (outcome === 'lost') return outcome;
        from = to;
      }
      return 'applied';
    });
    afterSeq = toSeq;
  }
}

/**
 * All ledger entries once more, and for partitions whose touch logs were lost those that were still
 * under way. Answers where each partition stands then.
 */
async function buildTouches(
  pass: Pass,
  { store, source, owner, starts, ...options }: FromStarts,
): Promise<(partition: number) => number> {
  let readSeq = await restoreTouchesAfter(0, { source, partitions: pass.partitions });
  if (pass.partitions.some((partition) => starts.get(partition)?.epoch === undefined)) {
    await settle(options);
    readSeq = await restoreTouchesAfter(readSeq, { source, partitions: pass.partitions });
  }
  const startOf = (partition: number): number => (starts.get(partition) as PartitionPosition).ledgerSeq;
  const endOf = (partition: number): number => Math.max(startOf(partition), readSeq);
  await pass.each((partition) =>
    store.moveLedger({ partition, owner, fromSeq: startOf(partition), toSeq: endOf(partition) }),
  );
  return endOf;
}

/** What is learned of all people once more: each once, from all that happened. */
async function buildLearned(pass: Pass, { store, source, owner, starts }: FromStarts): Promise<void> {
  const { learner } = source;
  if (!(await learner.isOn())) return;
  const toSeq = await source.lastTouchSeq();
  const isWanted = (homeId: string): boolean => pass.partitions.includes(partitionOf(homeId));
  for await (const homeIds of learner.homes(isWanted)) {
    await learner.learn(homeIds);
    await pass.each(async () => 'applied');
  }
  await pass.each(async (partition) => {
    const { learnedSeq: fromSeq } = starts.get(partition) as PartitionPosition;
    return fromSeq >= toSeq ? 'applied' : store.moveLearned({ partition, owner, fromSeq, toSeq });
  });
}

async function restoreTouchesAfter(
  seq: number,
  { source, partitions }: { source: ProjectionSource; partitions: readonly number[] },
): Promise<number> {
  let afterSeq = seq;
  for (;;) {
    const entries = await source.readTouches({ afterSeq, limit: PAGE_ROWS, partitions });
    await source.restoreTouches(entries);
    afterSeq = entries.at(-1)?.seq ?? afterSeq;
    if (entries.length < PAGE_ROWS) return afterSeq;
  }
}

/** Waits, renewing leases on the way. */
async function settle({
  ledgerSettleMs,
  whileWorking,
}: Pick<BuildOptions, 'ledgerSettleMs' | 'whileWorking'>): Promise<void> {
  const STEP_MS = 250;
  for (let waitedMs = 0; waitedMs < ledgerSettleMs; waitedMs += STEP_MS) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(STEP_MS, ledgerSettleMs - waitedMs)));
    await whileWorking();
  }
}
