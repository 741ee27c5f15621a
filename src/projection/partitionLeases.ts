import { PARTITIONS } from '../core/partitions.js';
import type { ProjectionStore } from './projectionStore.js';

/** How long a lease holds without a word from its owner: after this a dead server's partitions move. */
export const LEASE_TTL_MS = 3_000;
/** How often leases are renewed and free ones looked for: three chances within a lease. */
export const LEASE_TICK_MS = 1_000;
/** The same for an owner with less than its fair share: what another gives back should not lie idle. */
const SHORT_LEASE_TICK_MS = 100;

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
  #owners = 1;

  constructor({ store, owner }: { store: ProjectionStore; owner: string }) {
    this.#store = store;
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

  async tick(): Promise<void> {
    this.#owners = Math.max(1, await this.#store.announce({ owner: this.owner, ttlMs: LEASE_TTL_MS }));
    const fairShare = Math.ceil(PARTITIONS / this.#owners);
    await this.#giveBack([...this.#owned].slice(fairShare));
    await this.renewAll();
    await this.#take(fairShare);
  }

  /** Renews what is owned; what somebody else holds by now is owned no more. */
  async renewAll(): Promise<void> {
    const owned = [...this.#owned];
    const isHeld = await Promise.all(owned.map((partition) => this.#lease(partition)));
    for (const [i, partition] of owned.entries()) if (!isHeld[i]) this.#owned.delete(partition);
  }

  /** Gives everything back and says farewell, so that the others' shares grow at once. */
  async releaseAll(): Promise<void> {
    await this.#giveBack([...this.#owned]);
    await this.#store.announce({ owner: this.owner, ttlMs: 1 });
  }

  async #giveBack(partitions: readonly number[]): Promise<void> {
    for (const partition of partitions) this.#owned.delete(partition);
    await Promise.all(partitions.map((partition) => this.#store.release({ partition, owner: this.owner })));
  }

  async #take(fairShare: number): Promise<void> {
    for (let i = 0; i < PARTITIONS && this.#owned.size < fairShare; i++) {
      const partition = (this.#first + i) % PARTITIONS;
      if (!this.#owned.has(partition) && (await this.#lease(partition))) this.#owned.add(partition);
    }
  }

  async #lease(partition: number): Promise<boolean> {
    const position = await this.#store.lease({ partition, owner: this.owner, ttlMs: LEASE_TTL_MS });
    return position !== undefined;
  }
}
