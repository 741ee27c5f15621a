import type { TouchDecision } from '../../../src/touch/decideTouch.js';
import type { Came } from './plainRoom.js';

/** How much was looked at. */
export type Counts = Record<
  | 'histories'
  | 'commands'
  | 'decisions'
  | 'refusals'
  | 'notBefores'
  | 'permits'
  | 'commits'
  | 'lateCommits'
  | 'taken'
  | 'reports'
  | 'brokenOff'
  | 'atOnce',
  number
>;

export const NOTHING: Counts = {
  histories: 0,
  commands: 0,
  decisions: 0,
  refusals: 0,
  notBefores: 0,
  permits: 0,
  commits: 0,
  lateCommits: 0,
  taken: 0,
  reports: 0,
  brokenOff: 0,
  atOnce: 0,
};

export function sumOf(a: Counts, b: Counts): Counts {
  const names = Object.keys(NOTHING) as (keyof Counts)[];
  return Object.fromEntries(names.map((name) => [name, a[name] + b[name]])) as Counts;
}

/** What is in the answer to one call. */
export function countsOf(came: Came<unknown>): Counts {
  const one = (holds: boolean): number => (holds ? 1 : 0);
  if (came.how !== 'answered') return { ...NOTHING, brokenOff: one(came.how === 'broken off') };
  const decision = decisionIn(came.answer);
  const answer = came.answer as
    | { permit?: unknown; repeated?: boolean; late?: boolean; reported?: true }
    | undefined;
  const isFirst = answer?.repeated === false;
  const isPermit = isFirst && answer.permit !== undefined;
  return {
    ...NOTHING,
    decisions: one(decision !== undefined),
    refusals: one(decision !== undefined && decision.kind !== 'allow'),
    permits: one(isPermit),
    taken: isPermit ? (decision?.takes.length ?? 0) : 0,
    commits: one(isFirst && answer.late !== undefined),
    reports: one(answer?.reported === true),
    lateCommits: one(isFirst && answer.late === true),
  };
}

export function decisionIn(answer: unknown): TouchDecision | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  if ('decision' in answer) return answer.decision as TouchDecision;
  return 'decidedAtMs' in answer ? (answer as TouchDecision) : undefined;
}
