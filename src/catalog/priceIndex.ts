import { NONE, Ordinals } from './ordinals.js';
import { SortedPrices } from './sortedPrices.js';

/** With fewer priced products a category says little of what is dear: its parent speaks for the rest. */
const FULL_SAY_PRODUCTS = 5;

/** What is told of a price that nothing can be compared with: the middle. */
const MIDDLE = 0.5;

/** More than there are currency codes of three letters. */
const CURRENCIES = 32_768;

/** One price of one product. `category` is its leaf, `NONE` for products without one. */
export interface Price {
  readonly category: number;
  /** Empty when unknown: a currency of its own. */
  readonly currency: string;
  readonly priceMinor: number;
}

/** Prices by category and currency, each category holding those beneath it too. */
export class PriceIndex {
  readonly #groups = new Map<number, SortedPrices>();
  readonly #currencies = new Ordinals();
  readonly #parentOf: (category: number) => number;
  #version = 0;

  /** `parentOf` gives the next wider category, `NONE` above the widest. */
  constructor(parentOf: (category: number) => number) {
    this.#parentOf = parentOf;
  }

  /** Rises with every change: a percentile read at an older version may be stale. */
  get version(): number {
    return this.#version;
  }

  add(price: Price): void {
    this.#forEachGroup(price, (group) => group.add(price.priceMinor));
  }

  /** Takes back what was added. */
  remove(price: Price): void {
    this.#forEachGroup(price, (group) => group.remove(price.priceMinor));
  }

  /**
   * Where a price stands within its leaf category and currency: mid-rank percentile, 0 (cheapest)
   * to 1 (dearest). A category with n < 5 prices has n fifths of the say, its parent's percentile
   * the rest, and above the widest category stands 0.5.
   */
  percentileOf({ category, currency, priceMinor }: Price): number {
    const currencyOrdinal = this.#currencies.of(currency);
    let percentile = 0;
    let left = 1;
    for (let node = category; ; node = this.#parentOf(node)) {
      const group = currencyOrdinal === NONE ? undefined : this.#groups.get(keyOf(node, currencyOrdinal));
      if (group !== undefined && group.size > 0) {
        const say = left * Math.min(1, group.size / FULL_SAY_PRODUCTS);
        percentile += say * group.percentileOf(priceMinor);
        left -= say;
      }
      if (left === 0 || node === NONE || this.#parentOf(node) === NONE) return percentile + left * MIDDLE;
    }
  }

  #forEachGroup({ category, currency }: Price, change: (group: SortedPrices) => void): void {
    this.#version += 1;
    const currencyOrdinal = this.#currencies.give(currency);
    for (let node = category; ; node = this.#parentOf(node)) {
      const key = keyOf(node, currencyOrdinal);
      let group = this.#groups.get(key);
      if (group === undefined) {
        group = new SortedPrices();
        this.#groups.set(key, group);
      }
      change(group);
      if (node === NONE || this.#parentOf(node) === NONE) return;
    }
  }
}

function keyOf(category: number, currencyOrdinal: number): number {
  return (category + 1) * CURRENCIES + currencyOrdinal;
}
