import { PARTITIONS } from '../core/partitions.js';
import type { PartitionPosition, ProjectionStore } from './projectionStore.js';

/** How long a lease holds without a word from its owner: after this a dead server's partitions move. */
export const LEASE_TTL_MS = 3_000;
/** How often leases are renewed and free ones looked for: three chances within a lease. */
export const LEASE_TICK_MS = 1_000;

export interface LeaseChanges {
  readonly gained: ReadonlyMap<number, PartitionPosition>;
  readonly lost: readonly number[];
}

/**
 * Which partitions this process owns. Every tick renews what it has, gives back what is above its
 * fair share, and takes free ones up to it. Nothing is ever taken from a living owner, so shares
 * even out as owners give back.
 */
export class PartitionLeases {
  readonly owner: string;
  readonly #store: ProjectionStore;
  readonly #owned = new Set<number>();
  /** Where the search for free partitions begins: owners that start together should not collide. */
  readonly #first: number;

  constructor({ store, owner }: { store: ProjectionStore; owner: string }) {
    this.#store = store;
    this.owner = owner;
    this.#first = [...owner].reduce((sum, character) => sum + character.charCodeAt(0), 0) % PARTITIONS;
  }

  get owned(): ReadonlySet<number> {
    return this.#owned;
  }

  /** Forgets a partition that a write was refused for; the next tick tries to lease it anew. */
  drop(partition: number): void {
    this.#owned.delete(partition);
  }

  async tick(): Promise<LeaseChanges> {
    const owners = await this.#store.announce({ owner: this.owner, ttlMs: LEASE_TTL_MS });
    const fairShare = Math.ceil(PARTITIONS / Math.max(1, owners));
    const lost = await this.#renew(fairShare);
    const gained = await this.#take(fairShare);
    return { gained, lost };
  }

  async releaseAll(): Promise<void> {
    const partitions = [...this.#owned];
    this.#owned.clear();
    await Promise.all(
      partitions.map((partition) => this.#store.release({ partition, owner: this.owner })),
    );
  }

  async #renew(fairShare: number): Promise<number[]> {
    const kept = [...this.#owned].slice(0, fairShare);
    const surplus = [...this.#owned].slice(fairShare);
    await Promise.all(surplus.map((partition) => this.#store.release({ partition, owner: this.owner })));
    const positions = await Promise.all(kept.map((partition) => this.#lease(partition)));
    const lost = kept.filter((_, i) => positions[i] === undefined);
    for (const partition of [...surplus, ...lost]) this.#owned.delete(partition);
    return [...surplus, ...lost];
  }

  async #take(fairShare: number): Promise<Map<number, PartitionPosition>> {
    const gained = new Map<number, PartitionPosition>();
    const wanted = fairShare - this.#owned.size;
    if (wanted <= 0) return gained;
    const others = Array.from({ length: PARTITIONS }, (_, i) => (this.#first + i) % PARTITIONS).filter(
      (partition) => !this.#owned.has(partition),
    );
    for (const partition of others) {
      if (gained.size === wanted) break;
      const position = await this.#lease(partition);
      if (position === undefined) continue;
      this.#owned.add(partition);
      gained.set(partition, position);
    }
    return gained;
  }

  #lease(partition: number): Promise<PartitionPosition | undefined> {
    return this.#store.lease({ partition, owner: this.owner, ttlMs: LEASE_TTL_MS });
  }
}
