import { NotFoundError } from '../../core/errors.js';
import type { UserServiceServer } from '../../gen/tagrank/v1/user.js';
import type { CallContext } from '../callContext.js';
import { refuseWhenAllRejected } from '../convert/behaviour.js';
import { checkBatch, checkId } from '../convert/scalars.js';
import { toUpsertCounts } from '../convert/upsert.js';
import { fromUser, toRawUser } from '../convert/user.js';
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
      const user = await useCases.getUser(checkId('user_id', userId));
      if (user === undefined) throw new NotFoundError(`no user ${JSON.stringify(userId)}`);
      return { user: fromUser(user), identities: [] };
    }),
    linkIdentity: unimplementedCall(context, 'LinkIdentity comes with later work'),
    eraseUser: unimplementedCall(context, 'EraseUser comes with later work'),
  };
}
