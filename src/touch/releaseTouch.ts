import { FailedPreconditionError, NotFoundError } from '../core/errors.js';
import { appendOrUnavailable } from './appendOrUnavailable.js';
import { withPermit } from './atHome.js';
import { permitOwner } from './permitId.js';
import type { TouchDependencies } from './touchDependencies.js';

export interface ReleaseTouchInput {
  readonly permitId: string;
}

export interface ReleaseTouchOutput {
  /** The reservation had run out before; nothing was held any more. False for a repeat. */
  readonly expired: boolean;
  /** The slot had gone to a touch of higher priority before; nothing was held any more. False for a repeat. */
  readonly taken: boolean;
}

export type ReleaseTouch = (input: ReleaseTouchInput) => Promise<ReleaseTouchOutput>;

/**
 * The message of a permit will not go out: its slot is free; idempotent.
 *
 * Throws `InvalidInputError` for what is no permit id, `NotFoundError` for one that is unknown or
 * long pruned, `FailedPreconditionError` for one that was committed, `UnavailableError`.
 */
export function createReleaseTouch({
  store,
  ledger,
  clock,
  ...people
}: Omit<TouchDependencies, 'policy'>): ReleaseTouch {
  return async ({ permitId }) => {
    const { userId } = permitOwner(permitId);
    const done = await withPermit({ userId, ...people }, (homeId) => releaseIn(homeId, { userId, permitId }));
    if (done === undefined)
      throw new NotFoundError(
        `permit_id: ${permitId} is not known, or its touch ended more than 72 hours ago`,
      );
    return done;
  };

  async function releaseIn(
    homeId: string,
    { userId, permitId }: { userId: string; permitId: string },
  ): Promise<ReleaseTouchOutput | undefined> {
    const nowMs = clock.nowMs();
    const outcome = await store.release({ userId, homeId, permitId, nowMs });
    if (outcome.kind === 'unknown') return undefined;
    if (outcome.kind === 'committed') {
      throw new FailedPreconditionError(`permit_id: ${permitId} was committed and cannot be released`);
    }
    await appendOrUnavailable(ledger, { kind: 'released', userId: homeId, permitId, atMs: nowMs });
    return { expired: outcome.expired, taken: outcome.taken };
  }
}
