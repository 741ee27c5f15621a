/** Lets in so many at once; whoever comes then waits for one to leave, in the order of arrival. */
export class Gate {
  #room: number;
  readonly #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#room = most;
  }

  async through<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#room > 0) this.#room -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // Who waited takes the place of who leaves: nobody slips in between.
      if (next === undefined) this.#room += 1;
      else next();
    }
  }
}
