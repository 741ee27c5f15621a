import type { LoggedBehaviour } from '../behaviour/behaviour.js';
import { partitionOf } from '../core/partitions.js';
import { isOverlong, keptHistory } from './keptHistory.js';
import { MAX_USERS_A_STEP } from './projectionSteps.js';
import type { ProjectionStore } from './projectionStore.js';

/** Behaviours of a person that this process appends between two looks at how long their history is. */
const LOOK_AFTER = 512;
/** People whose appends are counted; beyond that counting starts anew. */
const COUNTED = 100_000;

/**
 * Cuts back the histories of people, or robots, who do more than anybody reads: a list that grows for
 * ever would be read whole by every page. When to cut does not matter (`keptHistory`), so it is
 * enough to look at those who were written often.
 */
export class HistoryTrimmer {
  readonly #store: Pick<ProjectionStore, 'readUsers' | 'replaceHistories'>;
  readonly #owner: string;
  readonly #appended = new Map<string, number>();

  constructor({
    store,
    owner,
  }: { store: Pick<ProjectionStore, 'readUsers' | 'replaceHistories'>; owner: string }) {
    this.#store = store;
    this.#owner = owner;
  }

  /** `appliedSeqOf` answers where an owned partition stands; undefined when it is no longer owned. */
  async appended(
    rows: readonly LoggedBehaviour[],
    appliedSeqOf: (partition: number) => number | undefined,
  ): Promise<void> {
    const due: string[] = [];
    for (const { behaviour } of rows) {
      const count = (this.#appended.get(behaviour.userId) ?? 0) + 1;
      this.#appended.set(behaviour.userId, count % LOOK_AFTER);
      if (count === LOOK_AFTER) due.push(behaviour.userId);
    }
    if (this.#appended.size > COUNTED) this.#appended.clear();
    if (due.length > 0) await this.#trim(due, appliedSeqOf);
  }

  async #trim(
    userIds: readonly string[],
    appliedSeqOf: (partition: number) => number | undefined,
  ): Promise<void> {
    const users = await this.#store.readUsers(userIds);
    const byPartition = new Map<number, Map<string, Uint8Array>>();
    for (const [i, userId] of userIds.entries()) {
      const history = users[i]?.history;
      if (history === undefined || !isOverlong(history)) continue;
      const partition = partitionOf(userId);
      const own = byPartition.get(partition) ?? new Map<string, Uint8Array>();
      if (own.size < MAX_USERS_A_STEP) byPartition.set(partition, own.set(userId, keptHistory(history)));
    }
    for (const [partition, histories] of byPartition) {
      const fromSeq = appliedSeqOf(partition);
      // Lost to another owner meanwhile: that one will look as well.
      if (fromSeq !== undefined) {
        await this.#store.replaceHistories({ partition, owner: this.#owner, fromSeq }, histories);
      }
    }
  }
}
