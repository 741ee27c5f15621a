import { PARTITIONS } from '../core/partitions.js';
import type { ProjectionStore } from './projectionStore.js';

/** How long a lease holds without a word from its owner: after this a dead server's partitions move. */
export const LEASE_TTL_MS = 3_000;
/** How often leases are renewed and free ones looked for: three chances within a lease. */
export const LEASE_TICK_MS = 1_000;
/** The same for an owner with less than its fair share: what another gives back should not lie idle. */
const SHORT_LEASE_TICK_MS = 100;

/** Free partitions that are asked for at once. */
const ASKED_AT_ONCE = 8;

export interface PartitionLeasesDeps {
  readonly store: Pick<ProjectionStore, 'announce' | 'lease' | 'release'>;
  /** Names this process among the owners. */
  readonly owner: string;
  /** Told of what failed and will be tried again. */
  readonly onTrouble: (step: string, cause: unknown) => void;
}

/**
 * Which partitions this process owns. Every tick renews what it has, gives back what is above its
 * fair share, and takes free ones up to it. Nothing is ever taken from a living owner, so shares
 * even out as owners give back.
 *
 * Part of the store may not answer: what lies there is kept for as long as nobody else says that it is
 * theirs, and the rest goes on.
 */
export class PartitionLeases {
  readonly owner: string;
  readonly #deps: PartitionLeasesDeps;
  readonly #owned = new Set<number>();
  /** Where the search for free partitions begins: owners that start together should not collide. */
  #first: number;
  #owners = 1;

  constructor(deps: PartitionLeasesDeps) {
    const { owner } = deps;
    this.#deps = deps;
    this.owner = owner;
    this.#first = [...owner].reduce((sum, character) => sum + character.charCodeAt(0), 0) % PARTITIONS;
  }

  /** How long to wait until the next tick. */
  get tickMs(): number {
    return this.#owned.size < Math.floor(PARTITIONS / this.#owners) ? SHORT_LEASE_TICK_MS : LEASE_TICK_MS;
  }

  get owned(): ReadonlySet<number> {
    return this.#owned;
  }

  /** Forgets a partition that a write was refused for; the next tick tries to lease it anew. */
  drop(partition: number): void {
    this.#owned.delete(partition);
  }

  /** Never rejects. */
  async tick(): Promise<void> {
    await Promise.all([this.#announce(), this.renewAll()]);
    const fairShare = Math.ceil(PARTITIONS / this.#owners);
    await this.#giveBack([...this.#owned].slice(fairShare));
    await this.#take(fairShare);
  }

  /** Renews what is owned; what somebody else holds by now is owned no more. Never rejects. */
  async renewAll(): Promise<void> {
    await Promise.all(
      [...this.#owned].map(async (partition) => {
        if ((await this.#lease(partition)) === 'held by another') this.#owned.delete(partition);
      }),
    );
  }

  /** Gives everything back and says farewell, so that the others' shares grow at once. */
  async releaseAll(): Promise<void> {
    await this.#giveBack([...this.#owned]);
    await this.#deps.store.announce({ owner: this.owner, ttlMs: 1 });
  }

  async #announce(): Promise<void> {
    try {
      const owners = await this.#deps.store.announce({ owner: this.owner, ttlMs: LEASE_TTL_MS });
      this.#owners = Math.max(1, owners);
    } catch (cause) {
      this.#deps.onTrouble('announce', cause);
    }
  }

  async #giveBack(partitions: readonly number[]): Promise<void> {
    for (const partition of partitions) this.#owned.delete(partition);
    await Promise.all(
      partitions.map((partition) =>
        this.#deps.store
          .release({ partition, owner: this.owner })
          // It ends by itself.
          .catch((cause) => this.#deps.onTrouble('release', cause)),
      ),
    );
  }

  /**
   * A few at a time, never more than are wanted. Where some do not answer the next tick searches on:
   * leases must be renewed meanwhile.
   */
  async #take(fairShare: number): Promise<void> {
    const free = Array.from({ length: PARTITIONS }, (_, i) => (this.#first + i) % PARTITIONS).filter(
      (partition) => !this.#owned.has(partition),
    );
    while (free.length > 0 && this.#owned.size < fairShare) {
      const asked = free.splice(0, Math.min(ASKED_AT_ONCE, fairShare - this.#owned.size));
      const answers = await Promise.all(asked.map((partition) => this.#lease(partition)));
      for (const [i, partition] of asked.entries()) if (answers[i] === 'held') this.#owned.add(partition);
      if (!answers.includes('unanswered')) continue;
      this.#first = ((asked.at(-1) as number) + 1) % PARTITIONS;
      return;
    }
  }

  async #lease(partition: number): Promise<'held' | 'held by another' | 'unanswered'> {
    try {
      const position = await this.#deps.store.lease({ partition, owner: this.owner, ttlMs: LEASE_TTL_MS });
      return position === undefined ? 'held by another' : 'held';
    } catch (cause) {
      this.#deps.onTrouble('lease', cause);
      return 'unanswered';
    }
  }
}
