/** What an unknown id has for an ordinal, and a product without shop, category or brand in its column. */
export const NONE = -1;

/** Gives every id a dense number, from 0 in the order of arrival; a number is never given again. */
export class Ordinals {
  readonly #ids: string[] = [];
  readonly #ordinals = new Map<string, number>();

  get size(): number {
    return this.#ids.length;
  }

  /** The ordinal of `id`, or `NONE` when it never came. */
  of(id: string): number {
    return this.#ordinals.get(id) ?? NONE;
  }

  /** The ordinal of `id`, new when it never came. */
  give(id: string): number {
    const known = this.#ordinals.get(id);
    if (known !== undefined) return known;
    const ordinal = this.#ids.length;
    this.#ids.push(id);
    this.#ordinals.set(id, ordinal);
    return ordinal;
  }

  /** The id that an ordinal stands for. */
  idOf(ordinal: number): string {
    const id = this.#ids[ordinal];
    if (id === undefined) throw new RangeError(`no id has the ordinal ${ordinal}`);
    return id;
  }
}
