import type { BehaviourType, DegradationLevel } from '../core/vocabulary.js';
import type { Model } from '../inference/model.js';
import type { Candidates } from './candidates.js';
import type { Feature } from './features/feature.js';
import { featureMatrix } from './features/index.js';
import type { Query } from './query.js';
import { handSetScorer } from './scorers/handSetScorer.js';
import { modelScorer } from './scorers/modelScorer.js';
import { scoreByTags } from './scorers/scoreByTags.js';

/** What scores candidates. */
export interface ScoringDeps {
  /** Undefined while no model is loaded: answers say so. */
  readonly model: () => Model | undefined;
  /** Told of every stage that failed and was done without. */
  readonly onDegraded: (stage: string, cause: unknown) => void;
  /** Told of every list that the model scored or failed at; it does not wait, and changes nothing of it. */
  readonly onScored?: ((scoring: ModelScoring) => void) | undefined;
}

/** How a model did with the candidates of one list. */
export interface ModelScoring {
  readonly version: string;
  readonly matrix: Float32Array;
  /** Absent where it failed. */
  readonly logOdds?: Float32Array;
  readonly ms: number;
}

/** What the candidates of a list were given, and by what. */
export interface Scored {
  /** Per candidate, that the person takes it. */
  readonly logOdds: Float32Array;
  readonly level: DegradationLevel;
  /** Why the level is not `full`; empty when it is. */
  readonly reason: string;
  /** What scored these candidates, to be asked of other rows; absent where features had no part. */
  readonly scoreRows?: (matrix: Float32Array, rows: number) => Promise<Float32Array>;
  /** The model that scored. */
  readonly version?: string;
  /** What it was fitted to; undefined when it does not say, or what scored is no fit. */
  readonly fittedTo?: readonly BehaviourType[] | undefined;
}

/** The best scorer that works: the model, hand-set weights on the same features, tags alone. */
export async function scoreCandidates(
  deps: ScoringDeps,
  {
    query,
    candidates,
    isPersonRead,
    withoutNeed,
  }: {
    query: Query;
    candidates: Candidates;
    /** False where nothing of the person could be read. */
    isPersonRead: boolean;
    withoutNeed?: Feature['needs'] | undefined;
  },
): Promise<Scored> {
  const byTags = () => scoreByTags(query, candidates);
  if (!isPersonRead) {
    return { logOdds: byTags(), level: 'popular', reason: 'user state could not be read' };
  }
  let features: Float32Array;
  try {
    features = featureMatrix(query, candidates, withoutNeed);
  } catch (cause) {
    deps.onDegraded('features', cause);
    return { logOdds: byTags(), level: 'tags_only', reason: 'the features could not be computed' };
  }
  const rows = candidates.ordinals.length;
  const byHand = async (reason: string): Promise<Scored> => ({
    logOdds: await handSetScorer.score(features, rows),
    scoreRows: handSetScorer.score,
    level: 'no_model',
    reason,
  });
  const model = deps.model();
  if (model === undefined) return byHand('no model is loaded');
  const { version, fittedTo } = model;
  const scorer = modelScorer(model);
  const beganMs = performance.now();
  const told = (logOdds?: Float32Array) =>
    deps.onScored?.({
      version,
      matrix: features,
      ...(logOdds !== undefined && { logOdds }),
      ms: performance.now() - beganMs,
    });
  let logOdds: Float32Array;
  try {
    logOdds = await scorer.score(features, rows);
  } catch (cause) {
    deps.onDegraded('model', cause);
    told();
    return byHand('the model failed');
  }
  told(logOdds);
  return { logOdds, scoreRows: scorer.score, level: 'full', reason: '', version, fittedTo };
}
