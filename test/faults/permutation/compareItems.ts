import { forEachNeighbour } from '../../../src/behaviour/relations.js';
import { NONE } from '../../../src/catalog/ordinals.js';
import type { MemoryOnlineState } from '../../../src/stores/memory/memoryOnlineState.js';
import { type Audience, traitShares } from '../../../src/tags/audience.js';
import { POPULARITY_HALF_LIVES, type ProductState, popularityAt } from '../../../src/tags/productState.js';
import { salesOf, shopPopularity } from '../../../src/tags/shopState.js';
import type { Check } from '../checks/check.js';
import { largestDifference } from '../checks/largestDifference.js';
import { LargestGap } from './largestGap.js';

/** Sums of the same numbers in another order. */
const TOLERANCE = 1e-9;

interface Sides {
  readonly name: string;
  readonly side: MemoryOnlineState;
  readonly reference: MemoryOnlineState;
  readonly nowMs: number;
}

/** Two servers that read the same log: everything about products and shops is equal to the bit. */
export function compareToTheBit({ name, side, reference, nowMs }: Sides): Check {
  const violations: string[] = [];
  const { products, shops } = reference.catalog;
  for (let ordinal = 0; ordinal < products.size; ordinal++) {
    const own = side.catalog.products.of(products.idOf(ordinal));
    const apart = largestDifference(side.productState(own), reference.productState(ordinal));
    if (apart !== 0) violations.push(`${name}: ${products.idOf(ordinal)} is ${apart} off`);
  }
  for (let ordinal = 0; ordinal < shops.size; ordinal++) {
    const own = side.catalog.shops.of(shops.idOf(ordinal));
    const apart = largestDifference(side.shopState(own), reference.shopState(ordinal));
    if (apart !== 0) violations.push(`${name}: ${shops.idOf(ordinal)} is ${apart} off`);
  }
  const relations = relationsOf(reference, nowMs);
  const others = [
    ['traits of everybody', side.population, reference.population],
    ['relations', relationsOf(side, nowMs), relations],
  ] as const;
  for (const [what, found, wanted] of others) {
    const apart = largestDifference(found, wanted);
    if (apart !== 0) violations.push(`${name}: the ${what} are ${apart} off`);
  }
  return {
    name: `products and shops, ${name}`,
    compared: `${products.size} products, ${shops.size} shops and ${relations.size} relations equal to the bit`,
    violations,
  };
}

/**
 * Against another order of arrival. What a behaviour weighs, and for which crowd, is a function of the set of
 * behaviours, so all sums agree but for their last bits. Relations are none: they join a product to
 * what the person had done by then, and are trimmed as they grow. How far these are apart is told, and no
 * violation.
 */
export function compareOrders({ name, side, reference, nowMs }: Sides): Check[] {
  const [weight, counts] = [new LargestGap(), new LargestGap()];
  const [audience, shopSales] = [new LargestGap(), new LargestGap()];
  const { products, shops } = reference.catalog;
  for (let ordinal = 0; ordinal < products.size; ordinal++) {
    const id = products.idOf(ordinal);
    const wanted = reference.productState(ordinal);
    const found = side.productState(side.catalog.products.of(id));
    if (wanted === undefined && found === undefined) continue;
    if (wanted === undefined || found === undefined) {
      weight.note(id, Number.POSITIVE_INFINITY, 0);
      continue;
    }
    for (const i of POPULARITY_HALF_LIVES.keys()) {
      weight.note(id, popularityAt(found, i, nowMs), popularityAt(wanted, i, nowMs));
    }
    weight.note(id, found.allTime, wanted.allTime);
    counts.noteEqual(id, countsOf(found), countsOf(wanted));
    noteAudience(audience, { id, side, reference, nowMs, found: found.audience, wanted: wanted.audience });
  }
  for (let ordinal = 0; ordinal < shops.size; ordinal++) {
    const id = shops.idOf(ordinal);
    const wanted = reference.shopState(ordinal);
    const found = side.shopState(side.catalog.shops.of(id));
    if (wanted === undefined || found === undefined) {
      if (wanted !== found) counts.noteEqual(id, found, wanted);
      continue;
    }
    const buyersOf = ({ buyers, returningBuyers, ratingSum, ratingCount }: typeof wanted) => ({
      buyers,
      returningBuyers,
      ratingSum,
      ratingCount,
    });
    counts.noteEqual(id, buyersOf(found), buyersOf(wanted));
    shopSales.note(id, shopPopularity(found, nowMs), shopPopularity(wanted, nowMs));
    for (const productId of wanted.sales.keys()) {
      shopSales.note(
        `${id} ${productId}`,
        salesOf(found, productId, nowMs),
        salesOf(wanted, productId, nowMs),
      );
    }
    noteAudience(audience, { id, side, reference, nowMs, found: found.audience, wanted: wanted.audience });
  }
  const relations = new LargestGap();
  const [close, wantedClose] = [relationsOf(side, nowMs), relationsOf(reference, nowMs)];
  for (const pair of new Set([...close.keys(), ...wantedClose.keys()])) {
    relations.note(pair, close.get(pair) ?? 0, wantedClose.get(pair) ?? 0);
  }
  return [
    promised(`product sums, ${name}`, weight, TOLERANCE),
    promised(`counts, ${name}`, counts, 0),
    promised(`shop sums, ${name}`, shopSales, TOLERANCE),
    promised(`audiences (TGI), ${name}`, audience, TOLERANCE),
    told(`relations, ${name}`, relations, 'what people had done by then; trimmed as they grow'),
  ];
}

function promised(name: string, gap: LargestGap, tolerance: number): Check {
  return {
    name,
    compared: `${gap.inWords()}; at most ${tolerance} is promised`,
    violations: gap.largest <= tolerance ? [] : [`${name}: ${gap.inWords()}`],
  };
}

function told(name: string, gap: LargestGap, why: string): Check {
  return { name, compared: `${gap.inWords()}; depends on the order of arrival: ${why}`, violations: [] };
}

function countsOf({ byType, repeat, ratingSum, ratingCount, firstSeenMs }: ProductState) {
  const seen = new Map([...byType].map(([type, { count, lastAtMs }]) => [type, { count, lastAtMs }]));
  return { seen, repeat, ratingSum, ratingCount, firstSeenMs };
}

function noteAudience(
  gap: LargestGap,
  of: {
    id: string;
    side: MemoryOnlineState;
    reference: MemoryOnlineState;
    nowMs: number;
    found: Audience;
    wanted: Audience;
  },
): void {
  const wanted = sharesOf(of.wanted, of.reference.population, of.nowMs);
  const found = sharesOf(of.found, of.side.population, of.nowMs);
  for (const trait of new Set([...wanted.keys(), ...found.keys()])) {
    // Who is in nobody's audience is as typical as can be: 100.
    gap.note(`${of.id} ${trait}`, found.get(trait) ?? 100, wanted.get(trait) ?? 100);
  }
}

function sharesOf(audience: Audience, population: Audience, nowMs: number): Map<string, number> {
  return new Map(
    traitShares(audience, population, nowMs).map(({ dimension, value, tgi }) => [
      `${dimension}=${value}`,
      tgi,
    ]),
  );
}

/** Closeness of each pair of products, by their ids. */
function relationsOf({ relations, catalog }: MemoryOnlineState, nowMs: number): Map<string, number> {
  const pairs = new Map<string, number>();
  for (const ordinal of relations.neighbours.keys()) {
    if (ordinal === NONE) continue;
    forEachNeighbour(relations, ordinal, nowMs, (neighbour, closeness) => {
      pairs.set(`${catalog.products.idOf(ordinal)}|${catalog.products.idOf(neighbour)}`, closeness);
    });
  }
  return pairs;
}
