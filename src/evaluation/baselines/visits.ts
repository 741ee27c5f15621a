import type { EpochMs } from '../../core/time.js';
import type { Past } from './past.js';

/** Everybody's visits, numbered by when they began: a higher number is a later visit. */
export interface Visits {
  /** The pause that ends a visit. */
  readonly gapMs: number;
  /** Takes in what the past holds by now. */
  catchUp(): void;
  /** Per visit: its products, each once. */
  readonly products: readonly (readonly number[])[];
  /** Per product: the visits that hold it, in the order in which they took it. */
  readonly byProduct: readonly (readonly number[])[];
}

/** Cuts the log into visits; what is new in it goes on with the visits that are open. */
export function visitsOf(options: { past: Past; gapMs: number }): Visits {
  const { past, gapMs } = options;
  const products: number[][] = [];
  const byProduct: number[][] = [];
  const latest = new Map<string, { visit: number; held: Set<number>; atMs: EpochMs }>();
  let read = 0;
  const visits: Visits = {
    gapMs,
    products,
    byProduct,
    catchUp() {
      while (byProduct.length < past.productIds.length) byProduct.push([]);
      for (; read < past.log.length; read++) {
        const { userId, behaviour } = past.log[read] as Past['log'][number];
        let open = latest.get(userId);
        if (open === undefined || behaviour.atMs - open.atMs > gapMs) {
          open = { visit: products.push([]) - 1, held: new Set(), atMs: behaviour.atMs };
          latest.set(userId, open);
        }
        open.atMs = behaviour.atMs;
        if (open.held.has(behaviour.product)) continue;
        open.held.add(behaviour.product);
        (products[open.visit] as number[]).push(behaviour.product);
        (byProduct[behaviour.product] as number[]).push(open.visit);
      }
    },
  };
  visits.catchUp();
  return visits;
}
