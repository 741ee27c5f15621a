/**
 * A multiset of prices that answers where a price stands among them. Changes wait in a list and
 * are merged when next asked: a bulk load sorts once, a single change of price costs one pass over
 * the prices.
 */
export class SortedPrices {
  #sorted = new Float64Array(0);
  #added: number[] = [];
  #removed: number[] = [];

  get size(): number {
    return this.#sorted.length + this.#added.length - this.#removed.length;
  }

  add(price: number): void {
    this.#added.push(price);
  }

  /** Removes one of the prices equal to `price`, which must have been added. */
  remove(price: number): void {
    this.#removed.push(price);
  }

  /**
   * Mid-rank percentile of a price, 0–1: the share of prices below it plus half of the share equal
   * to it. The same for prices and their logarithms. NaN when there are none.
   */
  percentileOf(price: number): number {
    if (this.#added.length + this.#removed.length > 0) this.#merge();
    const below = this.#countBelow(price, false);
    const notAbove = this.#countBelow(price, true);
    return (below + notAbove) / 2 / this.#sorted.length;
  }

  #merge(): void {
    const added = Float64Array.from(this.#added).sort();
    const removed = Float64Array.from(this.#removed).sort();
    const old = this.#sorted;
    const merged = new Float64Array(this.size);
    let fromOld = 0;
    let fromAdded = 0;
    let fromRemoved = 0;
    let to = 0;
    while (fromOld < old.length || fromAdded < added.length) {
      const next =
        fromAdded >= added.length || (old[fromOld] as number) <= (added[fromAdded] as number)
          ? (old[fromOld++] as number)
          : (added[fromAdded++] as number);
      if (next === removed[fromRemoved]) fromRemoved += 1;
      else merged[to++] = next;
    }
    this.#sorted = merged;
    this.#added = [];
    this.#removed = [];
  }

  /** How many prices are below `price`, or (when `orEqual`) not above it. */
  #countBelow(price: number, orEqual: boolean): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const value = this.#sorted[middle] as number;
      if (value < price || (orEqual && value === price)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
