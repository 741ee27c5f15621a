import type { LoggedBehaviour } from '../behaviour/behaviour.js';
import { partitionOf } from '../core/partitions.js';
import { isOverlong, keptHistory } from './keptHistory.js';
import type { ProjectionStore, StoredUser } from './projectionStore.js';

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

  async appended(rows: readonly LoggedBehaviour[]): Promise<void> {
    const due: string[] = [];
    for (const { behaviour } of rows) {
      const count = (this.#appended.get(behaviour.userId) ?? 0) + 1;
      this.#appended.set(behaviour.userId, count % LOOK_AFTER);
      if (count === LOOK_AFTER) due.push(behaviour.userId);
    }
    if (this.#appended.size > COUNTED) this.#appended.clear();
    if (due.length > 0) await this.#trim(due);
  }

  /**
   * Each history at the position that it was read with: what moved on since, or is another owner's by
   * now, refuses, and will be looked at again.
   */
  async #trim(userIds: readonly string[]): Promise<void> {
    const users = await this.#store.readUsers(userIds);
    for (const [i, userId] of userIds.entries()) {
      const { history, position } = users[i] as StoredUser;
      if (!isOverlong(history)) continue;
      const step = { partition: partitionOf(userId), owner: this.#owner, fromSeq: position.appliedSeq };
      await this.#store.replaceHistories(step, new Map([[userId, keptHistory(history)]]));
    }
  }
}
