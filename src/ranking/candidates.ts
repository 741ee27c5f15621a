/** The products that may be returned, each once, with the sources that proposed it. */
export interface Candidates {
  /** Catalogue ordinals. */
  readonly ordinals: readonly number[];
  /** Per candidate: bit `i` set when `SOURCE_NAMES[i]` proposed it. */
  readonly sourceBits: readonly number[];
}

/** Every way in which a product becomes a candidate, by bit. */
export const SOURCE_NAMES = [
  'caller',
  'own_history',
  'related_to_recent',
  'bought_shops',
  'tag_match',
  'crowd',
  'popular',
  'new_arrivals',
  'like_visits',
  'goes_together',
] as const;
export type SourceName = (typeof SOURCE_NAMES)[number];

export function sourcesOf(bits: number): SourceName[] {
  return SOURCE_NAMES.filter((_, i) => (bits & (1 << i)) !== 0);
}

/** Gathers proposals; the first to propose a product decides its place. */
export class CandidateCollector {
  readonly #places = new Map<number, number>();
  readonly #ordinals: number[] = [];
  readonly #bits: number[] = [];

  propose(source: SourceName, ordinals: Iterable<number>): void {
    const bit = 1 << SOURCE_NAMES.indexOf(source);
    for (const ordinal of ordinals) {
      const place = this.#places.get(ordinal);
      if (place === undefined) {
        this.#places.set(ordinal, this.#ordinals.length);
        this.#ordinals.push(ordinal);
        this.#bits.push(bit);
      } else {
        this.#bits[place] = (this.#bits[place] as number) | bit;
      }
    }
  }

  /** A candidate that no source proposed, unless one did. */
  include(ordinal: number): void {
    if (this.#places.has(ordinal)) return;
    this.#places.set(ordinal, this.#ordinals.length);
    this.#ordinals.push(ordinal);
    this.#bits.push(0);
  }

  collected(): Candidates {
    return { ordinals: this.#ordinals, sourceBits: this.#bits };
  }
}

/** The candidates at `places`, in that order. */
export function pick(candidates: Candidates, places: readonly number[]): Candidates {
  return {
    ordinals: places.map((place) => candidates.ordinals[place] as number),
    sourceBits: places.map((place) => candidates.sourceBits[place] as number),
  };
}
