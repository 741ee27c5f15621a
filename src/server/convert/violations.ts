import { oneOfRule, type Violation } from '../../core/errors.js';
import { CHANNELS, OVERRIDE_ACTIONS } from '../../core/vocabulary.js';
import { TOUCH_OUTCOMES } from '../../touch/touch.js';
import { CAP_COUNTS } from '../../touch/touchFailure.js';
import { CALENDAR_UNITS, SCOPE_PARTS } from '../../touch/touchPolicy.js';

/** Words that rules list, and what they begin with in the contract. */
const LISTED: readonly (readonly [words: readonly string[], prefix: string])[] = [
  [CHANNELS, 'CHANNEL'],
  [TOUCH_OUTCOMES, 'OUTCOME'],
  // The user is in every scope, and in none of the contract's.
  [SCOPE_PARTS.filter((part) => part !== 'user'), 'CAP_SCOPE'],
  [CALENDAR_UNITS, 'CALENDAR_UNIT'],
  [CAP_COUNTS, 'CAP_COUNTS'],
  [OVERRIDE_ACTIONS, 'OVERRIDE_ACTION'],
];

const IN_CONTRACT = LISTED.map(([words, prefix]) => {
  const names = words.map((word) => `${prefix}_${word.toUpperCase()}`);
  return { rule: oneOfRule(words), named: oneOfRule(names) };
});

/** Violations for a caller, who writes enums by the contract's names where files and rooms have words. */
export function fromViolations(violations: readonly Violation[]): Violation[] {
  return violations.map(({ field, rule }) => ({
    field,
    rule: IN_CONTRACT.reduce((text, listed) => text.replace(listed.rule, listed.named), rule),
  }));
}
