/** What behaviours against one revision of a product leave on people: its tags, its category, its shop. */
export interface ProductContent {
  /** Tag ordinals, in the order of extraction. */
  readonly tags: Int32Array;
  /** The tags' weights before inverse document frequency, beside `tags`. */
  readonly weights: Float64Array;
  /** Category ordinal, `NONE` without one. */
  readonly leafCategory: number;
  /** Ordinal of the shop that the content names, `NONE` without one. */
  readonly shop: number;
}

export function isSameContent(a: ProductContent, b: ProductContent): boolean {
  return (
    a.leafCategory === b.leafCategory &&
    a.shop === b.shop &&
    a.tags.length === b.tags.length &&
    a.tags.every((tag, i) => tag === b.tags[i] && a.weights[i] === b.weights[i])
  );
}

/** Revisions `from` to `to`, both included, that share one content. */
interface Span {
  readonly from: number;
  to: number;
  readonly content: ProductContent;
}

/**
 * The contents of a product by revision. A replay needs old ones; most changes are of price or
 * stock and leave the content alone, so that a product mostly has one span.
 */
export class ContentHistory {
  readonly #spans: Span[] = [];

  /** Notes the content of a revision, in any order; the same revision again changes nothing. */
  note(revision: number, content: ProductContent): void {
    if (this.at(revision) !== undefined) return;
    const before = this.#spans.find((span) => span.to === revision - 1);
    if (before !== undefined && isSameContent(before.content, content)) before.to = revision;
    else this.#spans.push({ from: revision, to: revision, content });
  }

  /** The content of a revision, undefined when it was never noted. */
  at(revision: number): ProductContent | undefined {
    return this.#spans.find((span) => span.from <= revision && revision <= span.to)?.content;
  }
}
