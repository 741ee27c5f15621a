/** How long a round waits for its slowest partitions before the others go on without them. */
const ROUND_MS = 100;
/** So long a partition whose work failed is left alone. */
const TROUBLE_MS = 250;

/**
 * Work on many partitions at once, of which some may lie on a node that does not answer. Those hold up
 * nobody else: a round ends without them, and they are busy until their work is over. Trouble of one
 * partition is told and is its own.
 */
export class PartitionWork {
  readonly #onTrouble: (cause: unknown) => void;
  readonly #busy = new Map<number, Promise<void>>();

  constructor({ onTrouble }: { onTrouble: (cause: unknown) => void }) {
    this.#onTrouble = onTrouble;
  }

  /** Whether work of the partition is under way, or failed a moment ago. */
  isBusy(partition: number): boolean {
    return this.#busy.has(partition);
  }

  /** One round: the work of each partition, none of which may be busy. Never rejects. */
  async each(partitions: readonly number[], work: (partition: number) => Promise<void>): Promise<void> {
    const round = partitions.map((partition) => {
      const done = this.#one(partition, work);
      this.#busy.set(partition, done);
      return done;
    });
    await notLongerThan(ROUND_MS, Promise.all(round));
  }

  /** Resolves when nothing is under way any more. */
  async rest(): Promise<void> {
    await Promise.all(this.#busy.values());
  }

  async #one(partition: number, work: (partition: number) => Promise<void>): Promise<void> {
    try {
      await work(partition);
    } catch (cause) {
      this.#onTrouble(cause);
      await new Promise((resolve) => setTimeout(resolve, TROUBLE_MS));
    }
    this.#busy.delete(partition);
  }
}

/** Resolves when `task` does, or when the time is up. */
export async function notLongerThan(ms: number, task: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([task, timeUp]);
  clearTimeout(timer);
}
