import type { TouchContent } from '../../../src/touch/touch.js';
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
export type Standing = { readonly heldUntilMs: number } | { readonly sentAtMs: number } | 'free';

/** A message, and how it stands: one of these, and which of them nobody outside knows where they are several. */
export interface PlainTouch {
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
}

/** A cap as it stands; `POSITIVE_INFINITY` for never. */
export interface PlainCap {
  readonly rule: CapRule;
  readonly enforcement: 'enforced' | 'shadow' | 'bypassed';
  readonly used: number;
  readonly capOpensMs: number;
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

export function plainAnswer(
  touches: readonly PlainTouch[],
  question: PlainQuestion,
  reading: Reading,
): PlainAnswer {
  const { content, policy, timezone, nowMs } = question;
  const facts = campaignTypeFacts(policy, content.campaignType);
  const caps = policy.caps
    .filter((rule) => isAbout(rule, content))
    .map((rule) => plainCap(rule, { touches, question, reading, bypassed: facts.bypassesCaps }));
  const quiet = policy.quietHours
    .filter((rule) => isAbout(rule, content))
    .map((rule): PlainQuiet => {
      const opensMs = firstAwake([rule], { timezone, fromMs: nowMs });
      const enforcement = rule.shadow ? 'shadow' : facts.bypassesQuietHours ? 'bypassed' : 'enforced';
      return { rule, enforcement, opensMs };
    });
  const capsOpenMs = Math.max(nowMs, ...caps.filter(isEnforced).map(({ opensMs }) => opensMs));
  const nights = quiet.filter(isEnforced).map(({ rule }) => rule);
  const opensMs = Number.isFinite(capsOpenMs)
    ? firstAwake(nights, { timezone, fromMs: capsOpenMs })
    : capsOpenMs;
  return { caps, quiet, opensMs };
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
): PlainCap {
  const { nowMs, timezone } = question;
  const own = touches.filter((touch) => usesSlot(rule, touch.content, question));
  const usedAt = (atMs: number) =>
    own.filter((touch) => stands(touch, reading, (one) => isInWindow(rule, { one, timezone, atMs }))).length;
  const gapAt = (atMs: number) =>
    rule.minGapMs !== undefined &&
    own.some((touch) => stands(touch, reading, (one) => isInGap(rule.minGapMs ?? 0, { one, atMs })));
  const moments = own
    .flatMap(({ standings }) => standings.flatMap((one) => endsOf(rule, { one, timezone })))
    .filter((atMs) => atMs > nowMs)
    .sort((a, b) => a - b);
  const firstAt = (isOpen: (atMs: number) => boolean) =>
    [nowMs, ...moments].find(isOpen) ?? Number.POSITIVE_INFINITY;
  const used = usedAt(nowMs);
  return {
    rule,
    enforcement: rule.shadow ? 'shadow' : bypassed && !rule.ceiling ? 'bypassed' : 'enforced',
    used,
    capOpensMs: firstAt((atMs) => usedAt(atMs) < rule.cap),
    gapOpensMs: firstAt((atMs) => !gapAt(atMs)),
    opensMs: firstAt((atMs) => usedAt(atMs) < rule.cap && !gapAt(atMs)),
    nextFreeMs: used === 0 ? undefined : firstAt((atMs) => usedAt(atMs) < used),
  };
}

/** Whether a message uses up a slot that the one asked about would need. */
export function usesSlot(rule: CapRule, sent: TouchContent, { content, policy }: PlainQuestion): boolean {
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

/** A message frees its slot so long after it was sent; all slots of a calendar unit free at its end. */
export function isInWindow(
  { window }: CapRule,
  { one, timezone, atMs }: { one: Standing; timezone: string; atMs: number },
): boolean {
  if (one === 'free') return false;
  if ('heldUntilMs' in one) return atMs < one.heldUntilMs;
  return window.kind === 'rolling'
    ? atMs - one.sentAtMs < window.windowMs
    : atMs < endOfUnit(timezone, window.unit, one.sentAtMs);
}

function isInGap(gapMs: number, { one, atMs }: { one: Standing; atMs: number }): boolean {
  if (one === 'free') return false;
  return 'heldUntilMs' in one ? atMs < one.heldUntilMs : atMs - one.sentAtMs < gapMs;
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
