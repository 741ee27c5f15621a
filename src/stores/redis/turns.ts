/** Lets what concerns the same key be done one after the other, in the order in which it came. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async take<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key);
    // Whatever became of the one before, it is done.
    const own = before === undefined ? work() : before.then(work, work);
    this.#last.set(key, own);
    try {
      return await own;
    } finally {
      if (this.#last.get(key) === own) this.#last.delete(key);
    }
  }

  /**
   * Takes the turns of several different keys at once and does the work when all have come. Each turn
   * ends when the work says so, with the work at the latest. All are asked for in one moment, so of
   * two such calls none waits for the other in a circle.
   */
  async takeAll<Result>(
    keys: readonly string[],
    work: (endTurn: (key: string) => void) => Promise<Result>,
  ): Promise<Result> {
    const ends = new Map<string, () => void>();
    const before = keys.map((key) => {
      const earlier = this.#last.get(key);
      const own = new Promise<void>((resolve) => {
        ends.set(key, () => {
          resolve();
          if (this.#last.get(key) === own) this.#last.delete(key);
        });
      });
      this.#last.set(key, own);
      return earlier;
    });
    try {
      await Promise.allSettled(before);
      return await work((key) => ends.get(key)?.());
    } finally {
      for (const end of ends.values()) end();
    }
  }
}
