import type { Clock } from '../core/time.js';
import type { IdentityStore, PersonalId } from './identityStore.js';
import { type RawIdentityLink, validateIdentityLink, validateUserId } from './validateIdentity.js';

export interface LinkIdentityAnswer {
  readonly personId: string;
  /** Whether two persons became one by this call. */
  readonly merged: boolean;
}

export interface UnlinkIdentityAnswer {
  /** The person whom the id was taken from, as they are now; absent when it was alone. */
  readonly rest?: { readonly personId: string; readonly ids: readonly PersonalId[] };
  /** Whether the id had been linked until this call. */
  readonly unlinked: boolean;
}

export type LinkIdentity = (link: RawIdentityLink) => Promise<LinkIdentityAnswer>;
export type UnlinkIdentity = (userId: string) => Promise<UnlinkIdentityAnswer>;

export interface IdentityDeps {
  readonly identities: IdentityStore;
  /** Told of ids whose person may have changed; resolves when they are read as who they are now. */
  readonly onChanged: (userIds: readonly string[]) => Promise<void>;
  /** See `createSettleTouches`. */
  readonly settleTouches: (userId: string, options?: { parted?: boolean }) => Promise<void>;
  readonly clock: Clock;
}

/**
 * Two ids are one person from now on (T7). First the truth, durably; then the online state and the
 * touches follow it, each of which can be done again: so a repeat of the call completes one that
 * failed, and one that is done already changes nothing.
 *
 * Throws `InvalidInputError`; `FailedPreconditionError` for a person of too many ids;
 * `UnavailableError`, and then part of it may be done.
 */
export function createLinkIdentity({
  identities,
  onChanged,
  settleTouches,
  clock,
}: IdentityDeps): LinkIdentity {
  return async (raw) => {
    const link = validateIdentityLink(raw);
    const { personId, changed } = await identities.link({ ...link, nowMs: clock.nowMs() });
    await onChanged([link.userId, link.otherId]);
    await settleTouches(link.userId);
    return { personId, merged: changed };
  };
}

/**
 * Takes an id out of its person (T7): behaviours stayed under the ids that they came with, so both
 * sides are read anew without the other. As with a link, a repeat completes what failed. (It also heeds once more
 * what the id said itself, in doubt it is left alone: an older refusal that was reported since holds from then on.)
 *
 * Throws `InvalidInputError`, `UnavailableError`.
 */
export function createUnlinkIdentity({
  identities,
  onChanged,
  settleTouches,
  clock,
}: IdentityDeps): UnlinkIdentity {
  return async (unchecked) => {
    const otherId = validateUserId(unchecked);
    const others = (await idsOfPerson(identities, otherId))
      .map(({ userId }) => userId)
      .filter((userId) => userId !== otherId);
    const { changed } = await identities.unlink({ otherId, nowMs: clock.nowMs() });
    await onChanged([otherId, ...others]);
    await settleTouches(otherId, { parted: true });
    const [anyOther] = others;
    if (anyOther === undefined) return { unlinked: changed };
    await settleTouches(anyOther, { parted: true });
    const ids = await idsOfPerson(identities, anyOther);
    const personId = (await identities.personOf([anyOther])).get(anyOther) ?? anyOther;
    return { unlinked: changed, rest: { personId, ids } };
  };
}

/** All ids of the person that an id belongs to, the id itself included, by id. */
export async function idsOfPerson(
  identities: Pick<IdentityStore, 'personOf' | 'membersOf'>,
  userId: string,
): Promise<readonly PersonalId[]> {
  const personId = (await identities.personOf([userId])).get(userId) ?? userId;
  return identities.membersOf(personId);
}
