import type { Behaviour } from '../behaviour/behaviour.js';
import { hashText, seededRandom } from '../core/random.js';
import { pick } from '../ranking/candidates.js';
import { FEATURES, featureMatrix } from '../ranking/features/index.js';
import { chooseQueryPoints, type QueryPoint, sample } from './queryPoints.js';
import type { ReplayedWorld } from './replayedWorld.js';
import { gradeOf } from './taken.js';

/** What a model is fitted to: rows of candidates, grouped by the query that they answer. */
export interface TrainingMatrix {
  /** Row by row, `FEATURES.length` columns. */
  readonly values: Float32Array;
  /** Per row: 0 not taken, 1 a positive behaviour, 2 a purchase. */
  readonly grades: Uint8Array;
  /** Per row: how it was taken, bits of `TAKEN`; 0 where it was not. */
  readonly taken: Uint8Array;
  /** Rows of each query, in order of time. */
  readonly groups: Uint32Array;
  readonly stats: MatrixStats;
}

export interface MatrixStats {
  readonly queries: number;
  readonly rows: number;
  readonly positives: number;
  /** Share of all targets that recall proposed: what no ranking can exceed. */
  readonly recallCeiling: number;
  readonly behaviours: number;
}

export interface MatrixOptions {
  readonly untilMs: number;
  readonly perUser: number;
  /** Candidates not taken that are kept beside those taken, a query. */
  readonly negatives: number;
  /** Queries at most; a sample of all. */
  readonly maxQueries: number;
  readonly seed: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Replays behaviours in order of time and asks at the query points in between, by the code that
 * serves: no feature can see what came later.
 */
export async function trainingMatrix(
  world: ReplayedWorld,
  behaviours: readonly Behaviour[],
  options: MatrixOptions,
): Promise<TrainingMatrix> {
  const known = behaviours.filter(({ occurredAtMs }) => occurredAtMs < options.untilMs);
  const all = chooseQueryPoints(known, options);
  const points = sample(all, options.maxQueries, seededRandom(options.seed)).sort((a, b) => a.atMs - b.atMs);
  const rows = new RowCollector(options);
  let next = 0;
  for (const [done, behaviour] of known.entries()) {
    for (; next < points.length && (points[next] as QueryPoint).atMs < behaviour.occurredAtMs; next++) {
      rows.collect(world, points[next] as QueryPoint);
    }
    await world.apply(behaviour);
    if (done % 1_000 === 0) options.onProgress?.(done, known.length);
  }
  options.onProgress?.(known.length, known.length);
  return rows.finish(known.length);
}

class RowCollector {
  readonly #values: Float32Array[] = [];
  readonly #taken: number[] = [];
  readonly #groups: number[] = [];
  readonly #options: MatrixOptions;
  #targets = 0;
  #found = 0;

  constructor(options: MatrixOptions) {
    this.#options = options;
  }

  collect(world: ReplayedWorld, point: QueryPoint): void {
    const { query, candidates } = world.ask(point.userId, point.atMs);
    const how = candidates.ordinals.map((ordinal) => point.targets.get(world.productIdAt(ordinal)) ?? 0);
    const taken = how.flatMap((bits, place) => (bits > 0 ? [place] : []));
    this.#targets += point.targets.size;
    this.#found += taken.length;
    if (taken.length === 0) return;
    const left = how.flatMap((bits, place) => (bits === 0 ? [place] : []));
    const random = seededRandom(this.#options.seed ^ hashText(point.userId) ^ Math.floor(point.atMs / 1_000));
    const kept = [...taken, ...sample(left, this.#options.negatives, random)];
    // Shuffled, or a scorer that ties everything would be credited with the order of the rows.
    const places = sample(kept, kept.length, random);
    this.#values.push(featureMatrix(query, pick(candidates, places)));
    for (const place of places) this.#taken.push(how[place] as number);
    this.#groups.push(places.length);
  }

  finish(behaviours: number): TrainingMatrix {
    const rows = this.#taken.length;
    const values = new Float32Array(rows * FEATURES.length);
    let at = 0;
    for (const part of this.#values) {
      values.set(part, at);
      at += part.length;
    }
    return {
      values,
      grades: Uint8Array.from(this.#taken, gradeOf),
      taken: Uint8Array.from(this.#taken),
      groups: Uint32Array.from(this.#groups),
      stats: {
        queries: this.#groups.length,
        rows,
        positives: this.#taken.filter((bits) => bits > 0).length,
        recallCeiling: this.#targets === 0 ? 0 : this.#found / this.#targets,
        behaviours,
      },
    };
  }
}
