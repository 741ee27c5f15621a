import { Nap } from './nap.js';

/**
 * Keeps what a process holds up with a feed of the truth, to which other servers write too: looks
 * when asked, and again and again once started.
 */
export class FeedFollower {
  readonly #readAll: () => Promise<void>;
  readonly #everyMs: number;
  #last: Promise<void> = Promise.resolve();
  #queued: Promise<void> | undefined;
  #running: Promise<void> | undefined;
  #stopping = false;
  readonly #nap = new Nap();

  /**
   * `readAll` takes in what came since it last ran, to the end; it never runs twice at once. Once started,
   * it runs again `everyMs` after it is done.
   */
  constructor({ readAll, everyMs }: { readAll: () => Promise<void>; everyMs: number }) {
    this.#readAll = readAll;
    this.#everyMs = everyMs;
  }

  /**
   * Resolves when everything that was committed before the call is taken in. Calls made while a read is
   * under way share the next one. Rejects with `UnavailableError` when the truth cannot be read.
   */
  catchUp(): Promise<void> {
    this.#queued ??= this.#last
      .catch(() => undefined)
      .then(() => {
        this.#queued = undefined;
        this.#last = this.#readAll();
        return this.#last;
      });
    return this.#queued;
  }

  /** Catches up again and again until `stop`; trouble is told and tried again. */
  start(onTrouble: (cause: unknown) => void): void {
    this.#running ??= this.#run(onTrouble);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#nap.wake();
    await this.#running;
  }

  async #run(onTrouble: (cause: unknown) => void): Promise<void> {
    while (!this.#stopping) {
      await this.catchUp().catch(onTrouble);
      if (!this.#stopping) await this.#nap.sleep(this.#everyMs);
    }
  }
}
