import { largestDifference } from '../checks/largestDifference.js';

/** Collects how far pairs of numbers are apart, relative to their size, and where that was most. */
export class LargestGap {
  #compared = 0;
  #differing = 0;
  #largest = 0;
  #at = '';

  get largest(): number {
    return this.#largest;
  }

  note(what: string, found: number, wanted: number): void {
    this.#add(
      what,
      found === wanted ? 0 : Math.abs(found - wanted) / Math.max(1, Math.abs(found), Math.abs(wanted)),
    );
  }

  /** Anything but equality is as far apart as can be. */
  noteEqual(what: string, found: unknown, wanted: unknown): void {
    this.#add(what, largestDifference(found, wanted) === 0 ? 0 : Number.POSITIVE_INFINITY);
  }

  inWords(): string {
    const compared = `${this.#compared.toLocaleString('en-US')} compared`;
    if (this.#differing === 0) return `${compared}, all equal`;
    const where = `largest difference ${this.#largest.toPrecision(2)} (${this.#at})`;
    return `${compared}, ${this.#differing.toLocaleString('en-US')} differ, ${where}`;
  }

  #add(what: string, gap: number): void {
    this.#compared += 1;
    if (gap === 0) return;
    this.#differing += 1;
    if (gap <= this.#largest) return;
    this.#largest = gap;
    this.#at = what;
  }
}
