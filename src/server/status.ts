import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import {
  FailedPreconditionError,
  InvalidInputError,
  NotFoundError,
  UnavailableError,
  type Violation,
} from '../core/errors.js';
import { badRequestDetails } from './badRequestDetails.js';
import { fromViolations } from './convert/violations.js';

/** Violations that are named to the caller; the rest are counted. Trailers have to stay small. */
export const MAX_NAMED_VIOLATIONS = 20;
const MAX_TEXT_LENGTH = 2_000;

/** A status for the caller, and whether somebody should look at what caused it. */
export interface PublicStatus extends StatusObject {
  readonly isFault: boolean;
}

/**
 * The one place where an error becomes a status code and public text. Anything that is not a typed
 * error of ours is INTERNAL and says nothing of our insides; the log gets the cause.
 */
export function toStatus(error: unknown): PublicStatus {
  if (error instanceof InvalidInputError) return invalidArgument(error.violations);
  if (error instanceof NotFoundError) return plain(status.NOT_FOUND, error.message);
  if (error instanceof FailedPreconditionError) return plain(status.FAILED_PRECONDITION, error.message);
  if (error instanceof UnimplementedError) return plain(status.UNIMPLEMENTED, error.message);
  if (error instanceof StoppingError) {
    return plain(status.UNAVAILABLE, 'the server is stopping; send again what was not answered');
  }
  if (error instanceof UnavailableError) {
    const text = 'state cannot be read or written now; nothing was acknowledged, retry later';
    return { ...plain(status.UNAVAILABLE, text), isFault: true };
  }
  return { ...plain(status.INTERNAL, 'internal error; the log of the server has more'), isFault: true };
}

/** The call is part of the contract and comes with later work. */
export class UnimplementedError extends Error {
  override readonly name = 'UnimplementedError';
}

/** The server is stopping and ends a stream that could go on for ever. */
export class StoppingError extends Error {
  override readonly name = 'StoppingError';
}

/** Field and rule of the first violations in words, and as `google.rpc.BadRequest` for programs. */
function invalidArgument(violations: readonly Violation[]): PublicStatus {
  const named = fromViolations(violations.slice(0, MAX_NAMED_VIOLATIONS));
  const more = violations.length - named.length;
  const text = [
    ...named.map(({ field, rule }) => `${field}: ${rule}`),
    ...(more > 0 ? [`and ${more} more`] : []),
  ].join('; ');
  const result = plain(status.INVALID_ARGUMENT, text);
  result.metadata.set(
    'grpc-status-details-bin',
    badRequestDetails({ code: result.code, text: result.details, violations: named }),
  );
  return result;
}

function plain(code: status, text: string): PublicStatus {
  return { code, details: shorten(text), metadata: new Metadata(), isFault: false };
}

/** Cuts between characters: half of a surrogate pair could not be sent. */
function shorten(text: string): string {
  if (text.length <= MAX_TEXT_LENGTH) return text;
  return `${text.slice(0, MAX_TEXT_LENGTH).replace(/[\ud800-\udbff]$/, '')}…`;
}
