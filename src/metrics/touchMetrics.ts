import { Counter, type Registry } from 'prom-client';
import type { TouchDecision } from '../touch/decideTouch.js';
import { notRefused } from '../touch/touchBatch.js';
import type { MeasuredUseCases } from './useCaseMetrics.js';

type TouchCalls = MeasuredUseCases['touch'];

/** Counts what touch control answers, and what it finds in the logs that it reads. */
export function createTouchMetrics(registry: Registry): { measure(calls: TouchCalls): TouchCalls } {
  const registers = [registry];
  const decisions = new Counter({
    name: 'tagrank_touch_decisions_total',
    help: 'Decisions by call, kind (allow, delay, deny) and reason; an answer that was only repeated is none.',
    labelNames: ['call', 'kind', 'reason'],
    registers,
  });
  const overshoot = new Counter({
    name: 'tagrank_touch_overshoot_total',
    help:
      'Decisions that found more messages sent under a cap than it allows, none of them by a late commit, that of a permit that was taken, or a bypass. ' +
      'Must stay 0, but for what was sent before a cap was lowered or two ids were linked, until it leaves the window.',
    registers,
  });
  const lateCommits = new Counter({
    name: 'tagrank_touch_late_commits_total',
    help: 'Messages that were sent after their permit had run out; they count, also where a cap was full by then.',
    registers,
  });

  const takenCommits = new Counter({
    name: 'tagrank_touch_taken_commits_total',
    help: 'Messages that were sent though a message of higher priority had taken their slot; they count, also where a cap was full by then.',
    registers,
  });

  function count(call: 'can_touch' | 'reserve_touch', { kind, reason, rules }: TouchDecision): void {
    decisions.inc({ call, kind, reason });
    if (rules.some((state) => state.kind === 'cap' && state.overshoot > 0)) overshoot.inc();
  }

  return {
    measure: ({ canTouch, canTouchBatch, reserveTouch, reserveTouchBatch, commitTouch }) => ({
      async canTouchBatch(inputs) {
        const answers = await canTouchBatch(inputs);
        for (const decision of notRefused(answers)) count('can_touch', decision);
        return answers;
      },
      async reserveTouchBatch(inputs) {
        const answers = await reserveTouchBatch(inputs);
        for (const { decision, repeated } of notRefused(answers)) {
          if (!repeated) count('reserve_touch', decision);
        }
        return answers;
      },
      async canTouch(input) {
        const decision = await canTouch(input);
        count('can_touch', decision);
        return decision;
      },
      async reserveTouch(input) {
        const answer = await reserveTouch(input);
        if (!answer.repeated) count('reserve_touch', answer.decision);
        return answer;
      },
      async commitTouch(input) {
        const answer = await commitTouch(input);
        if (answer.late && !answer.repeated) lateCommits.inc();
        if (answer.taken && !answer.repeated) takenCommits.inc();
        return answer;
      },
    }),
  };
}
