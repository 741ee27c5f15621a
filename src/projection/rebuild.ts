import { buildPartitions } from './buildPartitions.js';
import { LEASE_TICK_MS, LEASE_TTL_MS } from './partitionLeases.js';
import type { ProjectionSource } from './projectionSource.js';
import type { ProjectionStore } from './projectionStore.js';
import type { PartitionReport, VerifyDeps } from './verifyPartition.js';
import { verifyPartition } from './verifyPartition.js';

export interface RebuildOptions {
  readonly store: ProjectionStore;
  readonly source: ProjectionSource;
  readonly log: VerifyDeps['log'];
  readonly owner: string;
  readonly partitions: readonly number[];
  readonly ledgerSettleMs: number;
  /** Told how many behaviours have been put in place, then how many compared. */
  readonly onProgress: (phase: 'build' | 'compare', behaviours: number) => void;
}

/**
 * Builds partitions anew from the truth while servers go on answering from what they have, and
 * compares the result before it lets go: the reports say whether the checksums are equal. The
 * partitions' owners are kept out meanwhile (their leases are seized), so news of these partitions
 * waits until the end. Rejects when another process seizes a lease on the way,
 * or the store loses its data.
 */
export async function rebuild(options: RebuildOptions): Promise<PartitionReport[]> {
  const { store, source, owner, partitions, onProgress } = options;
  const leases = new SeizedLeases(options);
  await leases.seize();
  try {
    const built = await buildPartitions({
      store,
      source,
      owner,
      partitions,
      ledgerSettleMs: options.ledgerSettleMs,
      whileWorking: () => leases.renewWhenDue(),
      onProgress: (behaviours) => onProgress('build', behaviours),
    });
    const lost = partitions.filter((partition) => !built.positions.has(partition));
    if (lost.length > 0) {
      throw new Error(`partitions ${lost.join(', ')} were seized by another rebuild, or lost their data`);
    }
    const reports: PartitionReport[] = [];
    let compared = 0;
    for (const partition of partitions) {
      await leases.renewWhenDue();
      const report = await verifyPartition(partition, {
        log: options.log,
        store,
        pack: source.pack,
        onProgress: (behaviours) => onProgress('compare', compared + behaviours),
      });
      compared += report.behaviours;
      reports.push(report);
    }
    return reports;
  } finally {
    await leases.release();
  }
}

class SeizedLeases {
  readonly #options: Pick<RebuildOptions, 'store' | 'owner' | 'partitions'>;
  #renewedAtMs = 0;

  constructor(options: Pick<RebuildOptions, 'store' | 'owner' | 'partitions'>) {
    this.#options = options;
  }

  async seize(): Promise<void> {
    const { store, owner, partitions } = this.#options;
    this.#renewedAtMs = performance.now();
    await Promise.all(
      partitions.map((partition) => store.seizeLease({ partition, owner, ttlMs: LEASE_TTL_MS })),
    );
  }

  async renewWhenDue(): Promise<void> {
    if (performance.now() - this.#renewedAtMs < LEASE_TICK_MS) return;
    this.#renewedAtMs = performance.now();
    const { store, owner, partitions } = this.#options;
    await Promise.all(partitions.map((partition) => store.lease({ partition, owner, ttlMs: LEASE_TTL_MS })));
  }

  async release(): Promise<void> {
    const { store, owner, partitions } = this.#options;
    await Promise.allSettled(partitions.map((partition) => store.release({ partition, owner })));
  }
}
