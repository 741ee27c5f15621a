/** No catalogue ordinal: an empty slot. */
const EMPTY = -1;
const FIRST_SLOTS = 8;
/** Slots may be this full before there are twice as many. */
const FULLEST = 0.75;

/**
 * Sums by catalogue ordinal: a hash table with open addressing over typed arrays. A `Map` keeps each
 * fraction as an object of its own and allocates one with every change, which made relating products
 * the better part of a replay.
 */
export class OrdinalSums {
  #keys = new Int32Array(FIRST_SLOTS).fill(EMPTY);
  #values = new Float64Array(FIRST_SLOTS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(ordinal: number, amount: number): void {
    const slot = this.#slotOf(ordinal);
    if (this.#keys[slot] === EMPTY) {
      this.#keys[slot] = ordinal;
      this.#values[slot] = amount;
      this.#size += 1;
      if (this.#size > FULLEST * this.#keys.length) this.#rebuild(2 * this.#keys.length, -Infinity, 0);
    } else this.#values[slot] = (this.#values[slot] as number) + amount;
  }

  multiply(factor: number): void {
    for (let slot = 0; slot < this.#values.length; slot++) {
      this.#values[slot] = (this.#values[slot] as number) * factor;
    }
  }

  /** Forgets all but the `count` largest; of equal ones at the border some. */
  keepLargest(count: number): void {
    if (this.#size <= count) return;
    const sorted = new Float64Array(this.#size);
    let found = 0;
    for (let slot = 0; slot < this.#keys.length; slot++) {
      if (this.#keys[slot] !== EMPTY) sorted[found++] = this.#values[slot] as number;
    }
    sorted.sort();
    const floor = sorted[sorted.length - count] as number;
    let above = 0;
    while (above < count && (sorted[sorted.length - 1 - above] as number) > floor) above += 1;
    this.#rebuild(this.#keys.length, floor, count - above);
  }

  forEach(visit: (ordinal: number, sum: number) => void): void {
    for (let slot = 0; slot < this.#keys.length; slot++) {
      const ordinal = this.#keys[slot] as number;
      if (ordinal !== EMPTY) visit(ordinal, this.#values[slot] as number);
    }
  }

  /** Where the ordinal is, or where it would go. The number of slots is a power of two. */
  #slotOf(ordinal: number): number {
    const mask = this.#keys.length - 1;
    // Ordinals of one shop follow each other: Fibonacci hashing spreads them.
    let slot = (Math.imul(ordinal, 0x9e3779b1) >>> 15) & mask;
    while (this.#keys[slot] !== EMPTY && this.#keys[slot] !== ordinal) slot = (slot + 1) & mask;
    return slot;
  }

  /** Moves to a table of so many slots what is above `floor`, and of what is at it the first `atFloor`. */
  #rebuild(slots: number, floor: number, atFloor: number): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Int32Array(slots).fill(EMPTY);
    this.#values = new Float64Array(slots);
    this.#size = 0;
    let leftAtFloor = atFloor;
    for (let at = 0; at < keys.length; at++) {
      const ordinal = keys[at] as number;
      const value = values[at] as number;
      if (ordinal === EMPTY || value < floor) continue;
      if (value === floor && leftAtFloor-- <= 0) continue;
      const slot = this.#slotOf(ordinal);
      this.#keys[slot] = ordinal;
      this.#values[slot] = value;
      this.#size += 1;
    }
  }
}
