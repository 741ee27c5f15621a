import { DAY_MS, type EpochMs, HOUR_MS, halfLife } from '../core/time.js';
import { OrdinalSums } from './ordinalSums.js';

/**
 * Which products are acted on by the same people (R2): for each product the fading weight of
 * each neighbour, kept to the heaviest few hundred. Numbers are catalogue ordinals. First form:
 * what was pruned is forgotten, so the order of arrival matters a little here, unlike in the tag
 * vectors.
 */
export interface Relations {
  readonly neighbours: (Neighbourhood | undefined)[];
}

/** One product's neighbours against a shared landmark, by forward decay (see `core/decay.ts`). */
export interface Neighbourhood {
  landmarkMs: EpochMs;
  /** Neighbour ordinal → sum against the landmark. */
  readonly sums: OrdinalSums;
  /** The product's own sum, for the cosine. */
  own: number;
}

/** Tastes shift with the season. */
const HALF_LIFE = halfLife(60 * DAY_MS);

/** A neighbourhood is pruned to `KEPT` when it grows past `GROWN`. */
const KEPT = 256;
const GROWN = 768;

/** Behaviours this close belong to one sitting and relate fully; farther ones less. */
const SITTING_MS = 2 * HOUR_MS;
const APART_FACTOR = 0.3;
/** Behaviours farther apart than this do not relate. */
export const RELATION_WINDOW_MS = 60 * DAY_MS;

export function emptyRelations(): Relations {
  return { neighbours: [] };
}

/** A product that the same person acted on before. */
export interface RecentProduct {
  readonly ordinal: number;
  readonly weight: number;
  readonly atMs: EpochMs;
}

/** Relates a product just acted on to those the same person acted on recently, both ways. */
export function relate(relations: Relations, product: RecentProduct, recent: readonly RecentProduct[]): void {
  const mine = neighbourhood(relations, product.ordinal, product.atMs);
  const myScale = scale(mine, product.atMs);
  mine.own += product.weight * myScale;
  for (const other of recent) {
    const apartMs = Math.abs(product.atMs - other.atMs);
    if (other.ordinal === product.ordinal || apartMs > RELATION_WINDOW_MS) continue;
    const closeness = apartMs <= SITTING_MS ? 1 : APART_FACTOR;
    const weight = Math.sqrt(product.weight * other.weight) * closeness;
    const theirs = neighbourhood(relations, other.ordinal, product.atMs);
    // Landmarks stand on one grid: mostly the two share theirs.
    const theirScale = theirs.landmarkMs === mine.landmarkMs ? myScale : scale(theirs, product.atMs);
    add(mine, other.ordinal, weight * myScale);
    add(theirs, product.ordinal, weight * theirScale);
  }
}

function neighbourhood(relations: Relations, ordinal: number, atMs: EpochMs): Neighbourhood {
  let found = relations.neighbours[ordinal];
  if (found === undefined) {
    found = { landmarkMs: Math.floor(atMs / HALF_LIFE) * HALF_LIFE, sums: new OrdinalSums(), own: 0 };
    relations.neighbours[ordinal] = found;
  }
  const halfLives = (atMs - found.landmarkMs) / HALF_LIFE;
  if (halfLives > 256) {
    const whole = Math.floor(halfLives);
    const factor = 2 ** -whole;
    found.sums.multiply(factor);
    found.own *= factor;
    found.landmarkMs += whole * HALF_LIFE;
  }
  return found;
}

function scale(target: Neighbourhood, atMs: EpochMs): number {
  return 2 ** ((atMs - target.landmarkMs) / HALF_LIFE);
}

function add(target: Neighbourhood, neighbour: number, amount: number): void {
  target.sums.add(neighbour, amount);
  if (target.sums.size > GROWN) target.sums.keepLargest(KEPT);
}

/** Own weight added to both sides of the cosine, so that one shared person is no proof. */
const SHRINKAGE = 4;

/**
 * Calls `visit` with each neighbour of `ordinal` and how close it is: a shrunk cosine, 0–1.
 */
export function forEachNeighbour(
  relations: Relations,
  ordinal: number,
  nowMs: EpochMs,
  visit: (neighbour: number, closeness: number) => void,
): void {
  const mine = relations.neighbours[ordinal];
  if (mine === undefined) return;
  const factor = 1 / scale(mine, nowMs);
  const own = mine.own * factor + SHRINKAGE;
  mine.sums.forEach((neighbour, sum) => {
    const theirs = relations.neighbours[neighbour];
    const theirFactor =
      theirs === undefined || theirs.landmarkMs === mine.landmarkMs ? factor : 1 / scale(theirs, nowMs);
    const theirOwn = (theirs === undefined ? 0 : theirs.own * theirFactor) + SHRINKAGE;
    visit(neighbour, Math.min(1, (sum * factor) / Math.sqrt(own * theirOwn)));
  });
}
