/**
 * The few errors that rooms and stores throw. `server/status.ts` alone turns them into gRPC
 * status codes and public text; `cause` is for the log, never for the caller.
 */

/** One thing wrong with an input: which field (a path such as `events[3].price_minor`), which rule. */
export interface Violation {
  readonly field: string;
  readonly rule: string;
}

/** The rule of a field that must have one of these words; the server puts the contract's names for them. */
export function oneOfRule(words: readonly string[]): string {
  return `must be one of ${words.join(', ')}`;
}

/** The caller sent something that no retry will mend. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
  readonly violations: readonly Violation[];

  constructor(violations: Violation | readonly Violation[]) {
    const list = Array.isArray(violations) ? (violations as readonly Violation[]) : [violations as Violation];
    super(list.map((violation) => `${violation.field}: ${violation.rule}`).join('; '));
    this.violations = list;
  }
}

/** The call needs something that does not exist. */
export class NotFoundError extends Error {
  override readonly name = 'NotFoundError';
}

/** The thing exists, but is in a state that forbids the call (a released permit is committed). */
export class FailedPreconditionError extends Error {
  override readonly name = 'FailedPreconditionError';
}

/** An engine that the call depends on cannot be read or written now; a retry may succeed. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}
