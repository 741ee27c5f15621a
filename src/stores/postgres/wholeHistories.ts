import type { LoggedBehaviour } from '../../behaviour/behaviour.js';
import { MAX_BEHAVIOURS_A_HISTORY, type UserHistory } from '../../behaviour/behaviourLog.js';

/** Pages of behaviours by user, cut between users and not within one (unless it is too long). */
export async function* wholeHistories(rows: AsyncIterable<LoggedBehaviour[]>): AsyncGenerator<UserHistory[]> {
  let open: { userId: string; behaviours: LoggedBehaviour[] } | undefined;
  for await (const page of rows) {
    const whole: UserHistory[] = [];
    for (const logged of page) {
      const { userId } = logged.behaviour;
      if (open?.userId !== userId || open.behaviours.length === MAX_BEHAVIOURS_A_HISTORY) {
        if (open !== undefined) whole.push(open);
        open = { userId, behaviours: [] };
      }
      open.behaviours.push(logged);
    }
    if (whole.length > 0) yield whole;
  }
  if (open !== undefined) yield [open];
}
