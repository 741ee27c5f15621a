import type { BehaviourLog } from '../behaviour/behaviourLog.js';
import { normaliseTag } from '../catalog/tagText.js';
import { InvalidInputError } from '../core/errors.js';
import { FieldReader } from '../core/fieldReader.js';
import { DAY_MS, type EpochMs } from '../core/time.js';
import { behaviourParts, foldWithWeights } from './behaviourParts.js';
import { type GetTagsDeps, MAX_TAGS_ANSWERED, userReport } from './getTags.js';
import { type ItemReportDeps, productReport, shopReport } from './itemReport.js';
import { productParts } from './shopVector.js';
import type { ExplainTagRequest, TagExplanation, TagForecast, TagPart } from './tagExplanation.js';
import type { OverridesByTag, TagOverride } from './tagOverride.js';
import type { TagReport, WeightedTag } from './tagReport.js';
import type { FactsAtLogging } from './userState.js';
import { learnedTaste, shortTermVector } from './userVectors.js';
import { MAX_TAG_BYTES } from './validateOverrides.js';

export interface ExplainTagDeps extends GetTagsDeps {
  readonly log: Pick<BehaviourLog, 'readOfUsers'>;
  readonly facts: FactsAtLogging;
  /** The newest behaviours of a person that count; all where absent. */
  readonly mostBehaviours?: number | undefined;
}

/** What a subject has of one tag. */
interface Reading {
  readonly tag: WeightedTag;
  readonly shortTermTag: WeightedTag;
}

/** What made a tag, before it is cut to the limit. */
interface Learned {
  readonly weight: number;
  readonly shortTermWeight: number;
  readonly parts: readonly TagPart[];
}

/** How far ahead the forecast looks. */
const AHEAD_MS = [1, 7, 30, 90].map((days) => days * DAY_MS);
const FADING_NEXT = 3;
const EVERY_TAG = { limit: Number.POSITIVE_INFINITY };

/**
 * What made one tag of a person, product or shop, thing by thing, and what becomes of it if nothing
 * happens. Of a person that is every behaviour that counts, read from the truth up to where the online
 * state has come, so that it agrees with `GetTags`. A tag that a subject does not have has weight 0 and
 * no parts; a product or shop must exist.
 */
export function createExplainTag(
  deps: ExplainTagDeps,
): (request: ExplainTagRequest) => Promise<TagExplanation> {
  return async function explainTag(request) {
    const tag = check(request);
    const { subject } = request;
    if (subject.kind === 'user') return explainPerson({ ...request, tag }, subject.userId);
    const watermark = await deps.reads.items(request.watermark ?? '');
    const nowMs = deps.clock.nowMs();
    if (subject.kind === 'product') {
      const { productId } = subject;
      const read = (atMs: EpochMs, learnedAlone = false) =>
        productReport(deps, { productId, nowMs: atMs, learnedAlone, ...EVERY_TAG });
      const overrides = deps.overrides.ofProduct(productId);
      const learned = fieldParts(weightOf(read(nowMs, true), tag));
      return { ...explained({ tag, limit: request.limit, nowMs, overrides, learned, read }), watermark };
    }
    const { shopId } = subject;
    const read = (atMs: EpochMs, learnedAlone = false) =>
      shopReport(deps, { shopId, nowMs: atMs, learnedAlone, ...EVERY_TAG });
    const overrides = deps.overrides.ofShop(shopId);
    const learned = shopParts(deps, { shopId, tag: weightOf(read(nowMs, true), tag), nowMs });
    return { ...explained({ tag, limit: request.limit, nowMs, overrides, learned, read }), watermark };
  };

  async function explainPerson(
    { tag, limit, watermark: asked }: ExplainTagRequest,
    userId: string,
  ): Promise<TagExplanation> {
    const { person, watermark } = await deps.reads.person(userId, asked ?? '');
    const { memberIds, appliedSeq } = person;
    const logged = await deps.log.readOfUsers({ userIds: memberIds ?? [userId], throughSeq: appliedSeq });
    const behaviours = logged
      .toSorted((a, b) => a.behaviour.occurredAtMs - b.behaviour.occurredAtMs)
      .slice(-(deps.mostBehaviours ?? logged.length));
    const nowMs = deps.clock.nowMs();
    const { weights, facts } = deps;
    const folded = foldWithWeights(userId, behaviours, { weights, facts });
    const idf = (name: string) => deps.state.catalog.idfOf(name);
    const learnedAlone = { nowMs, weights, idf };
    const learned = {
      weight: learnedTaste(folded.state, learnedAlone).vector.get(tag) ?? 0,
      shortTermWeight: shortTermVector(folded.state, learnedAlone).get(tag) ?? 0,
    };
    const parts = behaviourParts(folded, { tag, nowMs, learned, weights, facts });
    const read = (atMs: EpochMs) =>
      userReport(deps, { userId, person: { state: folded.state, memberIds }, nowMs: atMs, ...EVERY_TAG });
    const overrides = deps.overrides.ofPerson(userId, memberIds);
    return {
      ...explained({ tag, limit, nowMs, overrides, learned: { ...learned, parts }, read }),
      watermark,
    };
  }
}

/** The tag's one spelling; throws `InvalidInputError` with every violation. */
function check({ subject, tag: written, limit }: ExplainTagRequest): string {
  const reader = new FieldReader('');
  if (subject.kind === 'user') reader.id('user_id', subject.userId);
  else if (subject.kind === 'product') reader.id('product_id', subject.productId);
  else reader.id('shop_id', subject.shopId);
  const tag = normaliseTag(reader.text('tag', written, MAX_TAG_BYTES));
  if (tag === undefined) {
    reader.violate('tag', 'must have the form field:value, such as category:grocery/bread or fabric:cotton');
  }
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_TAGS_ANSWERED) {
    reader.violate('limit', `must be a whole number from 1 to ${MAX_TAGS_ANSWERED}`);
  }
  if (reader.violations.length > 0) throw new InvalidInputError(reader.violations);
  return tag ?? '';
}

function explained({
  tag,
  limit,
  nowMs,
  overrides,
  learned,
  read,
}: {
  tag: string;
  limit: number;
  nowMs: EpochMs;
  overrides: OverridesByTag | undefined;
  learned: Learned;
  read: (atMs: EpochMs) => TagReport;
}): TagExplanation {
  const parts = learned.parts.toSorted(
    (a, b) =>
      Math.abs(b.weight) - Math.abs(a.weight) || Math.abs(b.shortTermWeight) - Math.abs(a.shortTermWeight),
  );
  const further = parts.slice(limit);
  const override: TagOverride | undefined = overrides?.get(tag);
  return {
    ...readingOf(read(nowMs), tag),
    ...(override !== undefined && { override }),
    learnedWeight: learned.weight,
    learnedShortTermWeight: learned.shortTermWeight,
    parts: parts.slice(0, limit),
    furtherCount: further.length,
    furtherWeight: further.reduce((sum, { weight }) => sum + weight, 0),
    furtherShortTermWeight: further.reduce((sum, { shortTermWeight }) => sum + shortTermWeight, 0),
    fadingNext: parts
      .filter(({ fadedInAWeek }) => fadedInAWeek !== 0)
      .toSorted((a, b) => Math.abs(b.fadedInAWeek) - Math.abs(a.fadedInAWeek))
      .slice(0, FADING_NEXT),
    forecast: AHEAD_MS.map((aheadMs): TagForecast => {
      const later = readingOf(read(nowMs + aheadMs), tag);
      return {
        atMs: nowMs + aheadMs,
        weight: later.tag.weight,
        shortTermWeight: later.shortTermTag.weight,
      };
    }),
    asOfMs: nowMs,
  };
}

function readingOf({ tags, shortTermTags }: TagReport, name: string): Reading {
  const none: WeightedTag = { tag: name, weight: 0, origins: [] };
  return { tag: weightIn(tags, name) ?? none, shortTermTag: weightIn(shortTermTags, name) ?? none };
}

function weightOf({ tags }: TagReport, name: string): WeightedTag {
  return weightIn(tags, name) ?? { tag: name, weight: 0, origins: [] };
}

/** What was counted of an audience keeps the spelling of the trait. */
function weightIn(tags: readonly WeightedTag[], name: string): WeightedTag | undefined {
  return tags.find(({ tag }) => tag === name || (tag.startsWith('audience:') && normaliseTag(tag) === name));
}

/** A product's tag is one field of it, or one trait of its audience. */
function fieldParts({ weight, origins }: WeightedTag): Learned {
  const parts = origins.flatMap((source): TagPart[] =>
    source.kind === 'intrinsic' || source.kind === 'audience' ? [itemPart(weight, source)] : [],
  );
  return { weight, shortTermWeight: 0, parts };
}

function shopParts(
  { state }: ItemReportDeps,
  { shopId, tag: { tag, weight, origins }, nowMs }: { shopId: string; tag: WeightedTag; nowMs: EpochMs },
): Learned {
  const [audience] = origins.filter(({ kind }) => kind === 'audience');
  if (audience !== undefined) return fieldParts({ tag, weight, origins });
  const { catalog } = state;
  const shopOrdinal = catalog.shops.of(shopId);
  const made = productParts({ catalog, shopOrdinal, state: state.shopState(shopOrdinal), nowMs }, tag);
  const total = made.reduce((sum, part) => sum + part.weight, 0);
  const parts = made.map(({ productId, sales, assortmentRatio, weight: own }) =>
    itemPart(total === 0 ? 0 : (weight * own) / total, {
      kind: 'product',
      productId,
      sales,
      assortmentRatio,
    }),
  );
  return { weight, shortTermWeight: 0, parts };
}

function itemPart(weight: number, source: TagPart['source']): TagPart {
  return { weight, shortTermWeight: 0, fadedInAWeek: 0, source };
}
