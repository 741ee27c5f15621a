import { utcDay } from '../../behaviour/counting.js';
import { crowdWeight } from '../../behaviour/crowds.js';
import { REPEAT_SHARE_FLOOR } from '../../behaviour/repurchase.js';
import { NONE } from '../../catalog/ordinals.js';
import { DAY_MS } from '../../core/time.js';
import { popularityAt } from '../../tags/productState.js';
import { spendingLevel } from '../../tags/spending.js';
import { ownInCart } from '../features/ownHistory.js';
import { priceFitOf } from '../features/price.js';
import type { Query } from '../query.js';
import type { Reason, ReasonCode } from '../rankRequest.js';
import { sequelLift } from '../sequelsOf.js';
import { type ReasonFacts, wordCrowd, wordReason } from './words.js';

/** A reason before it is worded: how much it speaks for the candidate, about 0–1. */
interface Candidate {
  readonly code: ReasonCode;
  readonly strength: number;
  readonly facts: ReasonFacts;
}

/** Reasons given for one item. */
const GIVEN = 3;
/** A weaker part is not worth a sentence. */
const WEAKEST = 0.05;

/**
 * Why a candidate is in the list: its strongest true parts in words, at least one. Each is a fact
 * read from the same state as the score; what does not hold is not said.
 */
export function reasonsFor(query: Query, ordinal: number): Reason[] {
  const strongest = [
    ...ownReasons(query, ordinal),
    ...relationReasons(query, ordinal),
    ...tagReasons(query, ordinal),
    ...shopReasons(query, ordinal),
    ...crowdReasons(query, ordinal),
    ...productReasons(query, ordinal),
  ]
    .filter(({ strength }) => strength >= WEAKEST)
    .sort((a, b) => b.strength - a.strength)
    .slice(0, GIVEN);
  const given = strongest.length > 0 ? strongest : [fallback(query, ordinal)];
  return given.map(({ code, strength, facts }) => ({
    code,
    text: wordReason(code, query.request.language, facts),
    strength: Math.min(1, strength),
  }));
}

function ownReasons(query: Query, ordinal: number): Candidate[] {
  const own = query.products.get(ordinal);
  if (own === undefined || own.interest <= 0) return [];
  const { history } = own;
  const today = utcDay(query.nowMs);
  const reasons: Candidate[] = [];
  const lastPurchase = history.purchaseDays[history.purchaseDays.length - 1];
  if (lastPurchase !== undefined && isBoughtAgain(query, ordinal)) {
    const facts = { days: today - lastPurchase, times: history.purchaseDays.length };
    reasons.push({ code: 'repurchase_due', strength: 0.5 + 0.1 * Math.min(5, facts.times), facts });
  }
  if (ownInCart.value(query, ordinal) === 1) reasons.push({ code: 'in_cart', strength: 0.95, facts: {} });
  const viewed = history.byType.get('browse') ?? history.byType.get('favourite');
  if (viewed !== undefined && lastPurchase === undefined) {
    const days = Math.max(0, today - utcDay(viewed.lastAtMs));
    reasons.push({ code: 'viewed_before', strength: 0.8 / (1 + days / 7), facts: { days } });
  }
  return reasons;
}

/** A sofa may be shown again after half a year, but it is not due. */
function isBoughtAgain(query: Query, ordinal: number): boolean {
  return query.state.repeatOutlook(ordinal).repeatShareRatio >= REPEAT_SHARE_FLOOR;
}

/** What goes with a product and is chosen with it says one thing of it, not two. */
function relationReasons(query: Query, ordinal: number): Candidate[] {
  const together = togetherReasons(query, ordinal);
  return together.length > 0 ? together : relatedReasons(query, ordinal);
}

/** More than one person leaves who orders both in one sitting. */
const TOGETHER_WEIGHT = 9;
/** What goes with a product is taken this much more often after it than at all. */
const TOGETHER_LIFT = 3;

/** What is taken after something that the person has, or is about to buy (R12). */
function togetherReasons(query: Query, ordinal: number): Candidate[] {
  const sequel = query.sequels.get(ordinal);
  if (sequel === undefined || sequel.weight < TOGETHER_WEIGHT) return [];
  const own = query.products.get(sequel.via)?.history;
  const isTheirs = (own?.purchaseDays.length ?? 0) > 0 || ownInCart.value(query, sequel.via) === 1;
  const lift = sequelLift(sequel, { ...query, ordinal });
  if (!isTheirs || lift < TOGETHER_LIFT) return [];
  const strength = Math.min(0.85, 0.5 + 0.1 * Math.log2(lift / TOGETHER_LIFT));
  return [{ code: 'goes_together', strength, facts: { via: describe(query, sequel.via) } }];
}

function relatedReasons(query: Query, ordinal: number): Candidate[] {
  const related = query.related.get(ordinal);
  if (related === undefined) return [];
  const via = describe(query, related.via);
  return [{ code: 'related_to_recent', strength: 0.75 * (related.sum / query.relatedTop), facts: { via } }];
}

/** Tags named in one reason. */
const TAGS_NAMED = 3;
/** Of the weight of the person's heaviest tag: what weighs less is no taste, but what half the goods share. */
const TASTE_FROM = 0.3;

function tagReasons(query: Query, ordinal: number): Candidate[] {
  const { catalog } = query.state;
  const { tags } = catalog.tagsAt(ordinal);
  const shared: { name: string; weight: number }[] = [];
  const least = TASTE_FROM * heaviestTag(query);
  for (const tag of tags) {
    const weight = Math.max(query.longTerm.get(tag) ?? 0, query.shortTerm.get(tag) ?? 0);
    if (weight > 0 && weight >= least) shared.push({ name: tagInWords(catalog.tags.idOf(tag)), weight });
  }
  if (shared.length === 0) return [];
  shared.sort((a, b) => b.weight - a.weight);
  const strength = Math.min(1, 1.5 * shared.reduce((sum, { weight }) => sum + weight ** 2, 0) ** 0.5);
  const names = [...new Set(shared.map(({ name }) => name))].slice(0, TAGS_NAMED);
  return [{ code: 'tag_match', strength: 0.7 * strength, facts: { tags: names } }];
}

function heaviestTag({ longTerm, shortTerm }: Query): number {
  return Math.max(0, ...longTerm.values(), ...shortTerm.values());
}

function shopReasons(query: Query, ordinal: number): Candidate[] {
  const { catalog } = query.state;
  const shop = query.shops.get(catalog.shopAt(ordinal));
  if (shop === undefined || shop.history.purchaseDays.length === 0) return [];
  const record = catalog.shopRecordAt(catalog.shopAt(ordinal));
  return [
    {
      code: 'bought_shop',
      strength: 0.3 + 0.3 * shop.affinity,
      facts: { shop: record.name === '' ? record.shopId : record.name },
    },
  ];
}

/** A crowd must choose a product this much more often than everybody before it is said. */
const CROWD_RATIO = 1.2;

function crowdReasons(query: Query, ordinal: number): Candidate[] {
  const product = query.state.productState(ordinal);
  if (product === undefined) return [];
  const everybody = popularityAt(product, 2, query.nowMs) / Math.max(1e-9, query.totalPopularity);
  let best: { name: string; ratio: number } | undefined;
  for (const { name, crowd } of query.crowds) {
    const { weight, total } = crowdWeight(crowd, ordinal, query.nowMs);
    if (total <= 0 || weight < 8) continue;
    const ratio = weight / total / everybody;
    if (ratio > CROWD_RATIO && ratio > (best?.ratio ?? 0)) best = { name, ratio };
  }
  if (best === undefined) return [];
  const crowd = wordCrowd(best.name, query.request.language);
  return [{ code: 'crowd', strength: Math.min(0.5, 0.2 * Math.log2(best.ratio) + 0.1), facts: { crowd } }];
}

/** Ratings that make a rating worth naming. */
const RATINGS_NAMED = 5;
const NEW_DAYS = 14;
/** Weight of the week's behaviour from which something is popular: two browses, whatever the top. */
const POPULAR_FROM = 2;
/** Weight of choices in a category, about a favourite, that makes its prices worth naming. */
const SPENDING_NAMED = 4;

function productReasons(query: Query, ordinal: number): Candidate[] {
  const reasons: Candidate[] = [];
  const product = query.state.productState(ordinal);
  if (product !== undefined && product.ratingCount >= RATINGS_NAMED) {
    const stars = product.ratingSum / product.ratingCount;
    if (stars >= 4.2) {
      reasons.push({ code: 'well_rated', strength: 0.25, facts: { stars, ratings: product.ratingCount } });
    }
  }
  const fit = choosesPricesHere(query, ordinal) ? priceFitOf(query, ordinal) : 0;
  if (fit > 0.8) reasons.push({ code: 'price_fit', strength: 0.15 * fit, facts: {} });
  const popularity = product === undefined ? 0 : popularityAt(product, 1, query.nowMs);
  const share = popularity / Math.max(1e-9, query.popularityTops[1] as number);
  if (popularity >= POPULAR_FROM && share > 0.2) {
    reasons.push({ code: 'popular', strength: 0.4 * Math.min(1, share), facts: {} });
  }
  const createdAtMs = query.state.catalog.createdAtMsAt(ordinal);
  const ageDays = Math.floor((query.nowMs - createdAtMs) / DAY_MS);
  if (ageDays >= 0 && ageDays <= NEW_DAYS) {
    reasons.push({ code: 'new_arrival', strength: 0.3, facts: { days: ageDays } });
  }
  return reasons;
}

/** Whether the person's own choices in the product's category say what they spend there. */
function choosesPricesHere(query: Query, ordinal: number): boolean {
  const { catalog } = query.state;
  const category = catalog.leafCategoryOf(ordinal);
  if (category === undefined || Number.isNaN(catalog.pricePercentileAt(ordinal))) return false;
  if (!query.spending.byCategory.has(category)) return false;
  return spendingLevel(query.spending, category, query.nowMs).evidence >= SPENDING_NAMED;
}

/** What can be said of anything: where it belongs, unless an operator will not have it said. */
function fallback(query: Query, ordinal: number): Candidate {
  const { catalog } = query.state;
  const { categoryPath } = catalog.productAt(ordinal);
  const isVetoed =
    catalog.tagsAt(ordinal).leafCategory === NONE ||
    query.overrides?.get(`category:${catalog.leafCategoryOf(ordinal)}`)?.word.action === 'veto';
  return {
    code: 'to_discover',
    strength: WEAKEST,
    facts: { category: isVetoed ? undefined : categoryPath[categoryPath.length - 1] },
  };
}

function describe(query: Query, ordinal: number): string {
  const { title, productId } = query.state.catalog.productAt(ordinal);
  return title === '' ? productId : title;
}

/** `category:grocery/bread` as "bread", `fabric:cotton` as "cotton". */
function tagInWords(tag: string): string {
  const value = tag.slice(tag.indexOf(':') + 1);
  return value.slice(value.lastIndexOf('/') + 1);
}
