import { FailedPreconditionError, NotFoundError } from '../core/errors.js';
import type { EpochMs } from '../core/time.js';
import { appendDone, beginsMs } from './appendDone.js';
import { withPermit } from './atHome.js';
import { permitOwner } from './permitId.js';
import type { TouchDependencies } from './touchDependencies.js';

export interface CommitTouchInput {
  readonly permitId: string;
  /** Fails, counting nothing, where the slot is gone or the person is left alone: for whoever commits right before sending. */
  readonly onlyIfHeld?: boolean;
}

export interface CommitTouchOutput {
  /** The reservation had run out before; the message counts all the same. */
  readonly late: boolean;
  /** The slot had gone to a touch of higher priority before (C4); the message counts all the same. */
  readonly taken: boolean;
  /** When it was committed first. */
  readonly committedAtMs: EpochMs;
  readonly repeated: boolean;
}

export type CommitTouch = (input: CommitTouchInput) => Promise<CommitTouchOutput>;

/**
 * The message of a permit went out, or is about to (`onlyIfHeld`); idempotent. In the store it counts from the first call on,
 * even when the ledger cannot be written: the caller then repeats the call until it is.
 *
 * Throws `InvalidInputError` for what is no permit id, `NotFoundError` for one that is unknown or
 * long pruned, `FailedPreconditionError` for one that was released, or where `onlyIfHeld` one whose slot
 * is gone or whose person is left alone, `UnavailableError`.
 */
export function createCommitTouch({
  store,
  ledger,
  clock,
  ledgerSettle,
  ...people
}: Omit<TouchDependencies, 'policy'>): CommitTouch {
  const durably = { store, ledger, ledgerSettle };

  return async ({ permitId, onlyIfHeld }) => {
    const { userId } = permitOwner(permitId);
    const done = await withPermit({ userId, ...people }, (homeId) =>
      commitIn(homeId, { userId, permitId, onlyIfHeld }),
    );
    if (done === undefined)
      throw new NotFoundError(
        `permit_id: ${permitId} is not known, or its touch ended more than 72 hours ago`,
      );
    return done;
  };

  async function commitIn(
    homeId: string,
    { userId, permitId, onlyIfHeld }: CommitTouchInput & { userId: string },
  ): Promise<CommitTouchOutput | undefined> {
    const beganMs = beginsMs(durably);
    const outcome = await store.commit({
      ...{ userId, homeId, permitId, nowMs: clock.nowMs() },
      ...(onlyIfHeld && { onlyIfHeld }),
    });
    if (outcome.kind === 'unknown') return undefined;
    if (outcome.kind === 'released') {
      throw new FailedPreconditionError(`permit_id: ${permitId} was released and cannot be committed`);
    }
    if (outcome.kind === 'left_alone') {
      throw new FailedPreconditionError(
        `permit_id: ${permitId} is for a person who wants to be left alone since; send nothing, and release it`,
      );
    }
    if (outcome.kind === 'not_held') {
      const why = outcome.taken ? 'a message of higher priority took it' : 'its time ran out';
      throw new FailedPreconditionError(
        `permit_id: ${permitId} holds no slot any more, ${why}; send nothing, and ask again with its request_id`,
      );
    }
    const { state } = outcome.record;
    if (state.status !== 'committed') throw new Error('a commit left its record uncommitted');
    const { sentAtMs, late, taken } = state;
    const entry = {
      kind: 'committed',
      userId: homeId,
      permitId,
      atMs: sentAtMs,
      late,
      ...(taken && { taken }),
    } as const;
    await appendDone(entry, { ...durably, beganMs });
    return { late, taken: taken === true, committedAtMs: sentAtMs, repeated: outcome.repeated };
  }
}
