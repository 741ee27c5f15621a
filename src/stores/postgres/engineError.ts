import { InvalidInputError, UnavailableError } from '../../core/errors.js';

/**
 * The typed error for what an engine threw. SQLSTATE class 22 is a value that PostgreSQL cannot hold
 * (a NUL in a text, a number out of range): no retry mends it, and validators should have refused it.
 * Anything else may pass on a retry.
 */
export function engineError(cause: unknown): InvalidInputError | UnavailableError {
  if (cause instanceof InvalidInputError || cause instanceof UnavailableError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  if (sqlState(cause)?.startsWith('22')) {
    const refused = new InvalidInputError({ field: 'value', rule: `must be storable: ${message}` });
    refused.cause = cause;
    return refused;
  }
  return new UnavailableError(`database: ${message}`, { cause });
}

function sqlState(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return undefined;
  return typeof cause.code === 'string' ? cause.code : undefined;
}
