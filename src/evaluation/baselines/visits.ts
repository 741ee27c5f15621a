import type { Past } from './past.js';

/** Everybody's visits, numbered by when they ended: a higher number is a later visit. */
export interface Visits {
  /** The pause that ends a visit. */
  readonly gapMs: number;
  /** Per visit: its products, each once. */
  readonly products: readonly Int32Array[];
  /** Per product: the latest visits that hold it, latest first. */
  readonly byProduct: readonly Int32Array[];
  /** Per product: in how many visits it stands, also those that are not kept in `byProduct`. */
  readonly counts: Int32Array;
}

/** Cuts all histories into visits; `kept` visits of a product stay in its index. */
export function visitsOf(options: { past: Past; gapMs: number; kept: number }): Visits {
  const { past, gapMs, kept } = options;
  const ended: { atMs: number; products: Int32Array }[] = [];
  for (const history of past.histories.values()) {
    let visit = new Set<number>();
    let atMs = Number.NEGATIVE_INFINITY;
    const end = () => {
      if (visit.size > 0) ended.push({ atMs, products: Int32Array.from(visit) });
      visit = new Set();
    };
    for (const behaviour of history) {
      if (behaviour.atMs - atMs > gapMs) end();
      visit.add(behaviour.product);
      atMs = behaviour.atMs;
    }
    end();
  }
  // Sorting is stable: visits that end at one moment keep the order of the log, and a run repeats.
  ended.sort((a, b) => a.atMs - b.atMs);
  const byProduct = Array.from({ length: past.productIds.length }, (): number[] => []);
  const counts = new Int32Array(past.productIds.length);
  for (let visit = ended.length - 1; visit >= 0; visit--) {
    for (const product of ended[visit]?.products ?? []) {
      counts[product] = (counts[product] as number) + 1;
      const holding = byProduct[product] as number[];
      if (holding.length < kept) holding.push(visit);
    }
  }
  return {
    gapMs,
    products: ended.map(({ products }) => products),
    byProduct: byProduct.map((visits) => Int32Array.from(visits)),
    counts,
  };
}
