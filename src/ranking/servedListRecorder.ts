import type { ServedList, ServedListStore } from './servedListStore.js';

export interface ServedListRecorderDeps {
  readonly store: Pick<ServedListStore, 'append'>;
  /** Told how many lists were given up, when the truth is away for so long that memory would fill. */
  readonly onDropped: (count: number) => void;
  readonly onTrouble: (cause: unknown) => void;
}

/** How long a list waits for others to be written with. */
const WRITE_EVERY_MS = 500;
const LISTS_A_WRITE = 200;
/** Lists that wait at most: some minutes of a busy server, some 20 MB. */
const MOST_WAITING = 20_000;
const TROUBLE_MS = 1_000;

/**
 * Brings served lists into the truth behind the answers: no page waits for it. Lists of the last
 * moments are lost with a killed process, and the oldest when the truth is away for long (they are
 * counted): they explain and train, nothing is decided by them.
 */
export class ServedListRecorder {
  readonly #deps: ServedListRecorderDeps;
  readonly #waiting: ServedList[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;

  constructor(deps: ServedListRecorderDeps) {
    this.#deps = deps;
  }

  record(list: ServedList): void {
    this.#waiting.push(list);
    const over = this.#waiting.length - MOST_WAITING;
    if (over > 0) {
      this.#waiting.splice(0, over);
      this.#deps.onDropped(over);
    }
    this.#writeIn(WRITE_EVERY_MS);
  }

  /** Writes what waits, once; what the truth does not take then is given up. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#writing;
    while (this.#waiting.length > 0) {
      const lists = this.#waiting.splice(0, LISTS_A_WRITE);
      try {
        await this.#deps.store.append(lists);
      } catch (cause) {
        this.#deps.onTrouble(cause);
        this.#deps.onDropped(lists.length + this.#waiting.splice(0).length);
      }
    }
  }

  #writeIn(ms: number): void {
    if (this.#timer !== undefined || this.#writing !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#writing = this.#write().then((nextInMs) => {
        this.#writing = undefined;
        if (nextInMs !== undefined) this.#writeIn(nextInMs);
      });
    }, ms).unref();
  }

  /** Answers when to write next; undefined when nothing waits. */
  async #write(): Promise<number | undefined> {
    const lists = this.#waiting.splice(0, LISTS_A_WRITE);
    try {
      await this.#deps.store.append(lists);
    } catch (cause) {
      this.#deps.onTrouble(cause);
      this.#waiting.unshift(...lists);
      return TROUBLE_MS;
    }
    if (this.#waiting.length >= LISTS_A_WRITE) return 0;
    return this.#waiting.length > 0 ? WRITE_EVERY_MS : undefined;
  }
}
