import { ConfigError } from '../config.js';
import {
  FailedPreconditionError,
  InvalidInputError,
  NotFoundError,
  UnavailableError,
} from '../core/errors.js';
import { EXIT, type ExitCode } from './exitCodes.js';

/**
 * How a command that threw ends, and what standard error says of it: a line a problem for what
 * people do wrong, the stack for what we did.
 */
export function explainError(error: unknown): { readonly code: ExitCode; readonly lines: readonly string[] } {
  if (error instanceof ConfigError) {
    return { code: EXIT.badUsage, lines: error.problems.map((problem) => `error: ${problem}`) };
  }
  if (error instanceof InvalidInputError) {
    return {
      code: EXIT.badUsage,
      lines: error.violations.map(({ field, rule }) => `error: ${field}: ${rule}`),
    };
  }
  if (
    error instanceof FailedPreconditionError ||
    error instanceof UnavailableError ||
    error instanceof NotFoundError
  ) {
    return { code: EXIT.failed, lines: [`error: ${[error.message, ...causesOf(error)].join(': ')}`] };
  }
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: EXIT.failed, lines: [`error: unexpected: ${told}`] };
}

/** The messages of the causes that the message itself does not tell. */
function causesOf(error: Error): string[] {
  const messages: string[] = [];
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    if (!error.message.includes(cause.message)) messages.push(cause.message);
  }
  return messages;
}
