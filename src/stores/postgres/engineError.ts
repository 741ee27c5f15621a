import { InvalidInputError, UnavailableError } from '../../core/errors.js';

/**
 * The typed error for what an engine threw. SQLSTATE class 22 is a value that PostgreSQL cannot hold
 * (a NUL in a text, a number out of range): no retry mends it, and validators should have refused it.
 * Anything else may pass on a retry.
 */
export function engineError(cause: unknown): InvalidInputError | UnavailableError {
  if (cause instanceof InvalidInputError || cause instanceof UnavailableError) return cause;
  const message = messageOf(cause);
  if (sqlState(cause)?.startsWith('22')) {
    const refused = new InvalidInputError({ field: 'value', rule: `must be storable: ${message}` });
    refused.cause = cause;
    return refused;
  }
  return new UnavailableError(`database: ${message}`, { cause });
}

/**
 * Whether the connection that `error` came from is of no further use: the engine did not answer, is
 * going away (classes 08 and 57P), or no longer takes writes (25006, after a failover).
 */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof UnavailableError)) return false;
  const state = sqlState(error.cause);
  return state === undefined || state.startsWith('08') || state.startsWith('57P') || state === '25006';
}

/**
 * Whether the failure is the engine's own and would meet any other statement too: beside a lost
 * connection a lock that was not to be had (class 55), resources that ran out (53), an operator or a
 * machine in the way (57, 58).
 */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof UnavailableError)) return false;
  return isConnectionLost(error) || /^(53|55|57|58)/.test(sqlState(error.cause) ?? '');
}

/** What PostgreSQL calls the error; undefined when it was not PostgreSQL that spoke. */
export function sqlState(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return undefined;
  return typeof cause.code === 'string' && SQL_STATE.test(cause.code) ? cause.code : undefined;
}

/** Five characters with a digit among them, which codes of the system such as EPIPE do not have. */
const SQL_STATE = /^(?=.*\d)[0-9A-Z]{5}$/;

/** Where every address of a host refused, Node tells of each in `errors` and says nothing itself. */
function messageOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(messageOf).join('; ');
  return cause instanceof Error ? cause.message : String(cause);
}
