import type { Traits } from '../core/traits.js';
import type { StoredHabits } from './habitsBySegment.js';
import type { HabitsCourse } from './habitsCourse.js';
import type { HabitsStore } from './habitsStore.js';
import { LearningTimes } from './learningTimes.js';
import type { StoredTouchPolicy, TouchPolicyStore } from './touchPolicyStore.js';

/** The truth's word on what learning went by, read on from where it was read before. */
export class LearningHistory {
  readonly #stores: {
    readonly policies: Pick<TouchPolicyStore, 'learningSince'>;
    readonly habits: Pick<HabitsStore, 'since'>;
  };
  readonly #policies: StoredTouchPolicy[] = [];
  readonly #habits: StoredHabits[] = [];
  #times = new LearningTimes({ policies: [], habits: [] });

  constructor(stores: {
    policies: Pick<TouchPolicyStore, 'learningSince'>;
    habits: Pick<HabitsStore, 'since'>;
  }) {
    this.#stores = stores;
  }

  /** As the truth has it now; two reads of what is new. Rejects with `UnavailableError`. */
  async times(): Promise<LearningTimes> {
    const { policies, habits } = this.#stores;
    const [newPolicies, newHabits] = await Promise.all([
      policies.learningSince(this.#policies.at(-1)?.policy.version ?? -1),
      habits.since(this.#habits.at(-1)?.fromMs ?? Number.MIN_SAFE_INTEGER),
    ]);
    // Another call may have read the same meanwhile.
    const lastVersion = this.#policies.at(-1)?.policy.version ?? -1;
    const lastFromMs = this.#habits.at(-1)?.fromMs ?? Number.NEGATIVE_INFINITY;
    const [morePolicies, moreHabits] = [
      newPolicies.filter(({ policy }) => policy.version > lastVersion),
      newHabits.filter(({ fromMs }) => fromMs > lastFromMs),
    ];
    if (morePolicies.length + moreHabits.length > 0) {
      this.#policies.push(...morePolicies);
      this.#habits.push(...moreHabits);
      this.#times = new LearningTimes({ policies: [...this.#policies], habits: [...this.#habits] });
    }
    return this.#times;
  }

  /** The latest habits that were read. */
  get lastHabits(): StoredHabits | undefined {
    return this.#habits.at(-1);
  }

  /** What is believed of such a person, as it was read last. */
  habitsOf(traits: Traits): HabitsCourse {
    return this.#times.habitsCourse(traits);
  }
}
