import type { EpochMs } from '../core/time.js';
import type { Traits } from '../core/traits.js';
import { DEFAULT_HABITS, type Habits } from './habits.js';
import { habitsOf, type StoredHabits } from './habitsBySegment.js';
import type { HabitsCourse } from './habitsCourse.js';
import { toleranceContext } from './learnedRules.js';
import { isLearnedKind, type LearningPolicy } from './learningPolicy.js';
import type { ToleranceContext } from './tolerance.js';
import type { TouchPolicy } from './touchPolicy.js';
import type { StoredTouchPolicy } from './touchPolicyStore.js';

/** A policy by which something is learned. */
type LearningTouchPolicy = TouchPolicy & { readonly learning: LearningPolicy };

/**
 * What learning went by at every moment: the policies and the habits as they were in force, for ever. Each
 * signal of a person is taken by what held at its own time, so what is learned of them follows from
 * what happened and from nothing else: not from when it is folded, nor by whom, nor how often.
 *
 * Before the first policy that learns that one holds, and while learning was off the last one before:
 * so a switch loses no evidence.
 */
export class LearningTimes {
  readonly #policies: readonly { readonly policy: LearningTouchPolicy; readonly storedAtMs: EpochMs }[];
  readonly #habits: readonly StoredHabits[];

  /** Both in the order in which they came into force; policies that learn nothing are left out. */
  constructor({
    policies,
    habits,
  }: {
    policies: readonly StoredTouchPolicy[];
    habits: readonly StoredHabits[];
  }) {
    this.#policies = policies.flatMap(({ policy, storedAtMs }) => {
      const { learning } = policy;
      return learning === undefined ? [] : [{ policy: { ...policy, learning }, storedAtMs }];
    });
    this.#habits = habits;
  }

  /** Whether anything was ever to be learned. */
  get isAny(): boolean {
    return this.#policies.length > 0;
  }

  isLearned(campaignType: string, atMs: EpochMs): boolean {
    const policy = this.#policyAt(atMs);
    return policy !== undefined && isLearnedKind(policy, campaignType);
  }

  /** Undefined where nothing was ever to be learned. */
  contextAt(atMs: EpochMs, traits: Traits): ToleranceContext | undefined {
    const policy = this.#policyAt(atMs);
    return policy && toleranceContext(policy.learning, this.habitsAt(atMs, traits));
  }

  habitsAt(atMs: EpochMs, traits: Traits): Habits {
    const stored = this.#habits.findLast(({ fromMs }) => fromMs <= atMs);
    return stored === undefined ? DEFAULT_HABITS : habitsOf(stored, traits);
  }

  habitsCourse(traits: Traits): HabitsCourse {
    return {
      at: (atMs) => this.habitsAt(atMs, traits),
      nextAfter: (atMs) => this.#nextHabits(atMs),
    };
  }

  #nextHabits(afterMs: EpochMs): EpochMs | undefined {
    const last = this.#habits.findLastIndex(({ fromMs }) => fromMs <= afterMs);
    return this.#habits[last + 1]?.fromMs;
  }

  #policyAt(atMs: EpochMs): LearningTouchPolicy | undefined {
    const inForce = this.#policies.findLast(({ storedAtMs }) => storedAtMs <= atMs) ?? this.#policies[0];
    return inForce?.policy;
  }
}
