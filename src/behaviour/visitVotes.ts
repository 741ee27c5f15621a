import { VISITS_KEPT, type Visit, type Visits } from './visits.js';

/** Visits that are compared, the latest of those that share a product; and the likest of them, which vote. */
const COMPARED = 400;
const VOTING = 100;

/** From this place on, what a visit shares says nothing of what comes next. */
const LAST_TELLING_PLACE = 10;

/** Products that say where a visit is heading. */
export const REMEMBERED = 20;

interface Likeness {
  readonly visit: Visit;
  /** Sum over the products shared, the latest counting most. */
  likeness: number;
  /** Place of the latest product shared, from 1. */
  readonly sharedAt: number;
}

/**
 * VMIS-kNN (Kersbergen, Sprangers and Schelter: Serenade, SIGMOD 2022): the visits most like what a
 * person did last vote for what else they hold. `latest` holds different products, latest first. The one at
 * place p of n makes a visit more alike by (n − p + 1) ÷ n; a visit votes with that sum, times
 * 1 − 0.1 × the place of the latest product shared, times the rarity of what it votes for. Unlike in the paper
 * rarity is counted over the visits kept, so that beyond `VISITS_KEPT` all are equally common.
 */
export function visitVotes(visits: Visits, latest: readonly number[]): Map<number, number> {
  const votes = new Map<number, number>();
  for (const { visit, likeness, sharedAt } of likestVisits(visits, latest.slice(0, REMEMBERED))) {
    const voice = likeness * (1 - sharedAt / LAST_TELLING_PLACE);
    if (voice <= 0) continue;
    for (const product of visit.products) {
      votes.set(product, (votes.get(product) ?? 0) + voice * rarity(visits, product));
    }
  }
  return votes;
}

function likestVisits(visits: Visits, latest: readonly number[]): Likeness[] {
  const found = new Map<Visit, Likeness>();
  for (const [index, product] of latest.entries()) {
    const closeness = (latest.length - index) / latest.length;
    for (const visit of visits.byProduct[product] ?? []) {
      const known = found.get(visit);
      if (known === undefined) found.set(visit, { visit, likeness: closeness, sharedAt: index + 1 });
      else known.likeness += closeness;
    }
  }
  const later = (a: Likeness, b: Likeness) => b.visit.number - a.visit.number;
  const all = [...found.values()];
  const compared = all.length <= COMPARED ? all : all.sort(later).slice(0, COMPARED);
  return compared.sort((a, b) => b.likeness - a.likeness || later(a, b)).slice(0, VOTING);
}

/** Never 0, however few visits there are. */
function rarity({ byProduct, begun }: Visits, product: number): number {
  const holding = byProduct[product]?.length ?? 0;
  return Math.log1p((begun + VISITS_KEPT) / (1 + holding));
}
