import { NONE } from '../catalog/ordinals.js';
import { InvalidInputError, NotFoundError, type Violation } from '../core/errors.js';
import { idViolation } from '../core/ids.js';
import { logistic } from '../core/odds.js';
import { hashText } from '../core/random.js';
import type { DegradationLevel, Language } from '../core/vocabulary.js';
import { adjust } from './adjust.js';
import { ADJUSTMENTS } from './adjustments/index.js';
import { type Candidates, sourcesOf } from './candidates.js';
import { featureContributions } from './featureContributions.js';
import { FEATURES, featureMatrix } from './features/index.js';
import { firstRefusing } from './filters/index.js';
import type { PageSlot, RankedPage, RankPage } from './pageRanking.js';
import type { RankingState } from './rankingState.js';
import type { Reason } from './rankRequest.js';
import { reasonsFor } from './reasons/reasons.js';
import { scoreByTags } from './scorers/scoreByTags.js';
import { boostsAt } from './selectors/fairSelector.js';
import { DEFAULT_PAGE_SIZE } from './validateRankRequest.js';

/** Which score to explain. */
export interface ExplainRequest {
  readonly userId: string;
  /** Must exist. */
  readonly productId: string;
  readonly language: Language;
}

/** One part of a score, in log-odds. */
export interface Contribution {
  /** `base` is what somebody of whom, and something of which, nothing is known would get. */
  readonly kind: 'base' | 'feature' | 'boost' | 'penalty';
  /** Of the feature or adjustment. */
  readonly name: string;
  /** The feature's value, or the factor on the odds. */
  readonly value: number;
  readonly contribution: number;
}

/** Why a product has the score that it has for one person now. */
export interface ScoreExplanation {
  /** The sum of all contributions: what `Rank` would answer. */
  readonly score: number;
  /** What the scorer alone gives, in (0, 1). */
  readonly relevance: number;
  /** Largest first, whichever way it points; parts of 0 are left out. */
  readonly contributions: readonly Contribution[];
  /** Strongest first. */
  readonly reasons: readonly Reason[];
  readonly modelVersion: string;
  readonly level: DegradationLevel;
  readonly degradationReason: string;
  /** The filter that keeps it off every page of this person; absent when none does. */
  readonly droppedBy?: string | undefined;
  /** From 1, on the first page of `Rank` without candidates given; absent when it is not on it. */
  readonly position?: number | undefined;
  /** The sources that propose it; where none does, no page shows it unless the caller gives it. */
  readonly sources: readonly string[];
}

export interface ExplainDeps {
  readonly rankPage: RankPage;
  readonly state: RankingState;
}

/**
 * Explains one score by the page that it would stand on: asks as `Rank` would, with the product among
 * the candidates, and takes the scorer's part of its score apart by feature. Reads what a page reads.
 */
export function createExplain(deps: ExplainDeps): (request: ExplainRequest) => Promise<ScoreExplanation> {
  return async function explain(request) {
    const { userId, productId, language } = check(request);
    const ordinal = deps.state.catalog.products.of(productId);
    if (ordinal === NONE) throw new NotFoundError(`there is no product ${JSON.stringify(productId)}`);
    const page = await deps.rankPage(pageRequest(userId, language), {
      includedIds: [productId],
      isSilent: true,
    });
    const place = page.kept.ordinals.indexOf(ordinal);
    const own = place === -1 ? await scoreAlone(page, ordinal) : partsOf(page, place);
    const { scoreRows } = page.scored;
    const contributions = [
      ...(scoreRows === undefined
        ? [part('base', page.scored.level, { value: own.logOdds, contribution: own.logOdds })]
        : await featureParts(page, { ordinal, logOdds: own.logOdds, scoreRows })),
      ...own.parts.map(({ name, contribution }) => adjustmentPart(name, contribution)),
    ].filter(({ kind, contribution }) => kind === 'base' || contribution !== 0);
    contributions.sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
    return {
      score: contributions.reduce((sum, { contribution }) => sum + contribution, 0),
      relevance: logistic(own.logOdds),
      contributions,
      reasons: reasonsFor(page.query, ordinal),
      modelVersion: page.scored.version ?? '',
      level: page.scored.level,
      degradationReason: page.scored.reason,
      droppedBy: firstRefusing(page.query, ordinal)?.name,
      position: own.position,
      sources: sourcesOf(page.candidates.sourceBits[page.candidates.ordinals.indexOf(ordinal)] as number),
    };
  };
}

function check(request: ExplainRequest): ExplainRequest {
  const violations = [idViolation('user_id', request.userId), idViolation('product_id', request.productId)];
  const found = violations.filter((violation): violation is Violation => violation !== undefined);
  if (found.length > 0) throw new InvalidInputError(found);
  return request;
}

function pageRequest(userId: string, language: Language) {
  return {
    userId,
    language,
    scene: '',
    candidateIds: [],
    pageSize: DEFAULT_PAGE_SIZE,
    excludeProductIds: [],
    shopIds: [],
    categoryPrefix: '',
  };
}

interface OwnParts {
  /** What the scorer gave. */
  readonly logOdds: number;
  readonly parts: readonly { readonly name: string; readonly contribution: number }[];
  readonly position?: number;
}

function partsOf({ ledger, scored, selected }: RankedPage, place: number): OwnParts {
  const index = selected.chosen.findIndex((slot) => slot.place === place);
  const boosts = Object.entries(boostsAt(selected, place)).map(([name, contribution]) => ({
    name,
    contribution,
  }));
  const parts = [...adjustmentsAt(ledger.parts, place), ...boosts];
  const logOdds = scored.logOdds[place] as number;
  if (index === -1) return { logOdds, parts };
  const spread = Math.log((selected.chosen[index] as PageSlot).factor);
  return { logOdds, parts: [...parts, { name: 'spread', contribution: spread }], position: index + 1 };
}

/** Of a product that a filter drops: as if it did not. */
async function scoreAlone({ query, scored, adjusted }: RankedPage, ordinal: number): Promise<OwnParts> {
  const candidates: Candidates = { ordinals: [ordinal], sourceBits: [0] };
  const logOdds =
    scored.scoreRows === undefined
      ? scoreByTags(query, candidates)
      : await scored.scoreRows(featureMatrix(query, candidates), 1);
  const { parts } = adjust({ ...adjusted, candidates, logOdds });
  return { logOdds: logOdds[0] as number, parts: adjustmentsAt(parts, 0) };
}

function adjustmentsAt(parts: readonly Float64Array[], place: number) {
  return ADJUSTMENTS.map(({ name }, index) => ({
    name,
    contribution: (parts[index] as Float64Array)[place] as number,
  }));
}

async function featureParts(
  { query }: RankedPage,
  {
    ordinal,
    logOdds,
    scoreRows,
  }: {
    ordinal: number;
    logOdds: number;
    scoreRows: NonNullable<RankedPage['scored']['scoreRows']>;
  },
): Promise<Contribution[]> {
  const row = featureMatrix(query, { ordinals: [ordinal], sourceBits: [0] });
  const { base, parts } = await featureContributions({
    row,
    unknown: Float32Array.from(FEATURES, (feature) => feature.default),
    scoreRows,
    seed: hashText(`${query.request.userId}\n${query.state.catalog.products.idOf(ordinal)}`),
  });
  const whole = parts.reduce((sum, value) => sum + value, base);
  return [
    part('base', 'unknown', { value: base, contribution: base + (logOdds - whole) }),
    ...FEATURES.map(({ name }, column) =>
      part('feature', name, { value: row[column] as number, contribution: parts[column] as number }),
    ),
  ];
}

function adjustmentPart(name: string, contribution: number): Contribution {
  return part(contribution > 0 ? 'boost' : 'penalty', name, { value: Math.exp(contribution), contribution });
}

function part(
  kind: Contribution['kind'],
  name: string,
  { value, contribution }: { value: number; contribution: number },
): Contribution {
  return { kind, name, value, contribution };
}
