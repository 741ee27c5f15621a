import type { BehaviourToLog, LoggedBehaviour } from '../../src/behaviour/behaviour.js';
import { partitionOf } from '../../src/core/partitions.js';
import { packBehaviour } from '../../src/projection/packedHistory.js';
import type { ProjectionSource } from '../../src/projection/projectionSource.js';
import { encodeProfile } from '../../src/projection/userProfile.js';
import { MemoryTouchStore } from '../../src/stores/memory/memoryTouchStore.js';
import { createLearner } from '../../src/touch/learner.js';
import { LearningTimes } from '../../src/touch/learningTimes.js';
import type { LoggedTouchEntry, TouchLedgerEntry } from '../../src/touch/touchLedger.js';
import type { StoredTouchPolicy } from '../../src/touch/touchPolicyStore.js';
import { aBehaviourToLog, NOON_MS } from '../support/builders.js';
import { plainEvidence, plainIds } from '../touch/plainHistory.js';

/** A truth in plain lists, as a projector reads it. */
export class PlainTruth implements ProjectionSource {
  readonly behaviours: LoggedBehaviour[] = [];
  readonly touches: LoggedTouchEntry[] = [];
  readonly touchStore = new MemoryTouchStore();
  /** Policies by which something is learned. */
  readonly learning: StoredTouchPolicy[] = [];
  readonly learner = createLearner({
    store: this.touchStore,
    ledger: {
      evidenceOf: async (userIds) => plainEvidence(this.touches, userIds),
      idsAfter: async ({ afterId, limit }) =>
        plainIds(this.touches)
          .filter((userId) => userId > afterId)
          .slice(0, limit),
    },
    peopleOf: async (userIds) =>
      userIds.map((userId) => ({ homeId: userId, memberIds: [userId], timezone: 'UTC', traits: {} })),
    times: async () => new LearningTimes({ policies: this.learning, habits: [] }),
  });
  /** Thrown by the next reads, one each. */
  readonly failures: Error[] = [];
  #profiles: { seq: number; userId: string; profile: string }[] = [];
  #profileSeq = 0;

  /** Seqs have gaps, as those of a database do. */
  log(...rows: readonly BehaviourToLog[]): LoggedBehaviour[] {
    const logged = rows.map((row, i) => ({ ...row, seq: 3 * (this.behaviours.length + i) + 2 }));
    this.behaviours.push(...logged);
    return logged;
  }

  browses(userId: string, count: number): LoggedBehaviour[] {
    return this.log(
      ...Array.from({ length: count }, (_, i) =>
        aBehaviourToLog({ userId, productId: `${1_000 + i}`, occurredAtMs: NOON_MS + 60_000 * i }),
      ),
    );
  }

  describe(userId: string, region: string): void {
    this.#profileSeq += 5;
    this.#profiles = this.#profiles.filter((profile) => profile.userId !== userId);
    const profile = encodeProfile({ user: { userId, region, attributes: {} } });
    this.#profiles.push({ seq: this.#profileSeq, userId, profile });
  }

  touched(...entries: readonly TouchLedgerEntry[]): void {
    for (const entry of entries) this.touches.push({ ...entry, seq: this.touches.length + 1 });
  }

  readonly pack = (behaviour: LoggedBehaviour): Uint8Array => packBehaviour(behaviour, () => undefined);

  /** The bytes that the user's history must be. */
  historyOf(userId: string): Uint8Array {
    const own = this.behaviours.filter(({ behaviour }) => behaviour.userId === userId);
    return Buffer.concat(own.map(this.pack));
  }

  async readBehaviours(page: Parameters<ProjectionSource['readBehaviours']>[0]): Promise<LoggedBehaviour[]> {
    this.#fail();
    return this.behaviours
      .filter(
        ({ seq, behaviour }) =>
          seq > page.afterSeq &&
          (page.partitions === undefined || page.partitions.includes(partitionOf(behaviour.userId))),
      )
      .slice(0, page.limit);
  }

  async lastBehaviourSeq(): Promise<number> {
    this.#fail();
    return this.behaviours.at(-1)?.seq ?? 0;
  }

  async readProfiles(page: { afterSeq: number; limit: number }) {
    this.#fail();
    return this.#profiles.filter(({ seq }) => seq > page.afterSeq).slice(0, page.limit);
  }

  async readTouches(page: Parameters<ProjectionSource['readTouches']>[0]): Promise<LoggedTouchEntry[]> {
    this.#fail();
    return this.touches
      .filter(
        ({ seq, userId }) =>
          seq > page.afterSeq &&
          (page.partitions === undefined || page.partitions.includes(partitionOf(userId))),
      )
      .slice(0, page.limit);
  }

  async lastTouchSeq(): Promise<number> {
    this.#fail();
    return this.touches.at(-1)?.seq ?? 0;
  }

  restoreTouches(entries: readonly LoggedTouchEntry[]): Promise<void> {
    return this.touchStore.restore(entries, { pruneBeforeMs: 0 });
  }

  #fail(): void {
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
  }
}
