import type { LoggedBehaviour } from '../behaviour/behaviour.js';
import { Nap } from '../core/nap.js';

export interface LogFollowerDeps {
  /** Behaviours with `seq > afterSeq` in rising order, with everything that they refer to at hand. */
  readonly read: (page: { afterSeq: number; limit: number }) => Promise<LoggedBehaviour[]>;
  /** Takes them in, in order. */
  readonly apply: (rows: readonly LoggedBehaviour[]) => Promise<void>;
  readonly appliedSeq: () => number;
  readonly onApplied: (rows: readonly LoggedBehaviour[]) => void;
  readonly onTrouble: (cause: unknown) => void;
}

const PAGE_ROWS = 1_000;
/** How long it sleeps when nobody wakes it and nothing comes. */
const IDLE_MS = 25;
const TROUBLE_MS = 250;

interface Waiter {
  readonly seq: number;
  readonly resolve: () => void;
}

/**
 * Follows the log in its order and folds it into the state of products and shops in this process:
 * the same rows in the same order give every server the same state, to the bit. Never rejects;
 * trouble is told and tried again.
 */
export class LogFollower {
  readonly #deps: LogFollowerDeps;
  readonly #nap = new Nap();
  readonly #waiters = new Set<Waiter>();
  #running: Promise<void> | undefined;
  #stopping = false;

  constructor(deps: LogFollowerDeps) {
    this.#deps = deps;
  }

  /** Reads to the present end, for a start; rejects when the log cannot be read. */
  async catchUp(onProgress?: (rows: number) => void): Promise<void> {
    let done = 0;
    for (;;) {
      const rows = await this.#step();
      done += rows;
      onProgress?.(done);
      if (rows < PAGE_ROWS) return;
    }
  }

  start(): void {
    this.#running ??= this.#run();
  }

  wake(): void {
    this.#nap.wake();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.wake();
    await this.#running;
  }

  /** Whether everything up to `seq` is in, waiting for it at most `waitMs`. */
  async waitFor(seq: number, waitMs: number): Promise<boolean> {
    if (this.#deps.appliedSeq() >= seq) return true;
    this.wake();
    return new Promise((resolve) => {
      const waiter: Waiter = { seq, resolve: () => end(true) };
      const timer = setTimeout(() => end(false), waitMs);
      const end = (reached: boolean): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve(reached);
      };
      this.#waiters.add(waiter);
    });
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      let rows = 0;
      try {
        rows = await this.#step();
      } catch (cause) {
        this.#deps.onTrouble(cause);
        await this.#nap.sleep(TROUBLE_MS);
      }
      if (rows < PAGE_ROWS && !this.#stopping) await this.#nap.sleep(IDLE_MS);
    }
  }

  async #step(): Promise<number> {
    const { read, apply, appliedSeq, onApplied } = this.#deps;
    const rows = await read({ afterSeq: appliedSeq(), limit: PAGE_ROWS });
    if (rows.length === 0) return 0;
    await apply(rows);
    onApplied(rows);
    for (const waiter of this.#waiters) if (waiter.seq <= appliedSeq()) waiter.resolve();
    return rows.length;
  }
}
