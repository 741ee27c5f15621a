/** The typed arrays that a column may be made of. */
type Values = Int32Array | Uint8Array | Float32Array | Float64Array;

/**
 * One growing column of numbers, dense by ordinal. Reading outside gives the column's default, and
 * writing past the end grows it (doubling, so that n writes copy O(n)).
 */
export class Column<V extends Values> {
  #values: V;
  readonly #make: (length: number) => V;
  readonly #initial: number;

  /** `make` creates the backing array, `initial` is what a cell holds before it is written. */
  constructor(make: (length: number) => V, initial: number) {
    this.#make = make;
    this.#initial = initial;
    this.#values = make(16).fill(initial) as V;
  }

  /** The backing array itself, for hot loops; longer than what was written, replaced on growth. */
  get values(): V {
    return this.#values;
  }

  get(ordinal: number): number {
    return this.#values[ordinal] ?? this.#initial;
  }

  set(ordinal: number, value: number): void {
    if (ordinal >= this.#values.length) this.#grow(ordinal + 1);
    this.#values[ordinal] = value;
  }

  #grow(atLeast: number): void {
    const held = this.#values.length;
    const grown = this.#make(Math.max(atLeast, held * 2));
    grown.set(this.#values);
    grown.fill(this.#initial, held);
    this.#values = grown;
  }
}

export const int32Column = (initial: number) => new Column((length) => new Int32Array(length), initial);
export const uint8Column = (initial: number) => new Column((length) => new Uint8Array(length), initial);
export const float32Column = (initial: number) => new Column((length) => new Float32Array(length), initial);
export const float64Column = (initial: number) => new Column((length) => new Float64Array(length), initial);
