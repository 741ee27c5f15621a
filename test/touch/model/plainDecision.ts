import type { TouchDecision } from '../../../src/touch/decideTouch.js';
import type { RuleState } from '../../../src/touch/ruleState.js';
import type { TouchReason } from '../../../src/touch/touch.js';
import {
  isEnforced,
  type PlainAnswer,
  type PlainCap,
  type PlainDecision,
  type PlainQuestion,
} from './plainRules.js';

/** What the contract lets a decision be: between the two readings, which are one where nothing is in doubt. */
export interface Bounds {
  readonly least: PlainDecision;
  readonly most: PlainDecision;
}

/** Thrown where the room and the plain one disagree. */
export class Disagreement extends Error {}

export function agree(holds: boolean, complaint: () => string): void {
  if (!holds) throw new Disagreement(complaint());
}

/** Holds a decision that is not about being left alone against what the rules say by their words. */
export function agreeOnDecision(decision: TouchDecision, bounds: Bounds, question: PlainQuestion): void {
  const [least, most] = [bounds.least.withoutLower, bounds.most.withoutLower];
  const { nowMs, deadlineMs = Number.POSITIVE_INFINITY, policy } = question;
  const opensMs = openedAt(decision);
  const told = () =>
    `${JSON.stringify(decision)} though by the rules it opens from ${at(least.opensMs)} to ${at(most.opensMs)}`;
  agree(least.opensMs <= opensMs && opensMs <= most.opensMs, told);
  agree(decision.decidedAtMs === nowMs && decision.policyVersion === policy.version, told);
  const isDenied = !Number.isFinite(opensMs) || Math.max(opensMs, nowMs) > deadlineMs;
  const kind = isDenied ? 'deny' : opensMs > nowMs ? 'delay' : 'allow';
  agree(decision.kind === kind, told);
  agreeOnStates(decision.rules, { least: bounds.least.rules, most: bounds.most.rules }, nowMs);
  if (bounds.least === bounds.most) agreeOnReason(decision, bounds.least, question);
}

function openedAt(decision: TouchDecision): number {
  if (decision.kind === 'allow') return decision.decidedAtMs;
  return decision.notBeforeMs ?? Number.POSITIVE_INFINITY;
}

function agreeOnStates(
  states: readonly RuleState[],
  { least, most }: { least: PlainAnswer; most: PlainAnswer },
  nowMs: number,
): void {
  const told = () => `${JSON.stringify(states)} though by the rules ${JSON.stringify([least, most])}`;
  agree(states.length === least.caps.length + least.quiet.length, told);
  states.forEach((state, i) => {
    const opensMs = state.opensAtMs ?? Number.POSITIVE_INFINITY;
    agree(state.passes === (opensMs === nowMs), told);
    if (state.kind === 'quiet_hours') {
      const quiet = least.quiet[i - least.caps.length];
      agree(quiet?.rule.id === state.ruleId && quiet.enforcement === state.enforcement, told);
      agree(quiet?.opensMs === opensMs, told);
      return;
    }
    if (state.kind === 'good_hour') throw new Disagreement(told());
    const [low, high] = [least.caps[i], most.caps[i]];
    if (low === undefined || high === undefined) throw new Disagreement(told());
    agree(low.rule.id === state.ruleId && low.enforcement === state.enforcement, told);
    agree(low.used <= state.used && state.used <= high.used && state.cap === low.rule.cap, told);
    agree(low.opensMs <= opensMs && opensMs <= high.opensMs, told);
    if (least === most) agree(state.nextFreeAtMs === low.nextFreeMs && state.held === low.held, told);
  });
}

/** Of those that refuse the one that opens last; of those that allow the one with the fewest slots left. */
function agreeOnReason(
  { ruleId, reason }: TouchDecision,
  { rules, withoutLower }: PlainDecision,
  { nowMs, deadlineMs }: PlainQuestion,
): void {
  const { caps, quiet } = rules;
  const told = () => `${ruleId} ${reason} though by the rules ${JSON.stringify({ rules, withoutLower })}`;
  const isTooLate = deadlineMs !== undefined && nowMs > deadlineMs;
  const [refusing, barring] = [refusingIn(rules, nowMs), refusingIn(withoutLower, nowMs)];
  if (refusing.length === 0) {
    const bypassed = [...caps, ...quiet].filter(
      (state) => state.enforcement === 'bypassed' && state.opensMs > nowMs,
    );
    const fewest = Math.min(...caps.filter(isEnforced).map(slotsLeft));
    const tightest = caps.filter((cap) => isEnforced(cap) && slotsLeft(cap) === fewest);
    const deciding = bypassed.length > 0 ? bypassed : tightest;
    agree(deciding.length === 0 ? ruleId === 'no_rule' : isOneOf(deciding, ruleId), told);
    agree(reason === (isTooLate ? 'after_deadline' : bypassed.length > 0 ? 'bypass' : 'within_caps'), told);
    return;
  }
  const deciding = lastToOpen(barring.length > 0 ? barring : refusing);
  agree(isOneOf(deciding, ruleId), told);
  const { opensMs } = withoutLower;
  if (barring.length === 0) agree(reason === (isTooLate ? 'after_deadline' : 'takes_reservation'), told);
  else if (!Number.isFinite(opensMs)) {
    const isForbidden = deciding.every((state) => !Number.isFinite(state.opensMs));
    agree(reason === (isForbidden ? 'forbidden' : 'never_open'), told);
  } else if (deadlineMs !== undefined && opensMs > deadlineMs) agree(reason === 'after_deadline', told);
  else
    agree(
      deciding.some((state) => state.rule.id === ruleId && refusalOf(state) === reason),
      told,
    );
}

type PlainState = PlainAnswer['caps'][number] | PlainAnswer['quiet'][number];

function refusingIn({ caps, quiet }: PlainAnswer, nowMs: number): readonly PlainState[] {
  return [...caps, ...quiet].filter((state) => isEnforced(state) && state.opensMs > nowMs);
}

function lastToOpen(states: readonly PlainState[]): readonly PlainState[] {
  const lastMs = Math.max(...states.map(({ opensMs }) => opensMs));
  return states.filter(({ opensMs }) => opensMs === lastMs);
}

function isOneOf(states: readonly PlainState[], ruleId: string): boolean {
  return states.some(({ rule }) => rule.id === ruleId);
}

function refusalOf(state: PlainState): TouchReason {
  if (!('roomOpensMs' in state)) return 'quiet_hours';
  if (state.gapOpensMs > state.roomOpensMs) return 'min_gap';
  return state.used < state.rule.cap ? 'slots_held' : 'cap_reached';
}

function slotsLeft({ rule, used, held }: PlainCap): number {
  return rule.cap - used - held;
}

function at(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : 'never';
}
