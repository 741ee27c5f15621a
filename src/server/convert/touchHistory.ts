import type { Language } from '../../core/vocabulary.js';
import {
  type AttributeOrderRequest,
  type AttributeOrderResponse,
  type GetTouchHistoryRequest,
  Outcome,
  type Decision as WireDecision,
  type TouchHistoryEntry as WireEntry,
  type ReachedTouch as WireTouch,
} from '../../gen/tagrank/v1/touch.js';
import { Channel, Language as WireLanguage } from '../../gen/tagrank/v1/vocabulary.js';
import type { AttributeOrderInput, AttributeOrderOutput } from '../../touch/attributeOrder.js';
import type { ReachedTouch } from '../../touch/reachedTouches.js';
import type { TouchHistoryInput } from '../../touch/touchHistory.js';
import type { PastDecision, TouchHistoryEntry } from '../../touch/touchHistoryEntries.js';
import { toEpochMs, toNumber, toTimestamp } from './scalars.js';
import { decisionKinds, outcomes } from './touch.js';
import { channels, toLanguage } from './vocabulary.js';

export function toHistoryInput({ userId, pageSize, pageToken, language }: GetTouchHistoryRequest): {
  input: TouchHistoryInput;
  language: Language;
} {
  return { input: { userId, pageSize, pageToken }, language: toLanguage(language) };
}

export function fromHistoryEntry(entry: TouchHistoryEntry, language: Language): WireEntry {
  const { channel, shopId = '', campaignType = '', campaignId = '', priority = 0 } = entry.content;
  return {
    kind: entry.kind,
    occurredAt: toTimestamp(entry.atMs),
    question: {
      userId: entry.userId,
      channel: channel === undefined ? Channel.UNSPECIFIED : channels.toCode(channel),
      shopId,
      campaignType,
      campaignId,
      deadline: undefined,
      priority,
      language: WireLanguage.UNSPECIFIED,
    },
    permitId: entry.permitId ?? '',
    decision: entry.decision && fromPastDecision(entry.decision, language),
    outcome: entry.outcome === undefined ? Outcome.UNSPECIFIED : outcomes.toCode(entry.outcome),
    requestId: entry.requestId ?? '',
    late: entry.late ?? false,
    taken: entry.taken ?? false,
    takenBy: entry.takenBy ?? '',
  };
}

function fromPastDecision(decision: PastDecision, language: Language): WireDecision {
  return {
    kind: decisionKinds.toCode(decision.kind),
    notBefore: toTimestamp(decision.notBeforeMs),
    ruleId: decision.ruleId,
    reasonCode: decision.reason,
    reason: decision.words[language],
    ruleStates: [],
    decidedAt: toTimestamp(decision.decidedAtMs),
    policyVersion: BigInt(decision.policyVersion),
    takes: 0,
    learnedBudget: undefined,
    goodHour: undefined,
  };
}

export function toOrder({ userId, shopId, orderedAt, windowMs, language }: AttributeOrderRequest): {
  order: AttributeOrderInput;
  language: Language;
} {
  return {
    order: { userId, shopId, orderedAtMs: toEpochMs(orderedAt), windowMs: toNumber(windowMs) },
    language: toLanguage(language),
  };
}

export function fromAttribution(found: AttributeOrderOutput, language: Language): AttributeOrderResponse {
  const [first, last, startMs, endMs] =
    found.reason === 'never_reached' ? [] : [found.first, found.last, found.startMs, found.endMs];
  return {
    owner: found.reason === 'first_in_window' ? fromReached(found.first) : undefined,
    firstTouch: first && fromReached(first),
    lastTouch: last && fromReached(last),
    reasonCode: found.reason,
    reason: found.words[language],
    windowMs: BigInt(found.windowMs),
    windowStartsAt: toTimestamp(startMs),
    windowEndsAt: toTimestamp(endMs),
  };
}

function fromReached(touch: ReachedTouch): WireTouch {
  return {
    permitId: touch.permitId,
    userId: touch.userId,
    reachedAt: toTimestamp(touch.atMs),
    channel: channels.toCode(touch.channel),
    shopId: touch.shopId ?? '',
    campaignType: touch.campaignType,
    campaignId: touch.campaignId ?? '',
  };
}
