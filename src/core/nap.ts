/** A sleep that somebody may cut short: for loops that look again after a while, or when told to. */
export class Nap {
  #end: (() => void) | undefined;

  /** Until `ms` have passed or `wake` is called. One sleeper at a time. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wake(), ms);
      this.#end = () => {
        clearTimeout(timer);
        this.#end = undefined;
        resolve();
      };
    });
  }

  /** Ends the sleep under way, if any. */
  wake(): void {
    this.#end?.();
  }
}
