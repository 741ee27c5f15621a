import type { BehaviourWeights } from '../behaviour/weights.js';
import { NONE } from '../catalog/ordinals.js';
import { InvalidInputError } from '../core/errors.js';
import { newId } from '../core/ids.js';
import type { Clock } from '../core/time.js';
import type { BehaviourType, DegradationLevel } from '../core/vocabulary.js';
import type { Model } from '../inference/model.js';
import type { OverridesInForce } from '../tags/overrideIndex.js';
import { type Person, traitsOf } from '../tags/people.js';
import type { ReadYourWrites, WatermarkOutcome } from '../tags/readYourWrites.js';
import { adjust } from './adjust.js';
import { CandidateCollector, type Candidates, type SourceName, sourcesOf } from './candidates.js';
import type { RankExperiment } from './experiment.js';
import { featureMatrix } from './features/index.js';
import { applyFilters } from './filters/index.js';
import { PopularityBoards } from './popularityBoards.js';
import { hydrateQuery, type Query } from './query.js';
import type { RankingState } from './rankingState.js';
import type { RankAnswer, RankedItem, RankRequest } from './rankRequest.js';
import { reasonsFor } from './reasons/reasons.js';
import { handSetScorer } from './scorers/handSetScorer.js';
import { modelScorer } from './scorers/modelScorer.js';
import { scoreByTags } from './scorers/scoreByTags.js';
import { categoryShares } from './selectors/categoryShares.js';
import { type Spread, selectSpread } from './selectors/spreadSelector.js';
import type { ServedList } from './servedListStore.js';
import { ServedMemory } from './servedMemory.js';
import { SOURCES } from './sources/index.js';
import { unheardIntent } from './unheardIntent.js';
import { validateRankRequest } from './validateRankRequest.js';

/** What ranking is made of. */
export interface RankDeps {
  readonly reads: ReadYourWrites;
  readonly state: RankingState;
  readonly overrides: OverridesInForce;
  /** Undefined while no model is loaded: answers say so. */
  readonly model: () => Model | undefined;
  readonly weights: BehaviourWeights;
  readonly clock: Clock;
  readonly maxCandidates: number;
  /** Told of every stage that failed and was done without. */
  readonly onDegraded: (stage: string, cause: unknown) => void;
  /** Told of every list that the model scored or failed at; it does not wait, and changes nothing of it. */
  readonly onScored?: (scoring: ModelScoring) => void;
  /** Told of every list that is answered, before the answer; it does not wait. */
  readonly onServed?: (list: ServedList) => void;
  /** For evaluations alone: asked at each request. */
  readonly experiment?: () => RankExperiment;
}

/** How a model did with the candidates of one list. */
export interface ModelScoring {
  readonly version: string;
  readonly matrix: Float32Array;
  /** Absent where it failed. */
  readonly relevance?: Float32Array;
  readonly ms: number;
}

/**
 * Answers a rank request. Budget: one read of user state, everything else in the process, one
 * model run. Only filters drop candidates; a stage that fails is done without, and the answer says so.
 */
export function createRank(deps: RankDeps): (request: RankRequest) => Promise<RankAnswer> {
  const boards = new PopularityBoards(deps.state);
  const served = new ServedMemory();

  return async function rank(unchecked) {
    const request = validateRankRequest(unchecked, deps.maxCandidates);
    const experiment = deps.experiment?.();
    const nowMs = deps.clock.nowMs();
    const reading = await readPerson(deps, request);
    // What one id was shown, the person has seen (T7, R9).
    const servedTo = reading.person?.personId ?? request.userId;
    const query = hydrateQuery({
      request,
      user: reading.person?.state,
      traits: reading.person === undefined ? {} : traitsOf(reading.person, nowMs),
      overrides: reading.person && deps.overrides.ofPerson(request.userId, reading.person.memberIds),
      state: deps.state,
      boards,
      weights: deps.weights,
      nowMs,
    });
    const { candidates, unknownCandidateCount } = gather(query, boards, experiment?.withoutSource);
    const { kept, dropped } = applyFilters(query, candidates);
    const { relevance, level, reason, version, fittedTo } = await score(deps, {
      query,
      kept,
      reading,
      experiment,
    });
    const { scores, adjustments } = adjust(query, {
      candidates: kept,
      relevance,
      served: served.lately(servedTo),
      intent: unheardIntent(query, { user: reading.person?.state, fittedTo }),
    });
    const chosen = selectSpread(query, {
      candidates: kept,
      scores,
      count: request.pageSize,
      ...pageSpread(request.pageSize),
      categoryShares: categoryShares(query),
    });
    const items = chosen.map(({ place, factor }, i): RankedItem => {
      const ordinal = kept.ordinals[place] as number;
      return {
        productId: deps.state.catalog.products.idOf(ordinal),
        shopId: deps.state.catalog.shopIdOf(ordinal),
        score: (scores[place] as number) * factor,
        relevance: relevance[place] as number,
        position: i + 1,
        reasons: reasonsFor(query, ordinal),
        sources: sourcesOf(kept.sourceBits[place] as number),
        adjustments: { ...adjustments[place], spread: factor },
      };
    });
    if (experiment === undefined) {
      served.remember(
        servedTo,
        chosen.slice(0, 10).map(({ place }) => kept.ordinals[place] as number),
        nowMs,
      );
    }
    const answer: RankAnswer = {
      rankId: newId(),
      items,
      degradationLevel: level,
      degradationReason: reason,
      modelVersion: version ?? '',
      candidateCount: candidates.ordinals.length,
      dropped,
      unknownCandidateCount,
      answeredAtMs: nowMs,
      watermark: reading.watermark,
    };
    deps.onServed?.(servedList(request, answer));
    return answer;
  };
}

function servedList({ userId, scene }: RankRequest, answer: RankAnswer): ServedList {
  return {
    rankId: answer.rankId,
    userId,
    servedAtMs: answer.answeredAtMs,
    scene,
    level: answer.degradationLevel,
    modelVersion: answer.modelVersion,
    items: answer.items.map(({ productId, score }) => ({ productId, score })),
  };
}

/**
 * A fifth of a page may be of one shop and two fifths of one category before repeats cost, at
 * least three; and half of it, or three quarters, is the most while anything else is left (a small
 * row may be all of one shop: bought shops come first, R1). A category costs nothing up to its share of what
 * the person did lately (`categoryShares.ts`). Measured on four data sets: the harder decay that X publishes (base 0.5 after the
 * first, floor 0.25) costs a tenth to a fifth of NDCG@20 where people shop within one category,
 * this one a fiftieth.
 */
function pageSpread(pageSize: number): { shopSpread: Spread; categorySpread: Spread } {
  return {
    shopSpread: {
      free: Math.max(3, Math.ceil(pageSize / 5)),
      floor: 0.5,
      base: 0.7,
      most: Math.max(6, Math.ceil(pageSize / 2)),
    },
    categorySpread: {
      free: Math.max(3, Math.ceil((2 * pageSize) / 5)),
      floor: 0.6,
      base: 0.8,
      most: Math.max(8, Math.ceil((3 * pageSize) / 4)),
    },
  };
}

interface PersonReading {
  /** Undefined when it could not be read. */
  readonly person: Person | undefined;
  readonly watermark: WatermarkOutcome;
}

async function readPerson(deps: RankDeps, request: RankRequest): Promise<PersonReading> {
  const watermark = request.watermark ?? '';
  try {
    return await deps.reads.person(request.userId, watermark);
  } catch (cause) {
    if (cause instanceof InvalidInputError) throw cause;
    deps.onDegraded('read_user', cause);
    return { person: undefined, watermark: watermark === '' ? undefined : 'gave_up' };
  }
}

/** The caller's candidates when there are any, else what the sources propose, all but `without`. */
export function gather(
  query: Query,
  boards: PopularityBoards,
  without?: SourceName,
): { candidates: Candidates; unknownCandidateCount: number } {
  const collector = new CandidateCollector();
  const { candidateIds } = query.request;
  if (candidateIds.length === 0) {
    for (const source of SOURCES) {
      if (source.name !== without) collector.propose(source.name, source.propose(query, boards));
    }
    return { candidates: collector.collected(), unknownCandidateCount: 0 };
  }
  const known = candidateIds
    .map((id) => query.state.catalog.products.of(id))
    .filter((ordinal) => ordinal !== NONE);
  collector.propose('caller', known);
  return { candidates: collector.collected(), unknownCandidateCount: candidateIds.length - known.length };
}

interface Scored {
  readonly relevance: Float32Array;
  readonly level: DegradationLevel;
  readonly reason: string;
  /** The model that scored. */
  readonly version?: string;
  /** What it was fitted to; undefined when it does not say, or what scored is no fit. */
  readonly fittedTo?: readonly BehaviourType[];
}

/** The best scorer that works: the model, hand-set weights on the same features, tags alone. */
async function score(
  deps: RankDeps,
  {
    query,
    kept,
    reading,
    experiment,
  }: { query: Query; kept: Candidates; reading: PersonReading; experiment: RankExperiment | undefined },
): Promise<Scored> {
  const byTags = () => scoreByTags(query, kept);
  if (reading.person === undefined) {
    return { relevance: byTags(), level: 'popular', reason: 'user state could not be read' };
  }
  let features: Float32Array;
  try {
    features = featureMatrix(query, kept, experiment?.withoutNeed);
  } catch (cause) {
    deps.onDegraded('features', cause);
    return { relevance: byTags(), level: 'tags_only', reason: 'the features could not be computed' };
  }
  const byHand = () => handSetScorer.score(query, kept, features);
  const model = deps.model();
  if (model === undefined) {
    return { relevance: await byHand(), level: 'no_model', reason: 'no model is loaded' };
  }
  const { version } = model;
  const beganMs = performance.now();
  const told = (relevance?: Float32Array) =>
    deps.onScored?.({
      version,
      matrix: features,
      ...(relevance !== undefined && { relevance }),
      ms: performance.now() - beganMs,
    });
  let relevance: Float32Array;
  try {
    relevance = await modelScorer(model).score(query, kept, features);
  } catch (cause) {
    deps.onDegraded('model', cause);
    told();
    return { relevance: await byHand(), level: 'no_model', reason: 'the model failed' };
  }
  told(relevance);
  return { relevance, level: 'full', reason: '', version, fittedTo: model.fittedTo };
}
