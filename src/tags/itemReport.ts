import { clarity } from '../catalog/clarity.js';
import { NONE } from '../catalog/ordinals.js';
import { NotFoundError } from '../core/errors.js';
import type { EpochMs } from '../core/time.js';
import { heaviest, norm, normalise } from '../core/vectors.js';
import type { RankingState } from '../ranking/rankingState.js';
import { type Audience, type TraitShare, traitShares } from './audience.js';
import type { OverridesInForce } from './overrideIndex.js';
import { tagsOfShop } from './shopVector.js';
import type { OverridesByTag, TagOverride } from './tagOverride.js';
import type { TagOrigin, TagReport, WeightedTag } from './tagReport.js';

/** Share of a vector that the audience has beside what a product or shop is by itself. */
const AUDIENCE_PART = 0.4;

export interface ItemReportDeps {
  readonly state: RankingState & { readonly population: Audience };
  readonly overrides: OverridesInForce;
}

/** How the tags of a product or shop are read. */
export interface ItemReading {
  /** At most this many. */
  readonly limit: number;
  readonly nowMs: EpochMs;
  /** As if nothing were overridden of the product, or of the shop itself. */
  readonly learnedAlone?: boolean;
}

/** A product's tags as they are read at `nowMs`; throws `NotFoundError`. */
export function productReport(
  deps: ItemReportDeps,
  { productId, limit, nowMs, learnedAlone = false }: { productId: string } & ItemReading,
): TagReport {
  const { catalog, population } = deps.state;
  const ordinal = catalog.products.of(productId);
  if (ordinal === NONE) throw new NotFoundError(`no product has the id ${productId}`);
  const overrides = learnedAlone ? undefined : deps.overrides.ofProduct(productId);
  const extracted = new Map(
    catalog.tagsOf(ordinal, catalog.revisionAt(ordinal))?.map((known) => [known.tag, known]),
  );
  const read = learnedAlone ? [...extracted.values()] : catalog.namedTagsAt(ordinal);
  const own = read.map(({ tag, weight }): OwnTag => {
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

/** A shop's tags as they are read at `nowMs`; throws `NotFoundError`. */
export function shopReport(
  deps: ItemReportDeps,
  { shopId, limit, nowMs, learnedAlone = false }: { shopId: string } & ItemReading,
): TagReport {
  const { catalog, population } = deps.state;
  const shopOrdinal = catalog.shops.of(shopId);
  if (shopOrdinal === NONE) throw new NotFoundError(`no shop has the id ${shopId}`);
  const state = deps.state.shopState(shopOrdinal);
  const overrides = learnedAlone ? undefined : deps.overrides.ofShop(shopId);
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

/** What an operator will not have there, by tag. */
export function vetoedBy(overrides: OverridesByTag | undefined): TagOverride[] {
  return [...(overrides?.values() ?? [])]
    .filter(({ word }) => word.action === 'veto')
    .sort((a, b) => (a.tag < b.tag ? -1 : 1));
}
