import { InvalidInputError } from '../../core/errors.js';
import { TAG_FIELDS } from '../../core/vocabulary.js';
import {
  type ExplainTagResponse,
  type GetMatchResponse,
  type GetTagsResponse,
  type IntrinsicOrigin,
  TagField,
  type ExplainTagRequest as WireExplainRequest,
  type GetMatchRequest as WireMatchRequest,
  type TagOrigin as WireOrigin,
  type TagPart as WirePart,
  type WeightedTag as WireTag,
  type GetTagsRequest as WireTagsRequest,
} from '../../gen/tagrank/v1/tag.js';
import type { ExplainTagRequest, TagExplanation, TagPart } from '../../tags/tagExplanation.js';
import type {
  GetMatchRequest,
  GetTagsRequest,
  MatchReport,
  TagOrigin,
  TagReport,
  TagSubject,
  WeightedTag,
} from '../../tags/tagReport.js';
import { toTimestamp } from './scalars.js';
import { fromOverride, toTagSubject } from './tagOverrides.js';
import { behaviourTypes, fromWatermarkOutcome, tagFields, toLanguage } from './vocabulary.js';

const DEFAULT_LIMIT = 20;

export function toGetTagsRequest(request: WireTagsRequest): GetTagsRequest {
  return {
    subject: toSubject(request.subject),
    limit: request.limit === 0 ? DEFAULT_LIMIT : request.limit,
    watermark: request.watermark,
  };
}

function toSubject(given: WireTagsRequest['subject']): TagSubject {
  const subject = toTagSubject(given);
  if (subject !== undefined) return subject;
  throw new InvalidInputError({
    field: 'subject',
    rule: 'one of user_id, product_id and shop_id must be given',
  });
}

export function fromTagReport(report: TagReport): GetTagsResponse {
  return {
    tags: report.tags.map(fromTag),
    shortTermTags: report.shortTermTags.map(fromTag),
    vetoed: report.vetoed.map(fromOverride),
    clarity: report.clarity,
    asOf: toTimestamp(report.asOfMs),
    watermarkState: fromWatermarkOutcome(report.watermark),
  };
}

function fromTag({ tag, weight, origins, override }: WeightedTag): WireTag {
  return {
    tag,
    weight,
    origins: origins.map((origin) => ({ origin: fromOrigin(origin) })),
    override: override && fromOverride(override),
  };
}

export function toExplainTagRequest(request: WireExplainRequest): ExplainTagRequest {
  return {
    subject: toSubject(request.subject),
    tag: request.tag,
    limit: request.limit === 0 ? DEFAULT_LIMIT : request.limit,
    watermark: request.watermark,
  };
}

export function fromTagExplanation(explanation: TagExplanation): ExplainTagResponse {
  const { tag, shortTermTag, override, parts, furtherCount, fadingNext, forecast, asOfMs, watermark } =
    explanation;
  return {
    ...explanation,
    tag: fromTag(tag),
    shortTermTag: fromTag(shortTermTag),
    override: override && fromOverride(override),
    parts: parts.map(fromPart),
    furtherCount: BigInt(furtherCount),
    fadingNext: fadingNext.map(fromPart),
    forecast: forecast.map(({ atMs, ...weights }) => ({ at: toTimestamp(atMs), ...weights })),
    asOf: toTimestamp(asOfMs),
    watermarkState: fromWatermarkOutcome(watermark),
  };
}

function fromPart({ source, ...weights }: TagPart): WirePart {
  switch (source.kind) {
    case 'behaviour': {
      const { kind: _, type, occurredAtMs, halfLifeMs, ...own } = source;
      const value = {
        productId: '',
        shopId: '',
        query: '',
        ...own,
        type: behaviourTypes.toCode(type),
        occurredAt: toTimestamp(occurredAtMs),
        halfLifeMs: BigInt(halfLifeMs),
      };
      return { ...weights, part: { $case: 'behaviour', value } };
    }
    case 'product': {
      const { kind: _, ...value } = source;
      return { ...weights, part: { $case: 'product', value } };
    }
    case 'intrinsic':
      return { ...weights, part: { $case: 'intrinsic', value: fromIntrinsic(source) } };
    case 'audience': {
      const { kind: _, ...value } = source;
      return { ...weights, part: { $case: 'audience', value } };
    }
  }
}

function fromIntrinsic({ field: name, weight }: { field: string; weight: number }): IntrinsicOrigin {
  const word = TAG_FIELDS.find((field) => field === name);
  return { field: word === undefined ? TagField.UNSPECIFIED : tagFields.toCode(word), weight };
}

function fromOrigin(origin: TagOrigin): NonNullable<WireOrigin['origin']> {
  switch (origin.kind) {
    case 'intrinsic':
      return { $case: 'intrinsic', value: fromIntrinsic(origin) };
    case 'behaviour':
      return {
        $case: 'behaviour',
        value: {
          type: behaviourTypes.toCode(origin.type),
          weight: origin.weight,
          count: BigInt(origin.count),
          lastAt: toTimestamp(origin.lastAtMs),
        },
      };
    case 'audience':
      return {
        $case: 'audience',
        value: {
          shareRatio: origin.shareRatio,
          overallShareRatio: origin.overallShareRatio,
          tgi: origin.tgi,
          weight: origin.weight,
        },
      };
    case 'products':
      return { $case: 'products', value: { weight: origin.weight, count: BigInt(origin.count) } };
  }
}

export function toGetMatchRequest(request: WireMatchRequest): GetMatchRequest {
  return {
    userId: request.userId,
    shopId: request.shopId,
    language: toLanguage(request.language),
    watermark: request.watermark,
  };
}

export function fromMatchReport(report: MatchReport): GetMatchResponse {
  return {
    ...report,
    parts: [...report.parts],
    reasons: [...report.reasons],
    watermarkState: fromWatermarkOutcome(report.watermark),
  };
}
