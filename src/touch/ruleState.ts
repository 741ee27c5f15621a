import type { EpochMs, TtlMs } from '../core/time.js';
import { calendarPeriod } from './calendarPeriod.js';
import { type CapCourse, fillAt, gapOpensAt, opensFrom, roomFrom } from './capCourse.js';
import { type GoodHourState, goodHourState, type HourQuestion } from './goodHourState.js';
import type { LearnedRules } from './learnedRules.js';
import { isHeldFor, isOfPromotion } from './promotion.js';
import { quietUntil } from './quietHours.js';
import { selects } from './selects.js';
import type { TouchContent } from './touch.js';
import { freesSlot } from './touchFailure.js';
import {
  type CapRule,
  campaignTypeFacts,
  type QuietHoursRule,
  type ScopePart,
  type TouchPolicy,
} from './touchPolicy.js';
import type { TouchRecord } from './userTouchLog.js';

/** Whether what a rule says is done: a shadow rule only watches, a bypassed one does not bind this kind. */
export type Enforcement = 'enforced' | 'shadow' | 'bypassed';

export interface RuleStateFacts {
  readonly ruleId: string;
  readonly enforcement: Enforcement;
  /** Whether this rule alone has room now, enforced or not. */
  readonly passes: boolean;
  /** The first instant, from now on, at which this rule alone has room; absent when never. */
  readonly opensAtMs?: EpochMs;
}

/** Where one rule stands for one question, before the touch that is asked about. */
export type RuleState =
  | (RuleStateFacts & {
      readonly kind: 'cap';
      readonly rule: CapRule;
      /** Touches that count now, reservations included; above `cap` after a late commit. */
      readonly used: number;
      /** Slots kept for announced promotions that this touch may not have: 0 to the cap. */
      readonly held: number;
      /** The promotions that those are kept for. */
      readonly heldFor: readonly string[];
      readonly cap: number;
      /** When the next used slot frees, if nothing else happens; absent when none is used. */
      readonly nextFreeAtMs?: EpochMs;
      /** Whether nobody has room, not even those that slots are held for. */
      readonly isFull: boolean;
      /** Whether it is the minimum gap, rather than the cap, that opens last. */
      readonly heldByGap: boolean;
      /** Messages above the cap that should not be there (`overshootOf`): 0, or a slot was given out twice. */
      readonly overshoot: number;
    })
  | (RuleStateFacts & { readonly kind: 'quiet_hours'; readonly rule: QuietHoursRule })
  | GoodHourState;

export interface RuleQuestion {
  readonly content: TouchContent;
  readonly policy: TouchPolicy;
  /** The user's, an IANA name. */
  readonly timezone: string;
  readonly nowMs: EpochMs;
  readonly deadlineMs?: EpochMs;
  /** For how long the slot would be held. */
  readonly ttlMs: TtlMs;
  /** What was learned of the person. */
  readonly learned?: LearnedRules;
}

/** A rule for one question: how it stands now and, of a cap, what follows if nothing else happens. */
export type RuleStanding =
  | { readonly state: CapState; readonly course: CapCourse }
  | { readonly state: Exclude<RuleState, { kind: 'cap' }>; readonly course?: undefined };

type CapState = Extract<RuleState, { kind: 'cap' }>;

/**
 * Each rule that is about this touch: the policy's caps in its order and the learned budget, the policy's
 * quiet hours and the good hour.
 */
export function ruleStandings(records: readonly TouchRecord[], question: RuleQuestion): RuleStanding[] {
  const { content, policy, learned, nowMs } = question;
  const facts = campaignTypeFacts(policy, content.campaignType);
  return [
    ...policy.caps
      .filter((rule) => selects(rule, content))
      .map((rule) => {
        const course = courseOf(rule, records, question);
        const bypassed = facts.bypassesCaps && !rule.ceiling;
        return { state: capState(rule, { course, nowMs, enforcement: enforcement(rule, bypassed) }), course };
      }),
    ...(learned?.budget === undefined ? [] : [budgetStanding(learned.budget.rule, { records, question })]),
    ...policy.quietHours
      .filter((rule) => selects(rule, content))
      .map((rule) => ({ state: quietState(rule, question, enforcement(rule, facts.bypassesQuietHours)) })),
    ...(learned?.hours === undefined
      ? []
      : [{ state: goodHourState(learned.hours, hourQuestion(question)) }]),
  ];
}

/** The rule as it would stand if these touches had never been asked for. */
export function standingWithout(
  standing: RuleStanding,
  records: readonly TouchRecord[],
  nowMs: EpochMs,
): RuleStanding {
  if (standing.course === undefined || records.length === 0) return standing;
  const { rule, enforcement } = standing.state;
  const touches = standing.course.touches.filter(({ record }) => !records.includes(record));
  const course = { ...standing.course, touches };
  return { state: capState(rule, { course, nowMs, enforcement }), course };
}

/** A budget shrinks while messages are out: more of them than it has now are nobody's fault. */
function budgetStanding(
  rule: CapRule,
  { records, question }: { records: readonly TouchRecord[]; question: RuleQuestion },
): RuleStanding {
  const course = courseOf(rule, records, question);
  const state = capState(rule, { course, nowMs: question.nowMs, enforcement: enforcement(rule, false) });
  return { state: { ...state, overshoot: 0 }, course };
}

function hourQuestion({ content, policy, timezone, nowMs, deadlineMs }: RuleQuestion): HourQuestion {
  const { bypassesQuietHours } = campaignTypeFacts(policy, content.campaignType);
  const quiet = bypassesQuietHours
    ? []
    : policy.quietHours.filter((rule) => !rule.shadow && selects(rule, content));
  return { timezone, nowMs, quiet, ...(deadlineMs !== undefined && { deadlineMs }) };
}

/**
 * A touch counts for a rule until a fixed moment, whatever the clock does before: a reservation
 * until it expires, a committed touch until the window has passed over it. So what is used only
 * shrinks as time goes by; what is held back for promotions comes and goes (`capCourse.ts`).
 */
function capState(
  rule: CapRule,
  { course, nowMs, enforcement }: { course: CapCourse; nowMs: EpochMs; enforcement: Enforcement },
): CapState {
  const holding = course.touches.filter(({ untilMs }) => untilMs > nowMs);
  const { used, held, heldFor } = fillAt(course, nowMs);
  const gapOpensMs = gapOpensAt(course);
  const opensAtMs = opensFrom(course, nowMs);
  return {
    kind: 'cap',
    ruleId: rule.id,
    rule,
    enforcement,
    used,
    held,
    heldFor,
    cap: rule.cap,
    passes: opensAtMs <= nowMs,
    isFull: used >= rule.cap || gapOpensMs > nowMs,
    heldByGap: gapOpensMs > roomFrom(course, nowMs),
    overshoot: overshootOf(
      rule,
      holding.map(({ record }) => record),
    ),
    ...(Number.isFinite(opensAtMs) && { opensAtMs }),
    ...(holding.length > 0 && { nextFreeAtMs: Math.min(...holding.map(({ untilMs }) => untilMs)) }),
  };
}

function courseOf(rule: CapRule, records: readonly TouchRecord[], question: RuleQuestion): CapCourse {
  const { content, policy, timezone, nowMs, ttlMs } = question;
  const { minGapMs } = rule;
  const endOf = windowEnd(rule, question);
  const holds = (policy.promotions ?? []).flatMap((promotion) => {
    const slots = promotion.heldSlots.find(({ ruleId }) => ruleId === rule.id)?.slots;
    return slots === undefined ? [] : [{ promotion, slots, binds: !isHeldFor(promotion, content) }];
  });
  const touches = records
    .filter((record) => counts(rule, record.content, question))
    .map((record) => ({
      record,
      untilMs: heldUntil(record, rule, endOf),
      gapUntilMs:
        minGapMs === undefined
          ? Number.NEGATIVE_INFINITY
          : heldUntil(record, rule, (sentAtMs) => sentAtMs + minGapMs),
      ofHolds: holds.filter(({ promotion }) => isOfPromotion(promotion, record.content)),
    }))
    .filter(({ untilMs, gapUntilMs }) => untilMs > nowMs || gapUntilMs > nowMs);
  return { rule, timezone, ttlMs, touches, holds };
}

/**
 * Messages sent above a cap that neither a bypass nor a commit after the slot was gone (run out, or taken)
 * explains. Every other one was let in while fewer than the cap were held, and a slot that is held stays
 * held until it is given back or taken, so they never become more than the cap, unless the log lost one of
 * them meanwhile. (Or the cap was higher then, or the log is that of two ids linked since: it does not say
 * what was known when.)
 */
function overshootOf(rule: CapRule, holding: readonly TouchRecord[]): number {
  if (rule.shadow) return 0;
  const unexplained = holding.filter(
    ({ state, reason }) =>
      state.status === 'committed' && !state.late && !state.taken && (rule.ceiling || reason !== 'bypass'),
  );
  return Math.max(0, unexplained.length - rule.cap);
}

function quietState(
  rule: QuietHoursRule,
  question: RuleQuestion,
  enforcement: Enforcement,
): Extract<RuleState, { kind: 'quiet_hours' }> {
  const opensAtMs = quietUntil(rule, question.timezone, question.nowMs);
  return {
    kind: 'quiet_hours',
    ruleId: rule.id,
    rule,
    enforcement,
    passes: opensAtMs === question.nowMs,
    opensAtMs,
  };
}

function heldUntil(
  { state, expiresAtMs, failed }: TouchRecord,
  { counts: counted }: CapRule,
  endOf: (sentAtMs: EpochMs) => EpochMs,
): EpochMs {
  switch (state.status) {
    case 'reserved':
      return expiresAtMs;
    case 'committed':
      return freesSlot(failed, counted) ? Number.NEGATIVE_INFINITY : endOf(state.sentAtMs);
    case 'expired':
    case 'released':
    case 'taken':
      return Number.NEGATIVE_INFINITY;
  }
}

/** When a touch sent at a moment leaves the window of a rule. */
function windowEnd(rule: CapRule, { timezone, nowMs }: RuleQuestion): (sentAtMs: EpochMs) => EpochMs {
  const { window } = rule;
  if (window.kind === 'rolling') return (sentAtMs) => sentAtMs + window.windowMs;
  const zoneUnit = { timezone, unit: window.unit };
  const current = calendarPeriod(zoneUnit, nowMs);
  return (sentAtMs) => {
    if (sentAtMs < current.startMs) return current.startMs;
    if (sentAtMs < current.endMs) return current.endMs;
    return calendarPeriod(zoneUnit, sentAtMs).endMs;
  };
}

/** Whether a touch of the log uses a slot that the touch asked about would need. */
function counts(rule: CapRule, logged: TouchContent, { content, policy }: RuleQuestion): boolean {
  return (
    selects(rule, logged) &&
    rule.scope.every((part) => sameFor[part](logged, content)) &&
    (rule.ceiling || campaignTypeFacts(policy, logged.campaignType).countsTowardCaps)
  );
}

const sameFor: Readonly<Record<ScopePart, (a: TouchContent, b: TouchContent) => boolean>> = {
  user: () => true,
  channel: (a, b) => a.channel === b.channel,
  shop: (a, b) => a.shopId === b.shopId,
  campaign_type: (a, b) => a.campaignType === b.campaignType,
};

function enforcement(rule: { readonly shadow: boolean }, bypassed: boolean): Enforcement {
  if (rule.shadow) return 'shadow';
  return bypassed ? 'bypassed' : 'enforced';
}
