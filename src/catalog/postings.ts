const EMPTY = new Int32Array(0);

/**
 * Lists of product ordinals by key (a tag, a shop, a category): an inverted index. Each list holds
 * a product at most once, in no promised order. Adding is O(1) amortised, removing O(list).
 */
export class Postings {
  readonly #lists: Int32Array[] = [];
  readonly #lengths: number[] = [];
  readonly #versions: number[] = [];

  /** Adds a product that the list of `key` does not hold yet. */
  add(key: number, product: number): void {
    while (this.#lists.length <= key) {
      this.#lists.push(EMPTY);
      this.#lengths.push(0);
      this.#versions.push(0);
    }
    const length = this.#lengths[key] ?? 0;
    let list = this.#lists[key] ?? EMPTY;
    if (length === list.length) {
      const grown = new Int32Array(Math.max(2, length * 2));
      grown.set(list);
      list = grown;
      this.#lists[key] = grown;
    }
    list[length] = product;
    this.#lengths[key] = length + 1;
    this.#versions[key] = this.versionOf(key) + 1;
  }

  /** Removes a product; the last one takes its place. Does nothing when it is not there. */
  remove(key: number, product: number): void {
    const list = this.#lists[key] ?? EMPTY;
    const length = this.#lengths[key] ?? 0;
    const at = list.subarray(0, length).indexOf(product);
    if (at < 0) return;
    list[at] = list[length - 1] as number;
    this.#lengths[key] = length - 1;
    this.#versions[key] = this.versionOf(key) + 1;
  }

  lengthOf(key: number): number {
    return this.#lengths[key] ?? 0;
  }

  /** Changes with every `add` and `remove`: a list of the same length may hold others. */
  versionOf(key: number): number {
    return this.#versions[key] ?? 0;
  }

  /** A view of the list, not a copy: good until the next `add` or `remove`. */
  of(key: number): Int32Array {
    return (this.#lists[key] ?? EMPTY).subarray(0, this.lengthOf(key));
  }
}
