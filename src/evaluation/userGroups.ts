import type { EvaluatedUser } from './split.js';

/** People who are averaged apart, or part of their targets that is looked at apart. */
export interface UserGroup {
  readonly name: string;
  /** What a list should have held for this user; empty: the user is not in the group. */
  targetsOf(user: EvaluatedUser): readonly string[];
}

const allTargets = (user: EvaluatedUser) => [...user.seenTargets, ...user.newTargets];

const byHistory = (name: string, from: number, to: number): UserGroup => ({
  name,
  targetsOf: (user) => (user.historyLength >= from && user.historyLength <= to ? allTargets(user) : []),
});

/**
 * `seen_targets` and `new_targets` judge the list as it stands against one kind of target alone,
 * over the people who have any of that kind: a place given to the other kind is a place lost.
 */
export const USER_GROUPS: readonly UserGroup[] = [
  byHistory('all', 0, Infinity),
  byHistory('warm', 1, Infinity),
  byHistory('cold', 0, 0),
  byHistory('history_1_2', 1, 2),
  byHistory('history_3_10', 3, 10),
  byHistory('history_11_up', 11, Infinity),
  { name: 'seen_targets', targetsOf: (user) => user.seenTargets },
  { name: 'new_targets', targetsOf: (user) => user.newTargets },
];
