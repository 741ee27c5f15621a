import type { BehaviourWeights } from '../behaviour/weights.js';
import { InvalidInputError } from '../core/errors.js';
import type { Clock } from '../core/time.js';
import type { Fairness } from '../fairness/fairnessInForce.js';
import type { OverridesInForce } from '../tags/overrideIndex.js';
import { type Person, traitsOf } from '../tags/people.js';
import type { ReadYourWrites, WatermarkOutcome } from '../tags/readYourWrites.js';
import { adjust, hasBids, type ScoreLedger, withoutBids } from './adjust.js';
import type { AdjustedPage } from './adjustments/adjustment.js';
import { unheardIntent } from './adjustments/unheardIntent.js';
import type { Candidates } from './candidates.js';
import type { RankExperiment } from './experiment.js';
import { applyFilters } from './filters/index.js';
import { gather } from './gather.js';
import { PopularityBoards } from './popularityBoards.js';
import { hydrateQuery, type Query } from './query.js';
import type { RankingState } from './rankingState.js';
import type { RankRequest } from './rankRequest.js';
import { type Scored, type ScoringDeps, scoreCandidates } from './scoreCandidates.js';
import { categoryShares } from './selectors/categoryShares.js';
import { type FairSelection, selectFair } from './selectors/fairSelector.js';
import { type Spread, selectSpread } from './selectors/spreadSelector.js';
import type { ServedMemory } from './servedMemory.js';

/** What ranking a page is made of. */
export interface PageRankingDeps extends ScoringDeps {
  readonly reads: ReadYourWrites;
  readonly state: RankingState;
  readonly overrides: OverridesInForce;
  readonly weights: BehaviourWeights;
  readonly clock: Clock;
  readonly served: Pick<ServedMemory, 'lately'>;
  /** Exposure fairness (R7); pages are by their scores alone when absent. */
  readonly fairness?: Fairness | undefined;
}

/** A page, and all that made it. */
export interface RankedPage {
  readonly query: Query;
  readonly watermark: WatermarkOutcome;
  /** By whom what was served is remembered: what one id was shown, the person has seen (T7, R9). */
  readonly servedTo: string;
  /** Before filters. */
  readonly candidates: Candidates;
  readonly unknownCandidateCount: number;
  /** After filters; `scored`, `ledger` and `chosen` speak of these by their place. */
  readonly kept: Candidates;
  readonly dropped: Readonly<Record<string, number>>;
  readonly scored: Scored;
  readonly adjusted: AdjustedPage;
  readonly ledger: ScoreLedger;
  /** The page, best first, and the one without boosts. */
  readonly selected: FairSelection<PageSlot>;
  /** The page that relevance alone would have made: by the same rules, without boosts and bids. */
  readonly relevant: readonly PageSlot[];
}

/** Whom a slot shows, and the factor on the odds for the spread. */
export interface PageSlot {
  readonly place: number;
  readonly factor: number;
}

/** Ranks a checked request. */
export type RankPage = (
  request: RankRequest,
  options?: {
    readonly experiment?: RankExperiment | undefined;
    /** Known products that are candidates even where no source proposes them. */
    readonly includedIds?: readonly string[];
    /** Whether nobody is told of the scoring: the page is shown to nobody. */
    readonly isSilent?: boolean;
  },
) => Promise<RankedPage>;

/**
 * Ranks a checked request, stage by stage. Budget: one read of user state, everything else in the process,
 * one model run. Only filters drop candidates; a stage that fails is done without, and the page says so.
 */
export function createPageRanking(deps: PageRankingDeps): RankPage {
  const boards = new PopularityBoards(deps.state);

  return async function rankPage(request, { experiment, includedIds = [], isSilent = false } = {}) {
    const nowMs = deps.clock.nowMs();
    const { person, watermark } = await readPerson(deps, request);
    const servedTo = person?.personId ?? request.userId;
    const query = hydrateQuery({
      request,
      user: person?.state,
      traits: person === undefined ? {} : traitsOf(person, nowMs),
      overrides: person && deps.overrides.ofPerson(request.userId, person.memberIds),
      state: deps.state,
      boards,
      weights: deps.weights,
      nowMs,
    });
    const { candidates, unknownCandidateCount } = gather(query, boards, {
      withoutSource: experiment?.withoutSource,
      included: includedIds.map((id) => deps.state.catalog.products.of(id)),
    });
    const { kept, dropped } = applyFilters(query, candidates);
    const scored = await scoreCandidates(isSilent ? { ...deps, onScored: undefined } : deps, {
      query,
      candidates: kept,
      isPersonRead: person !== undefined,
      withoutNeed: experiment?.withoutNeed,
    });
    const adjusted: AdjustedPage = {
      query,
      candidates: kept,
      logOdds: scored.logOdds,
      served: deps.served.lately(servedTo),
      intent: unheardIntent(query, { user: person?.state, fittedTo: scored.fittedTo }),
    };
    const ledger = adjust(adjusted);
    const spread = { ...pageSpread(request.pageSize), categoryShares: categoryShares(query) };
    const select = (scores: Float64Array) =>
      selectSpread(query, { candidates: kept, scores, count: request.pageSize, ...spread });
    const selected = selectFair(query, {
      // Pages of an experiment are shown to nobody.
      fairness: experiment === undefined ? deps.fairness : undefined,
      personId: servedTo,
      candidates: kept,
      logOdds: scored.logOdds,
      scores: ledger.scores,
      select,
      onFailed: (cause) => deps.onDegraded('fairness', cause),
    });
    return {
      query,
      watermark,
      servedTo,
      candidates,
      unknownCandidateCount,
      kept,
      dropped,
      scored,
      adjusted,
      ledger,
      selected,
      relevant: hasBids(ledger) ? select(withoutBids(ledger)) : selected.unboosted,
    };
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

async function readPerson(deps: PageRankingDeps, request: RankRequest): Promise<PersonReading> {
  const watermark = request.watermark ?? '';
  try {
    return await deps.reads.person(request.userId, watermark);
  } catch (cause) {
    if (cause instanceof InvalidInputError) throw cause;
    deps.onDegraded('read_user', cause);
    return { person: undefined, watermark: watermark === '' ? undefined : 'gave_up' };
  }
}
