import { type EpochMs, MINUTE_MS } from '../core/time.js';

/** What one person turned to in one go. */
export interface Visit {
  /** Catalogue ordinals, each once, in the order in which the person came to them. */
  readonly products: readonly number[];
  /** Visits are numbered as they begin: a higher number is a later visit. */
  readonly number: number;
}

interface OpenVisit {
  readonly visit: { readonly products: number[]; readonly number: number };
  lastAtMs: EpochMs;
}

/**
 * Everybody's latest visits, by product (R2). What is kept depends on the order in which behaviours
 * were applied, and on nothing else: who replays the log has the same.
 */
export interface Visits {
  /** By catalogue ordinal: the latest visits that hold the product, in the order in which they took it. */
  readonly byProduct: (Visit[] | undefined)[];
  /** By user id: the visit that may go on; who acted least lately comes first. */
  readonly open: Map<string, OpenVisit>;
  begun: number;
}

/** The pause that ends a visit. Session kNN, tuned on the past, takes it over a day on all five development sets. */
export const VISIT_GAP_MS = 30 * MINUTE_MS;

/**
 * Latest visits kept of a product, and products kept of a visit: with them a product costs a few
 * kilobytes at most. A visit that none of its products keeps any more is freed.
 */
export const VISITS_KEPT = 64;
export const LONGEST_VISIT = 50;
/** Past these the visits of who acted least lately are taken as ended. */
export const MOST_OPEN = 50_000;

export function emptyVisits(): Visits {
  return { byProduct: [], open: new Map(), begun: 0 };
}

/** Notes that a person turned to a product: in the visit that goes on, or in a new one. */
export function noteVisit(
  visits: Visits,
  { userId, ordinal, atMs }: { userId: string; ordinal: number; atMs: EpochMs },
): void {
  const { visit } = visitAt(visits, userId, atMs);
  if (visit.products.length >= LONGEST_VISIT || visit.products.includes(ordinal)) return;
  visit.products.push(ordinal);
  const holding = visits.byProduct[ordinal];
  if (holding === undefined) visits.byProduct[ordinal] = [visit];
  else if (holding.push(visit) > VISITS_KEPT) holding.shift();
}

function visitAt(visits: Visits, userId: string, atMs: EpochMs): OpenVisit {
  let open = visits.open.get(userId);
  if (open === undefined || Math.abs(atMs - open.lastAtMs) > VISIT_GAP_MS) {
    open = { visit: { products: [], number: visits.begun }, lastAtMs: atMs };
    visits.begun += 1;
  }
  open.lastAtMs = Math.max(open.lastAtMs, atMs);
  visits.open.delete(userId);
  visits.open.set(userId, open);
  for (const leastLately of visits.open.keys()) {
    if (visits.open.size <= MOST_OPEN) break;
    visits.open.delete(leastLately);
  }
  return open;
}
