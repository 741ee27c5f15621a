import type { Promotion } from '../../../src/touch/promotion.js';
import type { TouchContent } from '../../../src/touch/touch.js';
import type { TouchFailure } from '../../../src/touch/touchFailure.js';
import {
  type CapRule,
  campaignTypeFacts,
  type QuietHoursRule,
  type RuleSelector,
  type TouchPolicy,
} from '../../../src/touch/touchPolicy.js';
import { DAY, MINUTE } from '../builders.js';
import { endOfUnit, minuteOfDay } from './plainClock.js';

/**
 * The rules of touch by the words of the contract, and by nothing else of the room: messages are counted one
 * by one at one moment, and the first moment at which all agree is found by trying one after the other.
 */

/** How a message stands: its slot is held until a moment, it was sent at one, or it counts for nothing. */
export type Standing =
  | { readonly heldUntilMs: number }
  | { readonly sentAtMs: number; readonly reported: Reported }
  | 'free';

/** The worst that the channel said of a message: being refused is worse than not arriving. */
export type Reported = 'nothing' | TouchFailure;

/** A message, and how it stands: one of these, and which of them nobody outside knows where they are several. */
export interface PlainTouch {
  /** When it was reserved. */
  readonly reservedAtMs: number;
  readonly content: TouchContent;
  readonly standings: readonly Standing[];
}

/** Whether what is in doubt counts only where it must, or wherever it may. */
export type Reading = 'least' | 'most';

export interface PlainQuestion {
  readonly content: TouchContent;
  readonly policy: TouchPolicy;
  readonly timezone: string;
  readonly nowMs: number;
  readonly deadlineMs?: number;
  /** Until how long after it is allowed the message may be sent. */
  readonly ttlMs: number;
}

/** A cap as it stands; `POSITIVE_INFINITY` for never. */
export interface PlainCap {
  readonly rule: CapRule;
  readonly enforcement: 'enforced' | 'shadow' | 'bypassed';
  readonly used: number;
  /** Slots kept for promotions that this message may not have (C4). */
  readonly held: number;
  /** Of itself, without what is held. */
  readonly isFull: boolean;
  /** The first moment with a slot, with the gap over, and with both. */
  readonly roomOpensMs: number;
  readonly gapOpensMs: number;
  readonly opensMs: number;
  readonly nextFreeMs: number | undefined;
}

export interface PlainQuiet {
  readonly rule: QuietHoursRule;
  readonly enforcement: PlainCap['enforcement'];
  readonly opensMs: number;
}

export interface PlainAnswer {
  readonly caps: readonly PlainCap[];
  readonly quiet: readonly PlainQuiet[];
  /** The first moment at which all agree, deadline or not. */
  readonly opensMs: number;
}

/** What the message may do, and how the rules stand before it. */
export interface PlainDecision {
  readonly rules: PlainAnswer;
  /** The same if nobody of lower priority held a slot: they give way, whenever it comes (C4). */
  readonly withoutLower: PlainAnswer;
}

/** A rule for one question, at any moment. */
interface CapInTime {
  readonly state: PlainCap;
  readonly isOpenAt: (atMs: number) => boolean;
  /** Nothing else makes room: the moments at which a message stops counting, or a promotion ends. */
  readonly momentsMs: readonly number[];
}

export function plainDecision(
  touches: readonly PlainTouch[],
  question: PlainQuestion,
  reading: Reading,
): PlainDecision {
  const rules = plainAnswer(touches, question, reading);
  const others = touches.map((touch) => ({
    ...touch,
    standings: touch.standings.map((one) => (givesWay({ ...touch, one }, question) ? 'free' : one)),
  }));
  return { rules, withoutLower: plainAnswer(others, question, reading) };
}

/** C4: reservations of strictly lower priority do, that are neither sent nor run out. */
export function givesWay(
  { content, one }: { content: TouchContent; one: Standing },
  question: PlainQuestion,
): boolean {
  const isLower = (content.priority ?? 0) < (question.content.priority ?? 0);
  return isLower && one !== 'free' && 'heldUntilMs' in one && one.heldUntilMs > question.nowMs;
}

export function plainAnswer(
  touches: readonly PlainTouch[],
  question: PlainQuestion,
  reading: Reading,
): PlainAnswer {
  const { content, policy, timezone, nowMs } = question;
  const facts = campaignTypeFacts(policy, content.campaignType);
  const inTime = policy.caps
    .filter((rule) => isAbout(rule, content))
    .map((rule) => plainCap(rule, { touches, question, reading, bypassed: facts.bypassesCaps }));
  const quiet = policy.quietHours
    .filter((rule) => isAbout(rule, content))
    .map((rule): PlainQuiet => {
      const opensMs = firstAwake([rule], { timezone, fromMs: nowMs });
      const enforcement = rule.shadow ? 'shadow' : facts.bypassesQuietHours ? 'bypassed' : 'enforced';
      return { rule, enforcement, opensMs };
    });
  const nights = quiet.filter(isEnforced).map(({ rule }) => rule);
  const caps = inTime.map(({ state }) => state);
  const opensMs = firstOpen(
    inTime.filter(({ state }) => isEnforced(state)),
    { nights, timezone, nowMs },
  );
  return { caps, quiet, opensMs };
}

/** What is held comes and goes, and so does the night: whoever has waited for the one asks for the other again. */
function firstOpen(
  caps: readonly CapInTime[],
  { nights, timezone, nowMs }: { nights: readonly QuietHoursRule[]; timezone: string; nowMs: number },
): number {
  const moments = caps.flatMap(({ momentsMs }) => momentsMs).sort((a, b) => a - b);
  for (let atMs = nowMs; ; ) {
    const awakeMs = firstAwake(nights, { timezone, fromMs: atMs });
    if (!Number.isFinite(awakeMs) || caps.every(({ isOpenAt }) => isOpenAt(awakeMs))) return awakeMs;
    const next = moments.find((ms) => ms > awakeMs);
    if (next === undefined) return Number.POSITIVE_INFINITY;
    atMs = next;
  }
}

export function isEnforced({ enforcement }: Pick<PlainCap, 'enforcement'>): boolean {
  return enforcement === 'enforced';
}

function plainCap(
  rule: CapRule,
  {
    touches,
    question,
    reading,
    bypassed,
  }: { touches: readonly PlainTouch[]; question: PlainQuestion; reading: Reading; bypassed: boolean },
): CapInTime {
  const { nowMs, timezone, policy } = question;
  const own = touches.filter((touch) => usesSlot(rule, touch.content, question));
  const countedAt = (atMs: number) =>
    own.filter((touch) => stands(touch, reading, (one) => isInWindow(rule, { one, timezone, atMs })));
  const usedAt = (atMs: number) => countedAt(atMs).length;
  const heldAt = (atMs: number) => heldSlots(rule, { counted: countedAt(atMs), question, atMs });
  const hasRoomAt = (atMs: number) => usedAt(atMs) + heldAt(atMs) < rule.cap;
  const gapAt = (atMs: number) =>
    rule.minGapMs !== undefined &&
    own.some((touch) => stands(touch, reading, (one) => isInGap(rule, { one, atMs })));
  const isOpenAt = (atMs: number) => hasRoomAt(atMs) && !gapAt(atMs);
  const momentsMs = [
    ...own.flatMap(({ standings }) => standings.flatMap((one) => endsOf(rule, { one, timezone }))),
    ...(policy.promotions ?? []).map(({ endMs }) => endMs),
  ]
    .filter((atMs) => atMs > nowMs)
    .sort((a, b) => a - b);
  const firstAt = (holds: (atMs: number) => boolean) =>
    [nowMs, ...momentsMs].find(holds) ?? Number.POSITIVE_INFINITY;
  const used = usedAt(nowMs);
  const state: PlainCap = {
    rule,
    enforcement: rule.shadow ? 'shadow' : bypassed && !rule.ceiling ? 'bypassed' : 'enforced',
    used,
    held: heldAt(nowMs),
    isFull: used >= rule.cap || gapAt(nowMs),
    roomOpensMs: firstAt(hasRoomAt),
    gapOpensMs: firstAt((atMs) => !gapAt(atMs)),
    opensMs: firstAt(isOpenAt),
    nextFreeMs: used === 0 ? undefined : firstAt((atMs) => usedAt(atMs) < used),
  };
  return { state, isOpenAt, momentsMs };
}

/**
 * C4: what promotions keep of a cap from the message asked about, wherever it would still count in the cap's window
 * while they run, if it is sent as late as it may be. Messages of theirs that are counted already lower it, each for the first that it is of.
 */
function heldSlots(
  rule: CapRule,
  { counted, question, atMs }: { counted: readonly PlainTouch[]; question: PlainQuestion; atMs: number },
): number {
  const { content, policy, timezone, ttlMs } = question;
  const lastMs = atMs + ttlMs - 1;
  const countsUntilMs =
    rule.window.kind === 'rolling'
      ? lastMs + rule.window.windowMs
      : endOfUnit(timezone, rule.window.unit, lastMs);
  const holding = (policy.promotions ?? []).filter(
    ({ startMs, endMs, heldSlots: held }) =>
      atMs < endMs && countsUntilMs > startMs && held.some(({ ruleId }) => ruleId === rule.id),
  );
  const left = holding.map((promotion) => {
    if (!isBoundBy(promotion, content)) return 0;
    const own = counted.filter((touch) => holding.find((one) => isOf(one, touch.content)) === promotion);
    const slots = promotion.heldSlots.find(({ ruleId }) => ruleId === rule.id)?.slots ?? 0;
    return Math.max(0, slots - own.length);
  });
  return Math.min(
    rule.cap,
    left.reduce((sum, slots) => sum + slots, 0),
  );
}

/** Whether what a promotion holds is kept from a message. */
export function isBoundBy(promotion: Promotion, content: TouchContent): boolean {
  return !isOf(promotion, content) && !priorityIsEnough(promotion, content);
}

/** Whether a message is one of a promotion's. */
function isOf(promotion: Promotion, content: TouchContent): boolean {
  return isAbout(promotion, content) && (content.priority ?? 0) >= (promotion.leastPriority ?? 0);
}

function priorityIsEnough({ leastPriority }: Promotion, { priority = 0 }: TouchContent): boolean {
  return leastPriority !== undefined && priority >= leastPriority;
}

/** Whether a message uses up a slot that the one asked about would need. */
export function usesSlot(
  rule: CapRule,
  sent: TouchContent,
  { content, policy }: Pick<PlainQuestion, 'content' | 'policy'>,
): boolean {
  return (
    isAbout(rule, sent) &&
    (!rule.scope.includes('channel') || sent.channel === content.channel) &&
    (!rule.scope.includes('shop') || (sent.shopId ?? '') === (content.shopId ?? '')) &&
    (!rule.scope.includes('campaign_type') || sent.campaignType === content.campaignType) &&
    (rule.ceiling || campaignTypeFacts(policy, sent.campaignType).countsTowardCaps)
  );
}

export function isAbout(rule: RuleSelector, { channel, campaignType, shopId = '' }: TouchContent): boolean {
  if (rule.channels !== undefined && !rule.channels.includes(channel)) return false;
  if (rule.campaignTypes !== undefined && !rule.campaignTypes.includes(campaignType)) return false;
  if (rule.exceptCampaignTypes?.includes(campaignType)) return false;
  return rule.shopIds === undefined || rule.shopIds.includes(shopId);
}

function stands({ standings }: PlainTouch, reading: Reading, counts: (one: Standing) => boolean): boolean {
  return reading === 'least' ? standings.every(counts) : standings.some(counts);
}

/**
 * A message frees its slot so long after it was sent; all slots of a calendar unit free at its end. What reached
 * nobody frees it once its channel says so, where the cap counts no more than what did.
 */
export function isInWindow(
  rule: CapRule,
  { one, timezone, atMs }: { one: Standing; timezone: string; atMs: number },
): boolean {
  if (one === 'free') return false;
  if ('heldUntilMs' in one) return atMs < one.heldUntilMs;
  if (!isCounted(rule, one.reported)) return false;
  const { window } = rule;
  return window.kind === 'rolling'
    ? atMs - one.sentAtMs < window.windowMs
    : atMs < endOfUnit(timezone, window.unit, one.sentAtMs);
}

function isInGap(rule: CapRule, { one, atMs }: { one: Standing; atMs: number }): boolean {
  if (one === 'free') return false;
  if ('heldUntilMs' in one) return atMs < one.heldUntilMs;
  return isCounted(rule, one.reported) && atMs - one.sentAtMs < (rule.minGapMs ?? 0);
}

/** All attempts, unless the cap asks for what was accepted, or for what was delivered. */
export function isCounted({ counts }: CapRule, reported: Reported): boolean {
  if (counts === 'delivered') return reported === 'nothing';
  return counts !== 'accepted' || reported !== 'rejected';
}

/** The moments at which what counts for a rule can become less. */
function endsOf(
  { window, minGapMs }: CapRule,
  { one, timezone }: { one: Standing; timezone: string },
): number[] {
  if (one === 'free') return [];
  if ('heldUntilMs' in one) return [one.heldUntilMs];
  const { sentAtMs } = one;
  const gapEndMs = sentAtMs + (minGapMs ?? 0);
  return window.kind === 'rolling'
    ? [gapEndMs, sentAtMs + window.windowMs]
    : [gapEndMs, endOfUnit(timezone, window.unit, sentAtMs)];
}

/** The first moment at which none of the rules says that it is night, minute by minute. */
function firstAwake(
  rules: readonly QuietHoursRule[],
  { timezone, fromMs }: { timezone: string; fromMs: number },
): number {
  for (let atMs = fromMs; atMs < fromMs + 9 * DAY; atMs = (Math.floor(atMs / MINUTE) + 1) * MINUTE) {
    const minute = minuteOfDay(timezone, atMs);
    if (!rules.some((rule) => isNight(rule, minute))) return atMs;
  }
  return Number.POSITIVE_INFINITY;
}

function isNight({ startMinute, endMinute }: QuietHoursRule, minute: number): boolean {
  return startMinute < endMinute
    ? minute >= startMinute && minute < endMinute
    : minute >= startMinute || minute < endMinute;
}
