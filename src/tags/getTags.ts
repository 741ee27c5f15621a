import type { BehaviourWeights } from '../behaviour/weights.js';
import { clarity } from '../catalog/clarity.js';
import { NONE } from '../catalog/ordinals.js';
import { InvalidInputError, NotFoundError, type Violation } from '../core/errors.js';
import { idViolation } from '../core/ids.js';
import type { Clock, EpochMs } from '../core/time.js';
import { heaviest, norm, normalise } from '../core/vectors.js';
import type { BehaviourType } from '../core/vocabulary.js';
import type { RankingState } from '../ranking/rankingState.js';
import { type Audience, type TraitShare, traitShares } from './audience.js';
import { type FadingCount, fadingWeight } from './fadingCount.js';
import { overriddenVector } from './overriddenVector.js';
import type { OverridesInForce } from './overrideIndex.js';
import type { Person } from './people.js';
import type { ReadYourWrites } from './readYourWrites.js';
import { tagsOfShop } from './shopVector.js';
import type { OverridesByTag, TagOverride } from './tagOverride.js';
import type { GetTagsRequest, TagOrigin, TagReport, WeightedTag } from './tagReport.js';
import { learnedTaste, shortTermVector } from './userVectors.js';

/** Most tags in one answer. */
export const MAX_TAGS_ANSWERED = 200;

/** Share of a vector that the audience has beside what a product or shop is by itself. */
const AUDIENCE_PART = 0.4;

export interface GetTagsDeps {
  readonly reads: ReadYourWrites;
  readonly state: RankingState & { readonly population: Audience };
  readonly overrides: OverridesInForce;
  readonly weights: BehaviourWeights;
  readonly clock: Clock;
}

/**
 * The tags of a person, product or shop with weight and origin. A person never heard of has none;
 * a product or shop must exist.
 */
export function createGetTags(deps: GetTagsDeps): (request: GetTagsRequest) => Promise<TagReport> {
  return async function getTags(request) {
    check(request);
    const { subject, limit } = request;
    if (subject.kind === 'user') {
      const { person, watermark } = await deps.reads.person(subject.userId, request.watermark ?? '');
      return { ...userReport(deps, { userId: subject.userId, person, limit }), watermark };
    }
    const watermark = await deps.reads.items(request.watermark ?? '');
    const report =
      subject.kind === 'product'
        ? productReport(deps, subject.productId, limit)
        : shopReport(deps, subject.shopId, limit);
    return { ...report, watermark };
  };
}

function check({ subject, limit }: GetTagsRequest): void {
  const violations: Violation[] = [];
  const [field, id] =
    subject.kind === 'user'
      ? (['user_id', subject.userId] as const)
      : subject.kind === 'product'
        ? (['product_id', subject.productId] as const)
        : (['shop_id', subject.shopId] as const);
  const bad = idViolation(field, id);
  if (bad) violations.push(bad);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_TAGS_ANSWERED) {
    violations.push({ field: 'limit', rule: `must be a whole number from 1 to ${MAX_TAGS_ANSWERED}` });
  }
  if (violations.length > 0) throw new InvalidInputError(violations);
}

function userReport(
  deps: GetTagsDeps,
  { userId, person, limit }: { userId: string; person: Person; limit: number },
): TagReport {
  const nowMs = deps.clock.nowMs();
  const user = person.state;
  const overrides = deps.overrides.ofPerson(userId, person.memberIds);
  const idf = (tag: string) => deps.state.catalog.idfOf(tag);
  const reading = { nowMs, weights: deps.weights, idf, overrides };
  const learned = user === undefined ? new Map<string, number>() : learnedTaste(user, reading).vector;
  const { vector: longTerm, given } = overriddenVector(learned, overrides);
  const withOrigins = ([tag, weight]: [string, number]): WeightedTag => ({
    tag,
    weight,
    origins: behaviourOrigins(user?.longTerm.get(tag), reading),
  });
  return {
    tags: heaviest(longTerm, limit)
      .map(withOrigins)
      .map((tag) => ({ ...tag, ...(given.has(tag.tag) && { override: overrides?.get(tag.tag) }) })),
    shortTermTags: user === undefined ? [] : heaviest(shortTermVector(user, reading), limit).map(withOrigins),
    vetoed: vetoedBy(overrides),
    clarity: clarity(longTerm),
    asOfMs: nowMs,
  };
}

function vetoedBy(overrides: OverridesByTag | undefined): TagOverride[] {
  return [...(overrides?.values() ?? [])]
    .filter(({ word }) => word.action === 'veto')
    .sort((a, b) => (a.tag < b.tag ? -1 : 1));
}

/** What each type of behaviour left on a tag, the most first. */
function behaviourOrigins(
  byType: ReadonlyMap<BehaviourType, FadingCount> | undefined,
  { nowMs, weights }: { nowMs: EpochMs; weights: BehaviourWeights },
): TagOrigin[] {
  return [...(byType ?? [])]
    .map(([type, count]) => ({
      kind: 'behaviour' as const,
      type,
      weight: fadingWeight(count, nowMs, weights[type].halfLifeMs),
      count: count.count,
      lastAtMs: count.lastAtMs,
    }))
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
}

function productReport(deps: GetTagsDeps, productId: string, limit: number): TagReport {
  const { catalog, population } = deps.state;
  const nowMs = deps.clock.nowMs();
  const ordinal = catalog.products.of(productId);
  if (ordinal === NONE) throw new NotFoundError(`no product has the id ${productId}`);
  const overrides = deps.overrides.ofProduct(productId);
  const extracted = new Map(
    catalog.tagsOf(ordinal, catalog.revisionAt(ordinal))?.map((known) => [known.tag, known]),
  );
  const own = catalog.namedTagsAt(ordinal).map(({ tag, weight }): OwnTag => {
    const known = extracted.get(tag);
    return {
      tag,
      value: weight * catalog.idfOf(tag),
      origins: known === undefined ? [] : [{ kind: 'intrinsic', field: known.field, weight: known.weight }],
      ...(weight !== known?.weight && { override: overrides?.get(tag) }),
    };
  });
  const audience = deps.state.productState(ordinal)?.audience;
  const shares = audience === undefined ? [] : traitShares(audience, population, nowMs);
  return {
    tags: heaviestTags(own, shares, limit),
    shortTermTags: [],
    vetoed: vetoedBy(overrides),
    asOfMs: nowMs,
  };
}

function shopReport(deps: GetTagsDeps, shopId: string, limit: number): TagReport {
  const { catalog, population } = deps.state;
  const nowMs = deps.clock.nowMs();
  const shopOrdinal = catalog.shops.of(shopId);
  if (shopOrdinal === NONE) throw new NotFoundError(`no shop has the id ${shopId}`);
  const state = deps.state.shopState(shopOrdinal);
  const overrides = deps.overrides.ofShop(shopId);
  const tags = tagsOfShop({ catalog, shopOrdinal, state, nowMs, overrides });
  const own = tags.map(
    ({ tag, weight, count, ofProducts }): OwnTag => ({
      tag,
      value: weight * catalog.idfOf(tag),
      origins: count === 0 ? [] : [{ kind: 'products', weight: ofProducts ?? weight, count }],
      ...(ofProducts !== undefined && { override: overrides?.get(tag) }),
    }),
  );
  const shares = state === undefined ? [] : traitShares(state.audience, population, nowMs);
  return {
    tags: heaviestTags(own, shares, limit),
    shortTermTags: [],
    vetoed: vetoedBy(overrides),
    clarity: clarity(tags.map(({ tag, shareRatio }) => [tag, shareRatio])),
    asOfMs: nowMs,
  };
}

/** A tag of what something is by itself. */
interface OwnTag {
  readonly tag: string;
  /** Times inverse document frequency. */
  readonly value: number;
  readonly origins: readonly TagOrigin[];
  readonly override?: TagOverride | undefined;
}

/**
 * What something is by itself and who acts on it in one vector of length 1: six tenths for the
 * first, four for the second, whose values are `log2(TGI/100)` (T3).
 */
function heaviestTags(own: readonly OwnTag[], shares: readonly TraitShare[], limit: number): WeightedTag[] {
  const ownNorm = norm(new Map(own.map(({ tag, value }) => [tag, value]))) || 1;
  const audience = new Map(shares.map((share) => [audienceTag(share), Math.log2(share.tgi / 100)]));
  const audienceNorm = Math.max(1, norm(audience));
  const combined = new Map<string, number>();
  const madeOf = new Map<string, Omit<WeightedTag, 'tag' | 'weight'>>();
  for (const { tag, value, origins, override } of own) {
    combined.set(tag, ((1 - AUDIENCE_PART) * value) / ownNorm);
    madeOf.set(tag, { origins, ...(override !== undefined && { override }) });
  }
  for (const share of shares) {
    const tag = audienceTag(share);
    const weight = (AUDIENCE_PART * (audience.get(tag) ?? 0)) / audienceNorm;
    if (weight === 0) continue;
    combined.set(tag, weight);
    const { shareRatio, overallShareRatio, tgi } = share;
    madeOf.set(tag, { origins: [{ kind: 'audience', shareRatio, overallShareRatio, tgi, weight }] });
  }
  return heaviest(normalise(combined), limit).map(([tag, weight]) => ({
    tag,
    weight,
    ...(madeOf.get(tag) ?? { origins: [] }),
  }));
}

function audienceTag({ dimension, value }: TraitShare): string {
  return `audience:${dimension}=${value}`;
}
