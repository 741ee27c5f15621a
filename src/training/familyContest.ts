import { bootstrapMeans, type Estimate, pairedDifference } from '../evaluation/bootstrap.js';
import type { ModelManifest } from '../inference/manifest.js';
import { provenModel } from '../inference/onnxModel.js';
import { FEATURES, featureSchemaHash } from '../ranking/features/index.js';
import { chooseFamily, type Family, type FamilyFigures } from './families.js';
import type { Fit } from './runFit.js';
import { measureServingMs } from './servingCost.js';

/** A fitted model that may be shipped. */
export interface Contender {
  readonly family: Family;
  readonly fit: Fit;
  readonly manifest: ModelManifest;
  readonly bytes: Uint8Array;
}

export interface ContestFigures extends FamilyFigures {
  /** NDCG@20 of the chosen family minus that of this one, by query; absent for the chosen one itself. */
  readonly chosenIsAheadBy?: Estimate;
}

/** How the families compared. */
export interface Contest {
  readonly chosen: Family;
  readonly budgetMs: number;
  readonly figures: readonly ContestFigures[];
}

const RESAMPLES = 1_000;

/**
 * Loads all as a server would, has them score the same rows in turns, and chooses (`chooseFamily`).
 *
 * @throws FailedPreconditionError when one does not give its golden scores
 */
export async function holdContest(options: {
  contenders: readonly Contender[];
  /** Real rows to score. */
  rows: readonly Float32Array[];
  budgetMs: number;
  seed: number;
}): Promise<{ winner: Contender; contest: Contest }> {
  const { contenders, budgetMs } = options;
  const times = await servingTimes(contenders, options.rows);
  const figures = contenders.map((contender, place) => ({
    contender,
    family: contender.family,
    heldBackNdcg20: contender.fit.metrics.heldBackNdcg20 as number,
    servingMs: times[place] as number,
  }));
  const { contender: winner } = chooseFamily(figures, {
    budgetMs,
    isAhead: (one, other) => difference(one.contender, other.contender, options.seed).low > 0,
  });
  return {
    winner,
    contest: {
      chosen: winner.family,
      budgetMs,
      figures: figures.map(({ contender, family, heldBackNdcg20, servingMs }) => ({
        ...{ family, heldBackNdcg20, servingMs },
        ...(contender !== winner && { chosenIsAheadBy: difference(winner, contender, options.seed) }),
      })),
    },
  };
}

async function servingTimes(
  contenders: readonly Contender[],
  rows: readonly Float32Array[],
): Promise<number[]> {
  const expected = { names: FEATURES.map(({ name }) => name), schemaHash: featureSchemaHash() };
  const models = await Promise.all(
    contenders.map(({ manifest, bytes }) =>
      provenModel(manifest, { bytes, name: manifest.modelFile }, expected),
    ),
  );
  try {
    return await measureServingMs(models, rows);
  } finally {
    for (const model of models) await model.close();
  }
}

function difference(winner: Contender, other: Contender, seed: number): Estimate {
  const columns = [winner, other].map(({ fit }) => Float64Array.from(fit.heldBackNdcg20ByQuery));
  const means = bootstrapMeans({ columns, resamples: RESAMPLES, seed });
  const [subject, compared] = columns.map((values, place) => ({
    values,
    resampledMeans: means[place] as Float64Array,
  }));
  return pairedDifference(subject as NonNullable<typeof subject>, compared as NonNullable<typeof compared>);
}
