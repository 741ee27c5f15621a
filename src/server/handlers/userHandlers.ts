import { NotFoundError } from '../../core/errors.js';
import type { UserServiceServer } from '../../gen/tagrank/v1/user.js';
import type { CallContext } from '../callContext.js';
import { refuseWhenAllRejected } from '../convert/behaviour.js';
import { checkBatch, checkId } from '../convert/scalars.js';
import { toUpsertCounts } from '../convert/upsert.js';
import { fromPersonalId, fromUser, toRawUser } from '../convert/user.js';
import { unaryCall, unimplementedCall } from '../unaryCall.js';

export function userHandlers(context: CallContext): UserServiceServer {
  const { useCases } = context;
  return {
    upsertUsers: unaryCall(context, async ({ users }) => {
      checkBatch('users', users);
      const outcomes = await useCases.upsertUsers(users.map(toRawUser));
      refuseWhenAllRejected(outcomes);
      return toUpsertCounts(
        users.map(({ userId }) => userId),
        outcomes,
      );
    }),
    getUser: unaryCall(context, async ({ userId }) => {
      checkId('user_id', userId);
      const [user, ids] = await Promise.all([useCases.getUser(userId), useCases.idsOfPerson(userId)]);
      const others = ids.filter((id) => id.userId !== userId);
      if (user === undefined && others.length === 0) {
        throw new NotFoundError(`no user ${JSON.stringify(userId)}`);
      }
      return { user: fromUser(user ?? { userId, attributes: {} }), identities: others.map(fromPersonalId) };
    }),
    linkIdentity: unaryCall(context, async ({ userId, identity }) => {
      const { personId, merged } = await useCases.linkIdentity({ userId, identity });
      return { userId: personId, merged };
    }),
    unlinkIdentity: unaryCall(context, async ({ userId }) => {
      const { rest, unlinked } = await useCases.unlinkIdentity(userId);
      return {
        userId: rest?.personId ?? '',
        identities: (rest?.ids ?? []).map(fromPersonalId),
        unlinked,
      };
    }),
    eraseUser: unimplementedCall(context, 'EraseUser comes with later work'),
  };
}
