import type { BehaviourWeights } from '../behaviour/weights.js';
import { clarity } from '../catalog/clarity.js';
import { InvalidInputError, type Violation } from '../core/errors.js';
import { idViolation } from '../core/ids.js';
import type { Clock, EpochMs } from '../core/time.js';
import { heaviest } from '../core/vectors.js';
import type { BehaviourType } from '../core/vocabulary.js';
import { type FadingCount, fadingWeight } from './fadingCount.js';
import { type ItemReportDeps, productReport, shopReport, vetoedBy } from './itemReport.js';
import { overriddenVector } from './overriddenVector.js';
import type { Person } from './people.js';
import type { ReadYourWrites } from './readYourWrites.js';
import type { GetTagsRequest, TagOrigin, TagReport, WeightedTag } from './tagReport.js';
import { learnedTaste, shortTermVector } from './userVectors.js';

/** Most tags in one answer. */
export const MAX_TAGS_ANSWERED = 200;

export interface GetTagsDeps extends ItemReportDeps {
  readonly reads: ReadYourWrites;
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
      return {
        ...userReport(deps, { userId: subject.userId, person, limit, nowMs: deps.clock.nowMs() }),
        watermark,
      };
    }
    const watermark = await deps.reads.items(request.watermark ?? '');
    const report =
      subject.kind === 'product'
        ? productReport(deps, { productId: subject.productId, limit, nowMs: deps.clock.nowMs() })
        : shopReport(deps, { shopId: subject.shopId, limit, nowMs: deps.clock.nowMs() });
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

/** What a report needs to know of a person. */
export type ReportedPerson = Pick<Person, 'state' | 'memberIds'>;

/** A person's tags as they are read at `nowMs`. */
export function userReport(
  deps: Omit<GetTagsDeps, 'reads' | 'clock'>,
  { userId, person, limit, nowMs }: { userId: string; person: ReportedPerson; limit: number; nowMs: EpochMs },
): TagReport {
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
